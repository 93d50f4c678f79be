//! Which modules may use which, and that no files use each other in a circle.
//!
//! The core (model, kinds, check, plan, judge, derive, policy, report, yaml) is pure: it uses neither
//! the runtime, nor AWS, nor files. Only `aws`, `collect`, `send`, `store` and
//! `serve` touch the network.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod circles;
mod source;

use circles::circles;
use source::{Crate, File, Names};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Each module with the modules of the crate that it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("yaml", &[]),
    ("model", &[]),
    ("packed", &[]),
    ("kinds", &["model", "packed", "yaml"]),
    ("check", &["kinds", "model", "packed", "yaml"]),
    ("derive", &["kinds", "model"]),
    ("plan", &["check", "derive", "kinds", "model"]),
    ("policy", &["model", "yaml"]),
    ("report", &["kinds", "model", "packed", "policy"]),
    (
        "judge",
        &["check", "derive", "model", "plan", "policy", "report"],
    ),
    ("aws", &["kinds", "model", "yaml"]),
    ("collect", &["aws", "derive", "kinds", "model"]),
    ("atomic_file", &[]),
    ("panics", &[]),
    (
        "scan",
        &[
            "atomic_file",
            "aws",
            "check",
            "collect",
            "kinds",
            "model",
            "plan",
            "report",
        ],
    ),
    ("send", &["aws", "kinds", "model", "report"]),
    ("remote", &["aws", "report", "send"]),
    ("cli", &["kinds", "model", "report"]),
    (
        "config",
        &[
            "aws", "check", "cli", "collect", "derive", "judge", "kinds", "model", "plan",
            "policy", "report", "yaml",
        ],
    ),
    ("store", &["atomic_file", "aws", "model", "report", "scan"]),
    (
        "serve",
        &[
            "atomic_file",
            "aws",
            "check",
            "cli",
            "commands",
            "config",
            "kinds",
            "model",
            "policy",
            "report",
            "scan",
            "send",
            "store",
            "yaml",
        ],
    ),
    (
        "commands",
        &[
            "atomic_file",
            "aws",
            "check",
            "cli",
            "collect",
            "config",
            "derive",
            "judge",
            "kinds",
            "model",
            "plan",
            "policy",
            "remote",
            "report",
            "scan",
            "send",
            "yaml",
        ],
    ),
];

/// Modules without a runtime, without AWS and without files.
const PURE: &[&str] = &[
    "model", "yaml", "kinds", "check", "derive", "plan", "judge", "policy", "report",
];

/// What the pure modules must not use.
const IMPURE: &[&str] = &[
    "tokio",
    "futures",
    "aws_config",
    "aws_credential_types",
    "aws_sdk_",
    "aws_smithy_",
    "aws_types",
    "std::env",
    "std::fs",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::process",
];

static CRATE: LazyLock<Crate> =
    LazyLock::new(|| Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));

/// The modules that the layers are made of: those of the crate's root, but for `main` and `lib`.
fn layered() -> impl Iterator<Item = (&'static str, &'static Names, &'static File)> {
    CRATE.files().filter_map(|(module, file)| {
        let name = module.first()?.as_str();
        (name != "main").then_some((name, module, file))
    })
}

#[test]
fn every_module_uses_only_what_it_may() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ALLOWED
        .iter()
        .map(|(name, uses)| (*name, uses.iter().copied().collect()))
        .collect();
    let mut problems = Vec::new();
    for (name, module, file) in layered() {
        let Some(may) = allowed.get(name) else {
            problems.push(format!("{name} is not in the table"));
            continue;
        };
        for (used, item) in CRATE.uses(module) {
            let Some(other) = used.first() else {
                continue;
            };
            if other != name && !may.contains(other.as_str()) {
                problems.push(format!("{} uses {item}", file.path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let circles = circles(&CRATE);
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut problems = Vec::new();
    for (name, module, file) in layered() {
        if !PURE.contains(&name) {
            continue;
        }
        for path in CRATE.foreign(module) {
            let path = path.join("::");
            if IMPURE.iter().any(|start| path.starts_with(start)) {
                problems.push(format!("{} uses {path}", file.path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn only_one_module_uses_the_expression_crate() {
    for (name, module, file) in layered() {
        let foreign = CRATE.foreign(module);
        let uses = foreign.iter().any(|path| path[0] == "cel");
        assert!(!uses || name == "check", "{} uses cel", file.path.display());
    }
}

#[test]
fn only_one_file_reads_sdk_errors() {
    for (_, module, file) in layered() {
        let foreign = CRATE.foreign(module);
        // `SdkError` alone names the type, as a signature does; what follows it takes one apart.
        let reads = foreign
            .iter()
            .any(|path| path.iter().rev().skip(1).any(|name| name == "SdkError"));
        // The dynamic client makes them, as the SDK's own clients do.
        let may = file.path == Path::new("aws/error.rs") || file.path.starts_with("aws/dynamic");
        assert!(!reads || may, "{} reads SDK errors", file.path.display());
    }
}

/// Writes sources to a folder and reads them.
fn sources(files: &[(&str, &str)]) -> Crate {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Crate::read(folder.path())
}

#[test]
fn a_circle_is_found_through_parents_reexports_and_macros() {
    let parent = [
        ("a/mod.rs", "mod b; use b::work; pub struct A;"),
        ("a/b.rs", "use super::A; pub fn work(_: A) {}"),
    ];
    assert_eq!(
        circles(&sources(&parent)),
        ["a uses a/b (a::b::work)", "a/b uses a (a::A)"]
    );
    let passed_on = [
        ("a/mod.rs", "mod b; mod c; pub use c::C; use b::work;"),
        ("a/b.rs", "use super::C; pub fn work(_: C) {}"),
        ("a/c.rs", "pub struct C;"),
    ];
    assert_eq!(circles(&sources(&passed_on)), [] as [String; 0]);
    let three = [
        ("a.rs", "pub fn a() { println!(\"{}\", crate::b::b()); }"),
        ("b.rs", "use crate::c; pub fn b() { c::c(); }"),
        ("c.rs", "pub fn c() { crate::a::a(); }"),
    ];
    assert_eq!(circles(&sources(&three)).len(), 3);
}

#[test]
fn tests_may_use_anything() {
    let files = [
        (
            "a.rs",
            "pub fn a() {} #[cfg(test)] mod tests { use crate::b::b; }",
        ),
        ("b.rs", "use crate::a::a; #[cfg(all(test, unix))] fn c() {}"),
        ("a_tests.rs", "use crate::b::b;"),
    ];
    assert_eq!(circles(&sources(&files)), [] as [String; 0]);
}

#[test]
fn a_module_within_a_file_is_part_of_the_file() {
    let text = "use a::b; mod c { use super::d; use tokio::sync; } mod e { use crate::f::g; }";
    let read = File::read(PathBuf::from("x.rs"), text);
    assert_eq!(read.path, Path::new("x.rs"));
    let files = [("x.rs", text), ("f.rs", "pub fn g() {}")];
    let all = sources(&files);
    let x = vec!["x".to_owned()];
    let used: Vec<Names> = all.uses(&x).into_keys().collect();
    assert_eq!(used, [["f"]]);
    let foreign: BTreeSet<String> = all.foreign(&x).iter().map(|p| p.join("::")).collect();
    assert!(foreign.contains("tokio::sync") && foreign.contains("a::b"));
}
