//! How much is asked of AWS at once, how fast, and for how much money: the rate limiters, the circuit
//! breakers and the budget, held to at the HTTP connector, where every attempt and every page passes.

pub mod budget;
pub(in crate::aws) mod circuit_breaker;
pub(in crate::aws) mod connector;
pub mod gate;
pub mod ledger;
pub mod limits;
pub(in crate::aws) mod operation_breaker;
pub mod rate_limiter;
