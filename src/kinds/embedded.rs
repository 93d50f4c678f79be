//! The files of `kinds/` that the program carries, compressed when it is built.

use crate::packed::unpack;

/// A file that could not be unpacked.
#[derive(Debug, thiserror::Error)]
#[error("kinds/{path} in the program is damaged: {source}")]
pub struct DamagedFile {
    path: &'static str,
    source: std::io::Error,
}

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// The paths of all files, sorted, such as `dynamodb/table.yaml`.
pub fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| *path)
}

/// The text of a file; `None` if there is no such file.
///
/// # Errors
/// If the file cannot be unpacked.
pub fn text(path: &str) -> Result<Option<String>, DamagedFile> {
    let Ok(at) = FILES.binary_search_by_key(&path, |(path, _)| path) else {
        return Ok(None);
    };
    let (path, packed) = FILES[at];
    let text = unpack(packed).map_err(|source| DamagedFile { path, source })?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_unpacks_to_what_is_in_the_folder() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kinds");
        let mut paths = paths().peekable();
        assert!(paths.peek().is_some());
        for path in paths {
            let there = std::fs::read_to_string(folder.join(path)).unwrap();
            assert_eq!(
                text(path).unwrap().as_deref(),
                Some(there.as_str()),
                "{path}"
            );
        }
        assert!(text("no-such-service/model.json").unwrap().is_none());
    }
}
