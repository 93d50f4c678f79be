//! All checks, loaded and validated.

use super::check::{Check, compile};
use super::practices::Practices;
use super::schema::Shape;
use crate::model::Kind;
use crate::source::{Document as Source, Problem};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The checks that come with the binary.
static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/checks");

/// A kind and the fields that checks of it may read.
#[derive(Debug, Clone)]
pub struct KindFields {
    /// The kind.
    pub kind: &'static Kind,
    /// Its fields.
    pub shape: Shape,
}

/// Kinds by name, as the catalogue sees them: data, not collectors.
pub type Kinds = BTreeMap<&'static str, KindFields>;

/// The kinds' fields from their schemas.
#[must_use]
pub fn kinds(all: impl IntoIterator<Item = &'static Kind>) -> Kinds {
    all.into_iter()
        .map(|kind| {
            let shape = Shape::from_schema((kind.schema)().as_value());
            (kind.name, KindFields { kind, shape })
        })
        .collect()
}

/// Checks by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    checks: BTreeMap<String, Arc<Check>>,
}

impl Catalog {
    /// The checks that come with the binary.
    ///
    /// # Errors
    /// Every problem in every file; the catalogue test asserts that there are none.
    pub fn embedded(kinds: &Kinds, practices: &Practices) -> Result<Self, Vec<Problem>> {
        let mut files = Vec::new();
        embedded_files(&EMBEDDED, &mut files);
        let mut catalog = Self::default();
        catalog.add(&files, kinds, practices)?;
        Ok(catalog)
    }

    /// Adds the user's own checks from a folder of `<service>/<flaw>.yaml` files. A check with the
    /// id of a known one replaces it.
    ///
    /// # Errors
    /// Every problem in every file, unreadable files included.
    pub fn add_dir(
        &mut self,
        dir: &Path,
        kinds: &Kinds,
        practices: &Practices,
    ) -> Result<(), Vec<Problem>> {
        let mut files = Vec::new();
        let mut problems = Vec::new();
        read_dir(dir, dir, &mut files, &mut problems);
        if files.is_empty() && problems.is_empty() {
            problems.push(
                Problem::new(&dir.display().to_string(), START, "no checks here")
                    .with_help("checks are files named <service>/<flaw>.yaml below this folder"),
            );
        }
        if let Err(found) = self.add(&files, kinds, practices) {
            problems.extend(found);
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    fn add(
        &mut self,
        files: &[CheckSource],
        kinds: &Kinds,
        practices: &Practices,
    ) -> Result<(), Vec<Problem>> {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        // Parsing expressions is most of the time that the program takes to start.
        let mut compiled: Vec<(usize, Compiled)> = std::thread::scope(|scope| {
            let working: Vec<_> = (0..workers)
                .map(|_| scope.spawn(|| compile_some(files, &next, kinds, practices)))
                .collect();
            working
                .into_iter()
                .flat_map(|worker| {
                    worker
                        .join()
                        .unwrap_or_else(|e| std::panic::resume_unwind(e))
                })
                .collect()
        });
        // Which of them compiled what is up to chance; what is said of it is not.
        compiled.sort_by_key(|(index, _)| *index);
        let mut problems = Vec::new();
        for (index, check) in compiled {
            match check {
                Ok(check) => {
                    self.checks.insert(files[index].id.clone(), Arc::new(check));
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// All, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Check>> {
        self.checks.values()
    }

    /// One by id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Check>> {
        self.checks.get(id)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.checks.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    /// Only the checks that `keep` keeps.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&Check) -> bool) -> Self {
        let checks = self.checks.iter().filter(|(_, c)| keep(c));
        Self {
            checks: checks.map(|(id, c)| (id.clone(), Arc::clone(c))).collect(),
        }
    }
}

type Compiled = Result<Check, Vec<Problem>>;

/// Compiles the next file, and the next, until there are no more.
fn compile_some(
    files: &[CheckSource],
    next: &AtomicUsize,
    kinds: &Kinds,
    practices: &Practices,
) -> Vec<(usize, Compiled)> {
    let mut compiled = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(file) = files.get(index) else {
            return compiled;
        };
        let source = Source::parse(&file.name, &file.text);
        let check = source.and_then(|source| compile(&file.id, &source, kinds, practices));
        compiled.push((index, check));
    }
}

/// A file that may be a check.
struct CheckSource {
    id: String,
    name: String,
    text: String,
}

const START: crate::source::Pos = crate::source::Pos { line: 1, column: 1 };

/// The check id of a path relative to its folder: `ec2/volume-gp2` for `ec2/volume-gp2.yaml`. Files
/// that are not in a service's folder are something else, such as the best practices.
fn id_of(relative: &Path) -> Option<String> {
    let in_service = relative.components().count() == 2;
    let yaml = relative
        .extension()
        .is_some_and(|e| e == "yaml" || e == "yml");
    let id = relative.with_extension("");
    (in_service && yaml).then(|| id.to_string_lossy().replace('\\', "/"))
}

fn embedded_files(dir: &'static Dir<'static>, files: &mut Vec<CheckSource>) {
    for file in dir.files() {
        if let (Some(id), Some(text)) = (id_of(file.path()), file.contents_utf8()) {
            let name = format!("checks/{}", file.path().display());
            files.push(CheckSource {
                id,
                name,
                text: text.to_owned(),
            });
        }
    }
    for dir in dir.dirs() {
        embedded_files(dir, files);
    }
}

fn read_dir(root: &Path, dir: &Path, files: &mut Vec<CheckSource>, problems: &mut Vec<Problem>) {
    let mut unreadable = |path: &Path, error: std::io::Error| {
        let message = format!("cannot be read: {error}");
        problems.push(Problem::new(&path.display().to_string(), START, message));
    };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return unreadable(dir, error),
    };
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    paths.sort();
    let mut folders = Vec::new();
    for path in paths {
        if path.is_dir() {
            folders.push(path);
        } else if let Some(id) = path.strip_prefix(root).ok().and_then(id_of) {
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    files.push(CheckSource {
                        id,
                        name: path.display().to_string(),
                        text,
                    });
                }
                Err(error) => unreadable(&path, error),
            }
        }
    }
    // One level: services.
    if dir == root {
        for folder in folders {
            read_dir(root, &folder, files, problems);
        }
    }
}
