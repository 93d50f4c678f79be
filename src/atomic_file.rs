//! Writes files atomically, so that nobody sees a partial file.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {source}{}", path.display(), help(source))]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// The remedy, if the cause alone does not suggest it.
fn help(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "\n  help: no partial file was left behind; free some space, or write to another disk"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "\n  help: write to a folder for which you have write permission"
        }
        io::ErrorKind::NotADirectory => {
            "\n  help: one component of this path is a file, not a \
             folder"
        }
        _ => "",
    }
}

/// A file that appears under its name only when it is complete. Reports describe weaknesses, so
/// only the owner may read it (mode 0600).
pub struct Pending {
    path: PathBuf,
    file: NamedTempFile,
}

impl Pending {
    /// Starts a file beside its final place.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        let fail = |source| WriteError {
            path: path.to_owned(),
            source,
        };
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder).map_err(fail)?;
        // Named so that the leftover of a killed process is recognisable; created with mode 0600.
        let file = tempfile::Builder::new()
            .prefix(".sixpillars-")
            .suffix(".part")
            .tempfile_in(folder)
            .map_err(fail)?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Writes more.
    ///
    /// # Errors
    /// When the disk is full or gone.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let path = &self.path;
        self.file.write_all(bytes).map_err(|source| WriteError {
            path: path.clone(),
            source,
        })
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// When it cannot be flushed or renamed.
    pub fn finish(self) -> Result<(), WriteError> {
        let fail = |source| WriteError {
            path: self.path.clone(),
            source,
        };
        self.file.as_file().sync_all().map_err(fail)?;
        self.file.persist(&self.path).map_err(|e| fail(e.error))?;
        Ok(())
    }
}

/// Writes a file piece by piece, for contents that do not fit into memory.
///
/// # Errors
/// When it cannot be written, or `fill` fails; nothing is left behind then.
pub fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let mut pending = Pending::create(path)?;
    let mut out = BufWriter::with_capacity(1 << 20, pending.file.as_file_mut());
    let filled = fill(&mut out).and_then(|()| out.flush());
    drop(out);
    filled.map_err(|source| WriteError {
        path: path.to_owned(),
        source,
    })?;
    pending.finish()
}

/// Writes a whole file.
///
/// # Errors
/// When it cannot be written; nothing is left behind then.
pub fn write(path: &Path, contents: &str) -> Result<(), WriteError> {
    let mut file = Pending::create(path)?;
    file.write(contents.as_bytes())?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("report.json");
        let mut file = Pending::create(&path).unwrap();
        file.write(b"{").unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 0);
        write(&path, "{}").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    }

    #[test]
    fn a_file_that_cannot_be_filled_is_not_there_and_the_old_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        write(&path, "old").unwrap();
        let error = write_with(&path, |out| {
            out.write_all(b"half of it")?;
            Err(io::Error::other("the disk is gone"))
        });
        assert!(error.unwrap_err().to_string().ends_with("the disk is gone"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        write_with(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        write(&path, "{}").unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
