//! The edge to AWS: sessions and clients, the gate that every request passes, and the one reader of
//! SDK errors.

pub mod budget;
pub mod clients;
pub mod error;
pub mod gate;
mod http;
pub mod lane;
pub mod ledger;
pub mod limits;
mod one_host;
pub mod session;

pub use clients::Clients;
pub use error::{ask, must};
