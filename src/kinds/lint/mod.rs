//! Holds a kind's file to its service's model, and resolves it: every problem at once.

mod call;
mod context;
mod document;
mod facts;
mod part;
mod resolve;

pub(super) use context::leak;
pub(super) use facts::{Fields, Resolved};
pub(super) use resolve::{references, resolve};
