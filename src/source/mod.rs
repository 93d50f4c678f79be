//! Files that people write: YAML with a position for every value, checked against the JSON schema
//! of the Rust type it becomes.
//!
//! ```text
//! text -> Document (a tree with positions) -> decode::<T>() -> T, or every problem at once
//! ```
//!
//! The reader takes YAML 1.2 without anchors, aliases and tags: files stay readable, and a small file
//! cannot unfold into a huge one.

#[cfg(test)]
mod current;
pub mod decode;
mod scalar;
mod schema;
mod suggest;
mod tree;

#[cfg(test)]
pub(crate) use current::assert_schema_is_current;
pub use decode::{Decoded, decode, decode_node, decode_partial};
pub use suggest::{did_you_mean, suggest};
pub use tree::{Entry, Node, Tree};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A place in a file. Both numbers count from one; columns count characters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Pos {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// How much a problem matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The file cannot be used.
    Error,
    /// The file can be used, but is probably not what was meant.
    Warning,
}

/// Something wrong in a file, with its place and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The file as the user named it.
    pub file: String,
    /// The line, from one.
    pub line: usize,
    /// The character in the line, from one.
    pub column: usize,
    /// How much it matters.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// What would be right, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    /// An error at a place in a file.
    #[must_use]
    pub fn new(file: &str, at: Pos, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: at.line,
            column: at.column,
            level: Level::Error,
            message: message.into(),
            help: None,
        }
    }

    /// The same with a line that says what would be right.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with help where there is any.
    #[must_use]
    pub fn with_maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The same as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.level = Level::Warning;
        self
    }

    /// Whether it keeps the file from being used.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            file, line, column, ..
        } = self;
        let level = match self.level {
            Level::Error => "",
            Level::Warning => "warning: ",
        };
        write!(f, "{file}:{line}:{column}: {level}{}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// One step of the way from the root of a document to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSeg {
    /// Into a map.
    Key(String),
    /// Into a list, from zero.
    Index(usize),
}

impl From<&str> for PathSeg {
    fn from(key: &str) -> Self {
        PathSeg::Key(key.to_owned())
    }
}

impl From<usize> for PathSeg {
    fn from(index: usize) -> Self {
        PathSeg::Index(index)
    }
}

/// A parsed file.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The file as the user named it; every problem repeats it.
    pub name: String,
    /// What is in it.
    pub root: Node,
}

impl Document {
    /// Parses a file's text.
    ///
    /// # Errors
    /// What is wrong with it as YAML: the first error of syntax, or all repeated keys, anchors,
    /// aliases and tags.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let root = tree::parse(name, text)?;
        Ok(Self {
            name: name.to_owned(),
            root,
        })
    }

    /// The value at a path.
    #[must_use]
    pub fn get(&self, path: &[PathSeg]) -> Option<&Node> {
        path.iter().try_fold(&self.root, |node, seg| node.step(seg))
    }

    /// The place of the value at a path.
    #[must_use]
    pub fn locate(&self, path: &[PathSeg]) -> Option<Pos> {
        self.get(path).map(|node| node.at)
    }

    /// A problem with the value at a path; where the path leads nowhere, with the nearest value
    /// around it.
    #[must_use]
    pub fn problem(&self, path: &[PathSeg], message: impl Into<String>) -> Problem {
        let mut node = &self.root;
        for seg in path {
            match node.step(seg) {
                Some(next) => node = next,
                None => break,
            }
        }
        Problem::new(&self.name, node.at, message)
    }

    /// A problem with the key that leads to the value at a path, such as a misspelt check id in a
    /// map of parameters.
    #[must_use]
    pub fn problem_with_key(&self, path: &[PathSeg], message: impl Into<String>) -> Problem {
        let at = path.split_last().and_then(|(last, parents)| {
            let PathSeg::Key(key) = last else { return None };
            self.get(parents)?.entry(key).map(|entry| entry.key_at)
        });
        let mut problem = self.problem(path, message);
        if let Some(at) = at {
            (problem.line, problem.column) = (at.line, at.column);
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_keys_are_located() {
        let text = "name: x\nchecks:\n  include: [a, b]\n";
        let document = Document::parse("p.yaml", text).unwrap();
        let path = ["checks".into(), "include".into(), 1.into()];
        assert_eq!(
            document.locate(&path),
            Some(Pos {
                line: 3,
                column: 16
            })
        );
        let problem = document.problem_with_key(&path[..2], "no");
        assert_eq!((problem.line, problem.column), (3, 3));
        let nearest = document.problem(&["checks".into(), "nowhere".into()], "no");
        assert_eq!((nearest.line, nearest.column), (3, 3));
    }

    #[test]
    fn a_problem_reads_as_one_line_and_a_hint() {
        let problem = Problem::new("p.yaml", Pos { line: 3, column: 2 }, "unknown key `x`")
            .with_help("did you mean `y`?");
        assert_eq!(
            problem.to_string(),
            "p.yaml:3:2: unknown key `x`\n  help: did you mean `y`?"
        );
    }
}
