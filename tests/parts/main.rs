//! What an account is read in, part by part: which calls read it, and what is unknown without it. The
//! account is generated and served from memory, so these tests need nothing but this machine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../hostile/account/mod.rs"]
mod account;
mod assessed;
mod calls;
#[path = "../endpoint/mod.rs"]
mod endpoint;
mod gaps;
#[path = "../planned/mod.rs"]
mod planned;

use account::{Account, Size};
use endpoint::{Endpoint, Source};
use std::process::Stdio;
use tempfile::TempDir;

/// The region that is read. One shows as much as several.
const REGION: &str = "eu-west-1";

/// An endpoint that answers for an account of this size.
async fn serve(size: Size) -> Endpoint {
    let account = Account::new(size);
    Endpoint::start(Source::memory(move |call| account.answer(call))).await
}

/// What the program prints, run against the endpoint with nothing else in its environment.
async fn run(endpoint: &Endpoint, folder: &TempDir, arguments: &[&str]) -> String {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .args(arguments)
        .args(["--regions", REGION])
        .env_clear()
        .envs(endpoint.environment())
        .envs(endpoint::CREDENTIALS)
        .env("SIXPILLARS_STATE_DIR", folder.path())
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}
