//! Validates a kind's file against its service's model, and resolves it. Reports all problems at once.

mod call;
mod context;
mod derived;
mod document;
mod facts;
mod metric;
mod part;
mod resolve;
mod schema;
mod source;
mod tags;
#[cfg(test)]
mod tests;
mod then;

pub(super) use context::leak;
pub(super) use facts::Resolved;
pub(super) use resolve::{Facts, references, resolve};
pub(super) use schema::{Fields, Properties, properties};
