//! What is said of a panic: a mistake of ours, or of a crate that is given what strangers wrote.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::BTreeSet;
use std::io::Write;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

/// From now on a panic, be it caught or not, is told on standard error by its place and never by its
/// message: that may quote what it broke on, a piece of an account, and a secret at worst. One that
/// comes with every resource is told once.
pub fn report() {
    let told: Mutex<BTreeSet<String>> = Mutex::default();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map_or_else(|| "an unknown place".to_owned(), place);
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(place.clone()) {
            let text = text(&place, &Backtrace::capture());
            // Nothing more can be done if even standard error is gone.
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }));
}

fn text(place: &str, way: &Backtrace) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let text = format!(
        "sixpillars: internal error at {place}, version {version}; its message is not shown, as it \
         may hold what was read\n  help: please report it with this line"
    );
    match way.status() {
        BacktraceStatus::Captured => format!("{text} and the way there:\n{way}\n"),
        _ => format!("{text}; RUST_BACKTRACE=1 shows the way there\n"),
    }
}

/// File, line and column. Of a crate's file only what is below the folder of all crates, which says
/// nothing of the machine that the program was built on.
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

    /// A test of its own in a process of its own, since there is one hook for all of a process.
    #[test]
    fn a_panic_is_told_by_its_place_and_once() {
        let name = "panics::tests::panics_where_another_test_asks_for_it";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(VARIABLE, "yes")
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert!(!said.contains(SECRET), "{said}");
        let places = said.matches("internal error at ").count();
        assert_eq!(places, 2, "{said}");
        assert!(said.contains("please report it"), "{said}");
    }

    /// Three times in one place and once in another, the message holds a secret: the one of a text that
    /// is cut in the middle of a letter quotes it.
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
