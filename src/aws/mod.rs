//! The edge to AWS: sessions and clients, the gate that every request passes, and the one reader of
//! SDK errors.

pub mod budget;
pub mod clients;
mod connector;
mod credentials;
mod door;
pub mod error;
pub mod gate;
mod http;
pub mod lane;
pub mod ledger;
pub mod limits;
mod one_host;
mod refused;
mod reply;
pub mod session;
pub mod session_policy;
mod whole;

pub use clients::Clients;
pub use error::{ask, must};
