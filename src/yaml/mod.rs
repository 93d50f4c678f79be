//! YAML files with a position for every value, validated against the JSON schema of a Rust type.
//!
//! ```text
//! text -> Document (a tree with positions) -> decode::<T>() -> T, or every problem at once
//! ```
//!
//! The reader accepts YAML 1.2 without anchors, aliases and tags: files stay readable, and a small
//! file cannot expand into a huge one.

#[cfg(test)]
mod current;
pub mod decode;
mod problem;
mod scalar;
mod schema;
mod suggest;
mod tree;

#[cfg(test)]
pub(crate) use current::assert_schema_is_current;
pub use decode::{Decoded, decode, decode_node, decode_partial};
pub use problem::{Level, PathSeg, Pos, Problem};
pub use suggest::{did_you_mean, suggest};
pub use tree::{Entry, Node, Tree};

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

    /// A problem with the value at a path; if the path does not exist, with the nearest existing
    /// parent.
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
