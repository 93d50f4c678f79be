//! Text with expressions in braces: `{r.size_gib} GiB {r.volume_type}, unattached`.

use super::expr::{Expr, NoValue, Scope};
use super::parse::Origin;
use super::types::Problem;
use crate::model::shape::Shape;
use std::collections::BTreeSet;

#[derive(Debug)]
enum Piece {
    Text(String),
    Value(Box<Expr>),
}

/// A compiled template. `{{` and `}}` stand for braces.
#[derive(Debug)]
pub struct Template(Vec<Piece>);

/// Replaces a value that could not be read.
const UNREADABLE: &str = "(unreadable)";
/// Replaces a value below one that is null: what is absent has nothing in it either. Null reads so too.
const ABSENT: &str = "none";

impl Template {
    /// Compiles a template over a kind's fields and a check's parameters.
    ///
    /// # Errors
    /// Every problem in any of its expressions, and braces that do not match.
    pub fn compile(
        source: &str,
        origin: Origin,
        r: &Shape,
        p: &Shape,
    ) -> Result<Self, Vec<Problem>> {
        let mut pieces = Vec::new();
        let mut problems = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            let offset = source.len() - rest.len() + at;
            text.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                text.push_str(brace);
                rest = after;
                continue;
            }
            let Some(end) = after.find('}').filter(|_| brace == "{") else {
                problems.push(
                    Problem::at(offset, format!("`{brace}` has no matching brace"))
                        .help("write `{{` and `}}` for literal braces"),
                );
                rest = after;
                continue;
            };
            match Expr::compile(&after[..end], origin, r, p) {
                Ok(expr) => {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Value(Box::new(expr)));
                }
                Err(found) => problems.extend(found.into_iter().map(|mut problem| {
                    problem.offset += offset + 1;
                    problem
                })),
            }
            rest = &after[end + 1..];
        }
        text.push_str(rest);
        pieces.push(Piece::Text(text));
        if problems.is_empty() {
            Ok(Self(pieces))
        } else {
            Err(problems)
        }
    }

    /// The top-level fields that it reads.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<String> {
        self.values()
            .flat_map(|e| e.reads().into_iter().map(ToOwned::to_owned))
            .collect()
    }

    /// Its expressions.
    pub(super) fn values(&self) -> impl Iterator<Item = &Expr> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Value(expr) => Some(expr.as_ref()),
            Piece::Text(_) => None,
        })
    }

    /// Fills in the values.
    #[must_use]
    pub fn render(&self, scope: Scope<'_>) -> String {
        self.fill(scope, ABSENT, |value| value)
    }

    /// Fills in the values for a shell: everything but plain words is quoted, since names are
    /// untrusted and people paste commands. A command that lacks a value is none that a shell takes.
    #[must_use]
    pub fn render_shell(&self, scope: Scope<'_>) -> String {
        self.fill(scope, UNREADABLE, |value| shell_word(&value))
    }

    fn fill(&self, scope: Scope<'_>, absent: &str, quote: impl Fn(String) -> String) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value(expr) => match expr.text(scope) {
                    Ok(value) => out.push_str(&quote(value)),
                    Err(NoValue::Gaps(_)) => out.push_str(UNREADABLE),
                    Err(NoValue::Broken(_)) => out.push_str(absent),
                },
            }
        }
        out
    }
}

fn shell_word(value: &str) -> String {
    let plain = !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._:/@=+,-".contains(c));
    if plain {
        return value.to_owned();
    }
    let printable: String = value.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", printable.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_named_is_quoted_for_the_shell() {
        assert_eq!(shell_word("vol-123"), "vol-123");
        assert_eq!(shell_word("$(rm -rf /)"), "'$(rm -rf /)'");
        assert_eq!(shell_word("it's\n"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
