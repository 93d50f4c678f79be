//! Files that the program carries, compressed when it is built (`build.rs`).

use flate2::read::ZlibDecoder;
use std::io::{self, Read};

/// The text of a compressed file.
///
/// # Errors
/// If it is damaged.
pub(crate) fn unpack(packed: &[u8]) -> io::Result<String> {
    let mut text = String::new();
    ZlibDecoder::new(packed).read_to_string(&mut text)?;
    Ok(text)
}
