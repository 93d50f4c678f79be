//! The built server: audits on demand and on a schedule, killed and paused servers, and who may do
//! what. The endpoint of `tests/endpoint` plays AWS from memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::print_stderr,
    reason = "a test that leaves something out says so"
)]

mod absence;
#[path = "../hostile/account/mod.rs"]
mod account;
mod attacks;
mod audits;
mod backup;
mod decisions;
mod elsewhere;
#[path = "../endpoint/mod.rs"]
mod endpoint;
mod faults_clock;
mod faults_database;
mod faults_kill;
mod faults_load;
mod filters;
mod guard;
mod login;
mod login_attacks;
mod mail;
mod notify;
mod outbox;
mod page;
mod postgres;
mod provider;
mod remote;
mod retention;
mod schedules;
mod server;
mod sessions;
mod take_over;
mod telemetry;
