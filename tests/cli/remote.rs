//! `sixpillars remote` without a service: help, completions, and what cannot be typed.

use super::sixpillars;
use predicates::prelude::*;

fn help(words: &[&str]) -> String {
    let output = sixpillars().args(words).arg("--help").assert().success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

#[test]
fn its_help_teaches_a_pipeline_and_the_exit_codes() {
    let remote = help(&["remote"]);
    for part in [
        "sixpillars remote audits start --target shop --wait --fail-on high",
        "Exit codes:",
        "SIXPILLARS_TOKEN",
        "--token-file <FILE>",
        "--ca-file <FILE>",
    ] {
        assert!(remote.contains(part), "{part}: {remote}");
    }
    insta::assert_snapshot!("remote_audits", help(&["remote", "audits"]));
    let start = help(&["remote", "audits", "start"]);
    for flag in [
        "--idempotency-key",
        "--wait",
        "--fail-on",
        "--min-coverage",
        "--timeout",
    ] {
        assert!(start.contains(flag), "{flag}: {start}");
    }
    // A token is no argument anywhere.
    for words in [
        &["remote"][..],
        &["remote", "audits", "start"],
        &["remote", "report"],
    ] {
        assert!(!help(words).contains("--token "), "{words:?}");
    }
}

#[test]
fn shells_complete_it_and_the_manual_has_it() {
    for shell in ["bash", "zsh", "fish"] {
        let output = sixpillars().args(["completions", shell]).assert().success();
        let script = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        assert!(script.contains("token-file"), "{shell}");
        // The scripts of fish go no deeper than two commands.
        let deep = script.contains("idempotency-key");
        assert!(deep || shell == "fish", "{shell}");
    }
    let manual = sixpillars().arg("man").assert().success();
    let manual = String::from_utf8(manual.get_output().stdout.clone()).unwrap();
    assert!(
        manual.contains("sixpillars\\-remote\\-audits\\-start"),
        "the page of a command"
    );
}

#[test]
fn what_is_typed_wrong_is_said_before_anything_is_sent() {
    let fails = |words: &[&str], parts: &[&str]| {
        let output = sixpillars().arg("remote").args(words).assert().code(2);
        for part in parts {
            let said = predicate::str::contains(*part);
            assert!(
                said.eval(&String::from_utf8_lossy(&output.get_output().stderr)),
                "{part}"
            );
        }
    };
    let list = ["targets", "list"];
    let url = |url| [&["--url", url][..], &list].concat();
    fails(
        &url("audits.example.com"),
        &["--url is not an address of the form"],
    );
    fails(&url("http://audits.example.com"), &["--url is not https"]);
    fails(
        &url("https://me:secret@audits.example.com"),
        &["user name or password"],
    );
    fails(
        &["report"],
        &["required arguments were not provided", "<ID>"],
    );
    fails(
        &[
            "audits",
            "start",
            "--target",
            "shop",
            "--min-coverage",
            "90",
        ],
        &["help: add --wait"],
    );
    let key = "x".repeat(201);
    fails(
        &[
            "audits",
            "start",
            "--target",
            "shop",
            "--idempotency-key",
            &key,
        ],
        &["1 to 200 characters"],
    );
    let output = sixpillars()
        .args(["remote", "targets", "list"])
        .env("SIXPILLARS_TOKEN", "two words")
        .assert()
        .code(2);
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("SIXPILLARS_TOKEN holds no token"), "{said}");
    assert!(!said.contains("two words"), "{said}");
}
