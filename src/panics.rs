//! Reporting of panics: bugs in sixpillars, or in a crate that processes untrusted data.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::BTreeSet;
use std::io::Write;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

/// Installs a panic hook that prints the location of a panic to standard error, and never its
/// message: that may quote data of the account, even a secret. A panic that repeats at the same
/// location is printed once.
pub fn report() {
    let reported: Mutex<BTreeSet<String>> = Mutex::default();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map_or_else(|| "an unknown place".to_owned(), place);
        let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.insert(place.clone()) {
            let text = text(&place, &Backtrace::capture());
            // Nothing more can be done if even standard error is gone.
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }));
}

fn text(place: &str, way: &Backtrace) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let text = format!(
        "sixpillars: internal error at {place}, version {version}; its message is not shown \
         because it may contain data that was read\n  help: please report it with this line"
    );
    match way.status() {
        BacktraceStatus::Captured => format!("{text} and this backtrace:\n{way}\n"),
        _ => format!("{text}; RUST_BACKTRACE=1 adds a backtrace\n"),
    }
}

/// File, line and column. The path of a dependency's file is shortened, so that it reveals nothing
/// of the machine that built the program.
fn place(at: &Location<'_>) -> String {
    let file = at.file().replace('\\', "/");
    let in_crates = file.split_once("/registry/src/");
    let in_crate = in_crates.and_then(|(_, rest)| Some(rest.split_once('/')?.1));
    format!(
        "{}:{}:{}",
        in_crate.unwrap_or(&file),
        at.line(),
        at.column()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const SECRET: &str = "correct-horse-battery-staple";
    const VARIABLE: &str = "SIXPILLARS_TEST_PANICS";

    /// Runs in a process of its own, since a process has only one panic hook.
    #[test]
    fn a_panic_is_told_by_its_place_and_once() {
        let name = "panics::tests::panics_where_another_test_asks_for_it";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(VARIABLE, "yes")
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{message}");
        assert!(!message.contains(SECRET), "{message}");
        let places = message.matches("internal error at ").count();
        assert_eq!(places, 2, "{message}");
        assert!(message.contains("please report it"), "{message}");
    }

    /// Panics three times in one place and once in another, with a secret in the message: that of a
    /// text cut inside a character quotes it.
    #[test]
    fn panics_where_another_test_asks_for_it() {
        if std::env::var_os(VARIABLE).is_none() {
            return;
        }
        report();
        let text = format!("{SECRET} \u{e9}");
        for _ in 0..3 {
            let cut = std::panic::catch_unwind(|| text[..text.len() - 1].to_owned());
            assert!(cut.is_err());
        }
        let thread = std::thread::spawn(move || panic!("{text}"));
        assert!(thread.join().is_err());
    }

    #[test]
    fn a_place_says_nothing_of_the_machine_it_was_built_on() {
        let here = place(Location::caller());
        assert!(here.starts_with("src/panics.rs:"), "{here}");
    }
}
