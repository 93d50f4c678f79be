//! Files that the program carries, compressed when it is built (`build.rs`).

use flate2::bufread::ZlibDecoder;
use std::io::{self, Read};

/// The text of a compressed file.
///
/// # Errors
/// If it is damaged.
pub(crate) fn unpack(packed: &[u8]) -> io::Result<String> {
    // Most of these files are two to three times as long.
    let mut text = String::with_capacity(packed.len() * 3);
    ZlibDecoder::new(packed).read_to_string(&mut text)?;
    Ok(text)
}
