//! The edge to AWS: sessions and clients, the gate that every request passes, and the one reader of
//! SDK errors.

mod body;
pub mod clients;
mod connection_error;
mod credentials;
pub mod dynamic;
mod emulator_host;
pub mod error;
mod exchange;
pub mod http;
mod outcome;
mod proxy;
mod rejection;
pub mod session;
pub mod session_policy;
mod settings;
pub mod throttle;

pub use clients::Clients;
pub use connection_error::ConnectionError;
pub use error::{optional_answer, required_answer};
pub use rejection::Rejection;
pub use settings::{BadSetting, BadSettings};
