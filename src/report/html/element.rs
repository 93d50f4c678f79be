//! The elements of the page that hold the report.

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// How many findings a block holds: few enough that unpacking one for an opened finding takes no time
/// that is felt, and enough to compress well.
pub(super) const BLOCK: usize = 2048;

/// Writes one element.
pub(super) fn part(name: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<script type=\"application/octet-stream;base64\" id=\"report-{name}\">"
    )?;
    let mut packed = GzEncoder::new(
        EncoderWriter::new(&mut *out, &STANDARD),
        Compression::default(),
    );
    packed.write_all(text.as_bytes())?;
    packed.finish()?.finish()?;
    out.write_all(b"</script>\n")
}
