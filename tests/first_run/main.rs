//! The built program as a person starts it for the first time: with credentials, a region or a network
//! that do not work. Each fault ends in one message that says the cause, where the program looked,
//! and what to do; and nothing that cannot succeed is tried again.
//!
//! Stand-ins on this machine play AWS, its sign-in services and the metadata service.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../hostile/account/mod.rs"]
mod account;
mod accounts;
mod aws;
mod credentials;
#[path = "../endpoint/mod.rs"]
mod endpoint;
mod http_proxy;
mod network;
#[allow(dead_code, reason = "the topics do not all use all of it")]
mod person;
mod profiles;
mod proxy;
mod regions;
mod report;
#[path = "../hostile/roles.rs"]
mod roles;
#[allow(dead_code, reason = "the topics do not all use all of it")]
mod stand_in;
mod tls;
