//! Who may use whom: reads the `use` lines of every module and holds them to the design.
//!
//! The core (model, kinds, check, plan, judge, derive, policy, report, yaml) is pure: it knows
//! neither the runtime, nor AWS, nor files. Only `aws`, `collect` and `send` touch the network.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the modules of the crate that it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("yaml", &[]),
    ("model", &[]),
    ("kinds", &["model"]),
    ("check", &["model", "yaml"]),
    ("derive", &["kinds", "model"]),
    ("plan", &["check", "derive", "model"]),
    ("policy", &["model", "yaml"]),
    ("report", &["kinds", "model", "policy"]),
    (
        "judge",
        &["check", "derive", "model", "plan", "policy", "report"],
    ),
    ("aws", &["kinds", "model"]),
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
            "model",
            "plan",
            "report",
        ],
    ),
    ("send", &["aws", "kinds", "model", "report"]),
    ("cli", &["model", "report"]),
    (
        "config",
        &[
            "aws", "check", "cli", "collect", "derive", "judge", "model", "plan", "policy",
            "report", "yaml",
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
            "report",
            "scan",
            "send",
            "yaml",
        ],
    ),
];

/// Modules without a runtime, without AWS and without files.
const PURE: &[&str] = &[
    "model", "kinds", "yaml", "check", "derive", "plan", "judge", "policy", "report",
];
/// What only `aws`, `collect`, `scan`, `send` and what stands above them may name.
const IMPURE: &[&str] = &[
    "tokio",
    "aws_sdk",
    "aws_config",
    "aws_smithy",
    "futures",
    "std::fs",
    "std::process",
    "std::env",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            found.push(entry);
        }
    }
}

/// The code of a file without its tests and comments.
fn code(path: &Path) -> String {
    without_tests(&fs::read_to_string(path).unwrap())
}

/// Leaves out comments and what is compiled only for tests, wherever in the file it stands: an item
/// ends with the first line that is indented like its attribute and closes it.
fn without_tests(text: &str) -> String {
    let mut code = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let item = line.trim_start();
        if item.starts_with("#[cfg(test)]") {
            let indent = line.len() - item.len();
            let closes = |line: &&str| {
                let item = line.trim_start();
                let last = item.ends_with(';') || item.ends_with('}');
                last && line.len() - item.len() == indent
            };
            lines.find(closes);
        } else if !item.starts_with("//") {
            code.push(line);
        }
    }
    code.join("\n")
}

#[test]
fn what_follows_a_module_of_tests_is_read_too() {
    let text = "use a;\n#[cfg(test)]\n#[path = \"t.rs\"]\nmod tests;\nuse b;\n// use c;\nmod d {\n    \
                #[cfg(test)]\n    fn e() {\n        f();\n    }\n    use g;\n}\n#[cfg(test)]\nmod h {\n    use i;\n}\n";
    assert_eq!(
        without_tests(text),
        "use a;\nuse b;\nmod d {\n    use g;\n}"
    );
}

/// Every module of the crate with its code, by name, and whether the file is only for tests.
fn modules() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut modules: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let stem = relative.file_stem().unwrap().to_string_lossy();
        let test_only = stem.ends_with("tests") || stem == "sample" || stem == "current";
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let name = first.trim_end_matches(".rs").to_owned();
        if !test_only {
            modules
                .entry(name)
                .or_default()
                .push((relative.to_owned(), code(&file)));
        }
    }
    modules
}

/// The modules of the crate that a file names: `crate::a::…` and `crate::{a, b::c}`.
fn used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let word = |s: &str| -> String {
            s.trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0usize;
            let mut item = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        used.insert(word(&item));
                        item.clear();
                        continue;
                    }
                    _ => {}
                }
                item.push(c);
            }
            used.insert(word(&item));
        } else {
            used.insert(word(rest));
        }
    }
    used.remove("");
    used
}

#[test]
fn every_module_uses_only_what_it_may() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ALLOWED
        .iter()
        .map(|(name, uses)| (*name, uses.iter().copied().collect()))
        .collect();
    let modules = modules();
    let names: BTreeSet<&str> = modules.keys().map(String::as_str).collect();
    let mut problems = Vec::new();
    for (name, files) in &modules {
        if matches!(name.as_str(), "main" | "lib") {
            continue;
        }
        let Some(may) = allowed.get(name.as_str()) else {
            problems.push(format!("{name} is not in the table"));
            continue;
        };
        for (file, code) in files {
            for uses in used(code) {
                let module = names.contains(uses.as_str());
                if module && uses != *name && !may.contains(uses.as_str()) {
                    problems.push(format!("{} uses {uses}", file.display()));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut problems = Vec::new();
    for (name, files) in modules() {
        if !PURE.contains(&name.as_str()) {
            continue;
        }
        for (file, code) in files {
            for word in IMPURE.iter().filter(|word| code.contains(*word)) {
                problems.push(format!("{} names {word}", file.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn only_one_module_knows_the_expression_crate() {
    for (name, files) in modules() {
        for (file, code) in files {
            let knows = code.contains("use cel::") || code.contains("cel::common");
            assert!(!knows || name == "check", "{} names cel", file.display());
        }
    }
}

#[test]
fn only_one_file_reads_sdk_errors() {
    for (_, files) in modules() {
        for (file, code) in files {
            let reads = code.contains("SdkError::");
            assert!(
                !reads || file.ends_with("aws/error.rs"),
                "{} reads SDK errors",
                file.display()
            );
        }
    }
}
