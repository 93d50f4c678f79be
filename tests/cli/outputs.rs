//! Where nothing can be written: every format says so, and leaves nothing that looks whole.

use super::{FORMATS, NOVEMBER, OCTOBER, golden_report, judged, sixpillars};
use predicates::prelude::*;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const DIFF_FORMATS: [(&str, &str); 4] = [
    ("text", "diff.txt"),
    ("json", "diff.json"),
    ("markdown", "diff.md"),
    ("html", "diff.html"),
];

/// The commands that write each format, without a place for it.
fn commands(folder: &Path) -> Vec<(&'static str, Vec<String>)> {
    let file = folder.join("golden.json");
    fs::write(&file, golden_report()).unwrap();
    let old = judged(folder, "old", OCTOBER, Ok(&["vol-1", "vol-2"]));
    let new = judged(folder, "new", NOVEMBER, Ok(&["vol-2", "vol-3"]));
    let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let line = |command: &str, files: &[&PathBuf], format: &str| {
        let mut line = vec![command.to_owned()];
        line.extend(files.iter().map(|file| path(file)));
        line.extend(["--format".to_owned(), format.to_owned()]);
        line
    };
    let report = FORMATS.map(|(format, _)| (format, line("report", &[&file], format)));
    let diff = DIFF_FORMATS.map(|(format, _)| (format, line("diff", &[&old, &new], format)));
    report.into_iter().chain(diff).collect()
}

fn run(line: &[String], standard_output: impl Into<Stdio>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .args(line)
        .env_clear()
        .stdout(standard_output)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap()
}

/// That it ended with the documented code and a message that has the place, the cause and a cure.
#[track_caller]
fn refused(output: &Output, line: &[String], parts: &[&str]) {
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{line:?}: {message}");
    for part in parts {
        assert!(message.contains(part), "{part} in {line:?}: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn no_format_takes_a_full_disk_for_success() {
    let folder = tempfile::tempdir().unwrap();
    for (_, line) in commands(folder.path()) {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let parts = ["standard output", "No space left on device", "help: "];
        refused(&run(&line, full), &line, &parts);
    }
}

/// People have seen enough when they close it; a program has half of a file.
#[test]
fn a_pipe_that_is_closed_halfway_is_an_error_for_programs_only() {
    let folder = tempfile::tempdir().unwrap();
    for (format, line) in commands(folder.path()) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run(&line, writer);
        if ["text", "markdown"].contains(&format) {
            assert_eq!(output.status.code(), Some(0), "{line:?}");
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line:?}");
        } else {
            let parts = ["standard output", "Broken pipe", "help: "];
            refused(&output, &line, &parts);
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for (_, mut line) in commands(folder.path()) {
        let place = file.join("out").to_str().unwrap().to_owned();
        line.extend(["--output".to_owned(), place.clone()]);
        refused(&run(&line, Stdio::null()), &line, &[&place, "help: "]);
    }
}

/// A limit on the size of files stands for a disk that becomes full halfway.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_no_half_file_and_keeps_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    for (number, (_, mut line)) in commands(folder.path()).into_iter().enumerate() {
        let out = folder.path().join(number.to_string());
        let place = out.to_str().unwrap().to_owned();
        line.extend(["--output".to_owned(), place.clone()]);
        let program = env!("CARGO_BIN_EXE_sixpillars").to_owned();
        let limited = [
            "-c",
            "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"",
            &program,
        ];
        let narrow = |line: &[String]| {
            let mut shell = Command::new("/bin/sh");
            shell.args(limited).args(line).env_clear();
            shell.output().unwrap()
        };
        let parts = [place.as_str(), "File too large", "help: "];
        refused(&narrow(&line), &line, &parts);
        assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "{line:?}");
        // The same if there is one of an earlier run.
        assert!(run(&line, Stdio::null()).status.success(), "{line:?}");
        let whole = files(&out);
        assert_eq!(whole.len(), 1, "{line:?}");
        refused(&narrow(&line), &line, &parts);
        assert_eq!(files(&out), whole, "{line:?}");
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| (entry.path(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn several_formats_without_a_folder_are_refused_with_the_cure() {
    for line in [
        ["report", "none.json", "--format", "csv,sarif"],
        ["judge", "none.snapshot", "--format", "json,html"],
        ["scan", "--quiet", "--format", "ndjson,text"],
    ] {
        sixpillars()
            .args(line)
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains("--output DIR"));
    }
    let folder = tempfile::tempdir().unwrap();
    let (_, mut line) = commands(folder.path()).pop().unwrap();
    line.pop();
    line.push("text,json".to_owned());
    sixpillars()
        .args(&line)
        .assert()
        .code(2)
        .stdout("")
        .stderr(predicate::str::contains("--output DIR"));
    // Nothing was typed: text, and nothing else.
    let file = folder.path().join("old.snapshot");
    super::judge(&file).assert().success().stdout(
        predicate::str::starts_with("Six Pillars")
            .and(predicate::str::contains("\"schema\"").not()),
    );
}
