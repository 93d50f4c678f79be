//! Holds a kind's file to its service's model, and resolves it: every problem at once.

mod call;
mod context;
mod derived;
mod document;
mod facts;
mod metric;
mod part;
mod resolve;
mod tags;
#[cfg(test)]
mod tests;

pub(super) use context::leak;
pub(super) use facts::{Fields, Resolved};
pub(super) use resolve::{Facts, references, resolve};
