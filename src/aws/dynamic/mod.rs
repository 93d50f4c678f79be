//! Calls any operation of a model, without a crate of its own: by the SDK's own protocols, signer and
//! retries, and through the same gate as every other request.

mod client;
mod codec;
mod endpoint;
mod error;
mod input;
mod output;
#[cfg(test)]
mod protocol_tests;
mod schema;
mod service;
mod value;
mod xml;

pub(super) use client::Connection;
pub use client::{DynamicClient, Pages};
pub use error::{DynamicError, ServiceError};
pub use service::{DynamicService, ServiceUnavailable};
pub use value::{decode, object};
