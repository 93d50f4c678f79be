//! The built program on AWS's bad days: throttled, refused, cut off, killed. The endpoint of
//! `tests/endpoint` plays AWS from memory, so these tests need nothing but this machine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod accounts;
mod credentials;
mod denial;
mod elsewhere;
#[path = "../endpoint/mod.rs"]
mod endpoint;
mod entry;
mod generated;
mod halt;
mod hints;
mod interrupted;
mod late;
mod location;
mod money;
mod network;
mod no_aws_error;
mod once;
mod own_kinds;
mod pages;
mod printed;
mod read_only;
mod roles;
mod rounds;
mod scan;
mod secrets;
mod throttling;
#[path = "../verdicts/mod.rs"]
mod verdicts;
