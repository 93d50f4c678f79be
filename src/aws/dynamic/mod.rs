//! Calls any operation of a model, without a crate for its service. It uses the SDK's own protocols, signer
//! and retries, and goes through the same gate as every other request.

mod client;
mod codec;
mod endpoint;
mod error;
mod input;
mod output;
mod pages;
mod plugins;
#[cfg(test)]
mod protocol_tests;
mod schema;
mod service;
mod value;
mod xml;
mod xml_reader;
mod xml_values;

pub use client::DynamicClient;
pub use error::{DynamicError, ServiceError};
pub use pages::Pages;
pub(super) use plugins::Connection;
pub use service::{DynamicService, ServiceUnavailable};
pub use value::{decode, object};
