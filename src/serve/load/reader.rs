//! Reading the configuration: its document, its folder, and what is wrong with it.

use crate::serve::variables::filled;
use crate::yaml::{Document, PathSeg, Problem};
use std::path::{Path, PathBuf};

/// The file of a configuration, while it is read.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    pub(super) folder: &'a Path,
    pub(super) problems: Vec<Problem>,
}

impl Reader<'_> {
    /// Notes what is wrong at a place.
    pub(super) fn problem(
        &mut self,
        path: &[PathSeg],
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let problem = self.document.problem(path, message);
        self.problems.push(problem.with_maybe_help(help));
    }

    /// A text with its environment variables filled in.
    pub(super) fn filled(
        &mut self,
        at: &[PathSeg],
        text: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> String {
        let (filled, problems) = filled(text, variable);
        for problem in problems {
            self.problem(at, problem, None);
        }
        filled
    }

    /// A path in the file, which is relative to the file's folder.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }
}
