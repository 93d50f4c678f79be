//! A client of the standing service's API, for scripts and pipelines.

mod address;
mod error;
mod events;
mod service;

pub use address::{Address, BadAddress};
pub use error::{Refusal, RemoteError};
pub use events::{Event, Events};
pub use service::{Service, Token, path, query};
