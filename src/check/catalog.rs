//! All checks, loaded and validated.

use super::check::{Check, compile};
use super::kinds::Kinds;
use super::parse::Origin;
use super::practices::Practices;
use crate::kinds::parallel::in_parallel;
use crate::packed::unpack;
use crate::yaml::{Document as Source, Problem};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

// The files of `checks/`, with their paths.
include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// Checks by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    checks: BTreeMap<String, Arc<Check>>,
}

impl Catalog {
    /// The checks that come with the binary.
    ///
    /// # Errors
    /// Every problem in every file but those of examples, which take a while. The catalogue test asserts
    /// that there are none.
    pub fn embedded(kinds: &Kinds, practices: &Practices) -> Result<Self, Vec<Problem>> {
        let mut catalog = Self::default();
        catalog.add(&embedded_files(), kinds, practices)?;
        Ok(catalog)
    }

    /// Adds the user's own checks. One with the id of a known check replaces it.
    ///
    /// # Errors
    /// Every problem in every file.
    pub fn add(
        &mut self,
        files: &[CheckSource],
        kinds: &Kinds,
        practices: &Practices,
    ) -> Result<(), Vec<Problem>> {
        // Parsing expressions takes most of the program's start-up time.
        let compiled = in_parallel(files, |file| {
            let source = Source::parse(&file.name, &file.text())?;
            compile(&file.id, &source, kinds, practices, file.origin())
        });
        let mut problems = Vec::new();
        for (file, check) in files.iter().zip(compiled) {
            match check {
                Ok(check) => _ = self.checks.insert(file.id.clone(), Arc::new(check)),
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

/// A file that is to be a check.
pub struct CheckSource {
    id: String,
    name: String,
    text: Text,
}

/// The text of a file.
enum Text {
    Plain(String),
    /// As the program carries it.
    Packed(&'static [u8]),
}

impl CheckSource {
    /// The file at a path relative to its folder of checks, with its name in problems. `None` if
    /// the path is not that of a check.
    #[must_use]
    pub fn new(relative: &Path, name: String, text: String) -> Option<Self> {
        let id = id_of(relative)?;
        let text = Text::Plain(text);
        Some(Self { id, name, text })
    }

    fn text(&self) -> Cow<'_, str> {
        match &self.text {
            Text::Plain(text) => text.into(),
            Text::Packed(packed) => unpack(packed)
                .unwrap_or_else(|error| unreachable!("packed when the program was built: {error}"))
                .into(),
        }
    }

    fn origin(&self) -> Origin {
        match self.text {
            Text::Plain(_) => Origin::File,
            Text::Packed(_) => Origin::Program,
        }
    }
}

/// The check id of a path relative to its folder: `ec2/volume-gp2` for `ec2/volume-gp2.yaml`. Files
/// outside of a service's folder are no checks, such as the best practices.
#[must_use]
pub fn id_of(relative: &Path) -> Option<String> {
    let in_service = relative.components().count() == 2;
    let yaml = relative
        .extension()
        .is_some_and(|e| e == "yaml" || e == "yml");
    let id = relative.with_extension("");
    (in_service && yaml).then(|| id.to_string_lossy().replace('\\', "/"))
}

fn embedded_files() -> Vec<CheckSource> {
    let sources = FILES.iter().filter_map(|(path, packed)| {
        Some(CheckSource {
            id: id_of(Path::new(path))?,
            name: format!("checks/{path}"),
            text: Text::Packed(packed),
        })
    });
    sources.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::kinds::kinds;
    use crate::kinds::load::fields;

    /// The program itself trusts them, to start sooner.
    #[test]
    fn the_examples_of_the_programs_checks_are_valid() {
        let (kinds, practices) = (kinds(fields()), Practices::embedded().unwrap());
        let problems = in_parallel(&embedded_files(), |file| {
            let source = Source::parse(&file.name, &file.text()).unwrap();
            let check = compile(&file.id, &source, &kinds, &practices, Origin::File);
            check.err().unwrap_or_default()
        });
        let lines: Vec<String> = problems.iter().flatten().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}
