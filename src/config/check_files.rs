//! The user's own checks, as files in a folder.

use crate::check::catalog::{CheckSource, id_of};
use crate::yaml::{Pos, Problem};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The `<service>/<flaw>.yaml` files below a folder, and a problem for everything that cannot be
/// read or if there is no check.
pub(super) fn read(dir: &Path) -> (Vec<CheckSource>, Vec<Problem>) {
    let mut found = FolderScan::default();
    for folder in found.entries(dir, dir) {
        // One level: services.
        found.entries(dir, &folder);
    }
    if found.files.is_empty() && found.problems.is_empty() {
        let problem = Problem::new(&dir.display().to_string(), Pos::START, "no checks here");
        let help = "checks are files named <service>/<flaw>.yaml below this folder";
        found.problems.push(problem.with_help(help));
    }
    (found.files, found.problems)
}

#[derive(Default)]
struct FolderScan {
    files: Vec<CheckSource>,
    problems: Vec<Problem>,
}

impl FolderScan {
    /// Takes the checks of a folder, and returns the folders in it.
    fn entries(&mut self, root: &Path, dir: &Path) -> Vec<PathBuf> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(dir, &error);
                return Vec::new();
            }
        };
        let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
        paths.sort();
        let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
        for file in files {
            self.file(root, &file);
        }
        folders
    }

    fn file(&mut self, root: &Path, file: &Path) {
        let relative = file.strip_prefix(root).unwrap_or(file);
        // Files that are not checks need not be readable.
        if id_of(relative).is_none() {
            return;
        }
        match fs::read_to_string(file) {
            Ok(text) => {
                let name = file.display().to_string();
                self.files.extend(CheckSource::new(relative, name, text));
            }
            Err(error) => self.unreadable(file, &error),
        }
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let message = format!("cannot be read: {error}");
        let problem = Problem::new(&path.display().to_string(), Pos::START, message);
        self.problems.push(problem);
    }
}
