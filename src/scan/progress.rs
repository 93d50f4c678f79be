//! What a scan is doing, on standard error: a bar on a terminal, plain lines otherwise. Or
//! to whoever runs it.

use crate::model::Gap;
use crate::plan::PlannedJob;
use crate::scan::jobs::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A plain line at most this often, so that logs of long scans stay short.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// A receiver of progress other than a terminal.
pub trait Watcher: Send + Sync {
    /// Something worth knowing.
    fn say(&self, message: &str);
    /// `done` of `all` lists are read.
    fn read(&self, done: usize, all: usize);
}

/// A bar, lines, or nothing.
pub enum Reporter {
    /// Whoever runs the scan.
    Watched(Box<dyn Watcher>),
    /// On a terminal.
    Bar(ProgressBar),
    /// Into a log.
    Lines(Mutex<Option<Instant>>),
    /// With `--quiet`: only what is essential.
    Silent,
}

impl Reporter {
    /// What suits standard error.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        if quiet {
            Self::Silent
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template(
                "{spinner} {elapsed_precise} [{bar:30}] {pos}/{len} lists read  {msg}",
            ) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            Self::Bar(bar)
        } else {
            Self::Lines(Mutex::new(None))
        }
    }

    /// Says one thing.
    pub fn say(&self, message: &str) {
        match self {
            Self::Bar(bar) => bar.println(message),
            Self::Lines(_) => line(message),
            Self::Watched(watcher) => watcher.say(message),
            Self::Silent => {}
        }
    }

    /// Prints an essential message, also with `--quiet`.
    pub fn insist(&self, message: &str) {
        match self {
            Self::Bar(bar) => bar.suspend(|| line(message)),
            Self::Lines(_) | Self::Silent => line(message),
            Self::Watched(watcher) => watcher.say(message),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Reporter {
    fn job(&self, job: &PlannedJob, listed: &Result<(), Gap>, done: usize, all: usize) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(all as u64);
                bar.set_position(done as u64);
                bar.set_message(format!("{} {}", job.kind, job.region));
            }
            Self::Lines(last) => {
                let mut last = last
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let due = last.is_none_or(|at| at.elapsed() >= LINE_EVERY);
                if due || done == all {
                    *last = Some(Instant::now());
                    line(&format!("{done}/{all} lists read"));
                }
            }
            Self::Watched(watcher) => watcher.read(done, all),
            Self::Silent => {}
        }
        let (kind, region) = (job.kind, &job.region);
        match listed {
            Ok(()) => tracing::debug!(kind, region, "list read"),
            Err(gap) => tracing::debug!(kind, region, %gap, "list not read"),
        }
    }
}

/// A closed standard error does not stop the scan.
fn line(message: &str) {
    let _ = writeln!(std::io::stderr(), "sixpillars: {message}");
}
