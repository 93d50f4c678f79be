//! The edge to AWS: sessions and clients, the gate that every request passes, and the one reader of
//! SDK errors.

mod body;
pub mod clients;
mod credentials;
mod emulator_host;
pub mod error;
mod http;
mod outcome;
mod rejection;
pub mod session;
pub mod session_policy;
pub mod throttle;

pub use clients::Clients;
pub use error::{ask, must};
pub use rejection::Rejection;
