//! What the page of a diff shows in addition to the later report.

use super::element::{BLOCK, part};
use crate::report::{Diff, DiffRow};
use std::io;

/// Rows of a diff as elements of the page.
#[derive(Default)]
pub(super) struct Packed {
    /// How many there are.
    pub(super) rows: u64,
    /// The elements, compressed.
    pub(super) elements: Vec<u8>,
}

/// The rows of a diff that the table of findings cannot tell: those that only the earlier report has, and
/// the others that changed for a reason which their verdicts do not say. Each is as in `diff.json`.
///
/// # Errors
/// When the findings cannot be read from where they are kept.
pub(super) fn packed(diff: &Diff) -> io::Result<Packed> {
    let mut packed = Packed::default();
    let mut lines: Vec<String> = Vec::new();
    let mut number = 0;
    let untold = |row: &DiffRow| row.is.is_none() || row.why.is_some();
    for row in diff.rows() {
        let row = row?;
        if !untold(&row) {
            continue;
        }
        lines.push(serde_json::to_string(&row)?);
        packed.rows += 1;
        if lines.len() == BLOCK {
            block(&mut lines, &mut number, &mut packed.elements)?;
        }
    }
    block(&mut lines, &mut number, &mut packed.elements)?;
    Ok(packed)
}

fn block(lines: &mut Vec<String>, number: &mut usize, elements: &mut Vec<u8>) -> io::Result<()> {
    if !lines.is_empty() {
        part(
            &format!("differences-{number}"),
            &lines.join("\n"),
            elements,
        )?;
        lines.clear();
        *number += 1;
    }
    Ok(())
}
