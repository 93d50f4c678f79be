//! The generated files, as the program carries them.

use crate::kinds::embedded;

/// A file of `kinds/`, unpacked and leaked. Each call does so again, so callers must keep the result.
pub(super) fn file(path: &str) -> &'static str {
    let text = embedded::text(path).expect("the program is not damaged");
    let text = text.expect("the file is part of the program");
    Box::leak(text.into_boxed_str())
}
