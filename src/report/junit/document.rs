//! Writes the XML.

use quick_junit::SerializeError;
use std::io::{self, Write};

/// An attribute that the library gives the root, and that no published schema of JUnit has there: servers
/// that hold a file to its schema refuse it.
const UNKNOWN: &[u8] = b" skipped=\"";

/// Passes on the document with a root that conforms to the schemas, and keeps the cause of a
/// failure, which the library drops.
pub(super) struct Document<'a> {
    out: &'a mut dyn Write,
    /// What came before the end of the root's tag; none once that is through.
    start: Option<Vec<u8>>,
    failed: Option<io::Error>,
}

impl<'a> Document<'a> {
    pub(super) fn to(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            start: Some(Vec::new()),
            failed: None,
        }
    }

    /// # Errors
    /// Why the document could not be written.
    pub(super) fn end(self, written: Result<(), SerializeError>) -> io::Result<()> {
        match (written, self.failed) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(cause)) => Err(cause),
            (Err(error), None) => Err(io::Error::other(error)),
        }
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(start) = &mut self.start else {
            return self.out.write_all(bytes);
        };
        start.extend(bytes);
        // The declaration comes first.
        let mut ends = (0..start.len()).filter(|at| start[*at] == b'>');
        let Some(end) = ends.nth(1) else {
            return Ok(());
        };
        let rest = start.split_off(end);
        let start = self.start.take().unwrap_or_default();
        self.out.write_all(&known_only(start))?;
        self.out.write_all(&rest)
    }
}

impl Write for Document<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.pass(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Without the attribute. Names and numbers are all that the others hold, so none looks like it.
fn known_only(mut start: Vec<u8>) -> Vec<u8> {
    let at = start
        .windows(UNKNOWN.len())
        .position(|some| some == UNKNOWN);
    if let Some(at) = at {
        let value = at + UNKNOWN.len();
        let quote = start[value..].iter().position(|byte| *byte == b'"');
        if let Some(length) = quote {
            start.drain(at..=value + length);
        }
    }
    start
}
