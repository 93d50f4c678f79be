//! Limits on what is requested from AWS: rate limiters, circuit breakers and the budget. The HTTP
//! connector applies them, since every attempt and every page passes it.

pub mod budget;
pub(in crate::aws) mod circuit_breaker;
pub(in crate::aws) mod connector;
pub mod gate;
pub mod ledger;
pub mod limits;
pub(in crate::aws) mod operation_breaker;
pub mod rate_limiter;
