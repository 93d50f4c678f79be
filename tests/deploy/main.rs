//! What `deploy/` and `docs/running.md` say agrees with the program: what its roles may do, its
//! configurations, its metrics, and every key of the configuration.
//!
//! `UPDATE_SCHEMAS=1` writes the generated parts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod keys;
mod permissions;
mod service;

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of the repository as text.
fn text(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Asserts that a file has this text, or writes it with `UPDATE_SCHEMAS=1`.
fn assert_current(path: &str, wanted: &str) {
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(file(path), wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(file(path)).unwrap_or_default();
    assert!(
        found == wanted,
        "{path} is not current: UPDATE_SCHEMAS=1 cargo test --test deploy writes it"
    );
}

/// The text with another one between the lines that begin and end a generated part.
fn with_part(text: &str, begin: &str, end: &str, part: &str) -> String {
    let (before, rest) = text.split_once(begin).expect("the part begins");
    let (_, after) = rest.split_once(end).expect("the part ends");
    format!("{before}{begin}\n{part}{end}{after}")
}

/// The files below a folder, sorted.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(file(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
