//! The user's own services and kinds, and botocore's models, as files in folders.

use super::digits;
use crate::kinds::load::{self, KindSource};
use crate::kinds::model::ServiceModel;
use crate::yaml::{Pos, Problem};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// What [`install`] added.
#[derive(Debug)]
pub struct OwnKinds {
    /// The folders of kinds.
    pub folders: Vec<PathBuf>,
    /// The folder of models.
    pub models: Option<PathBuf>,
    /// A hash of all that was read of them.
    pub fingerprint: String,
}

static OWN: OnceLock<OwnKinds> = OnceLock::new();

/// The user's own kinds that were added in this process.
#[must_use]
pub fn own() -> Option<&'static OwnKinds> {
    OWN.get()
}

/// Adds the services and kinds of folders to those of the program.
///
/// # Errors
/// Every problem in every file, and every file that cannot be read.
pub fn install(folders: &[PathBuf], models: Option<&Path>) -> Result<(), Vec<Problem>> {
    if folders.is_empty() && models.is_none() {
        return Ok(());
    }
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for folder in folders {
        let before = files.len() + problems.len();
        read(folder, folder, &mut files, &mut problems);
        if files.len() + problems.len() == before {
            let problem = Problem::new(&folder.display().to_string(), Pos::START, "no kinds here");
            let help = "kinds are files named <service>/<noun>.yaml below this folder, beside a service.yaml";
            problems.push(problem.with_help(help));
        }
    }
    if let Some(models) = models.filter(|models| !models.is_dir()) {
        let problem = Problem::new(&models.display().to_string(), Pos::START, "no folder");
        let help = "name botocore's own data: the folder `botocore/data` below what `pip show botocore` says";
        problems.push(problem.with_help(help));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let hash = Mutex::new(Sha256::new());
    let add = |texts: &[&str]| {
        let mut hash = hash.lock().unwrap_or_else(PoisonError::into_inner);
        for text in texts {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        }
    };
    for file in &files {
        add(&[&file.path, &file.text]);
    }
    load::install(files, &|service| {
        let Some(models) = models else {
            return Ok(None);
        };
        let found = model(models, service)?;
        if let Some((text, paginators)) = &found {
            add(&[service, text, paginators.as_deref().unwrap_or_default()]);
        }
        Ok(found)
    })?;
    let hash = hash.into_inner().unwrap_or_else(PoisonError::into_inner);
    let own = OwnKinds {
        folders: folders.to_vec(),
        models: models.map(Path::to_owned),
        fingerprint: digits(hash),
    };
    // Kinds are installed once.
    OWN.get_or_init(|| own);
    Ok(())
}

fn read(root: &Path, folder: &Path, files: &mut Vec<KindSource>, problems: &mut Vec<Problem>) {
    let mut unreadable = |path: &Path, error: &io::Error| {
        let message = format!("cannot be read: {error}");
        problems.push(Problem::new(
            &path.display().to_string(),
            Pos::START,
            message,
        ));
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unreadable(folder, &error),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    let mut folders = Vec::new();
    for path in paths {
        if path.is_dir() {
            folders.push(path);
            continue;
        }
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let in_service = relative.components().count() == 2;
        let yaml = path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml");
        let model = path.file_name().is_some_and(|name| name == "model.json");
        if !in_service || !(yaml || model) {
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(text) => files.push(KindSource {
                path: relative.to_string_lossy().replace('\\', "/"),
                name: path.display().to_string(),
                text,
            }),
            Err(error) => unreadable(&path, &error),
        }
    }
    // One level: services.
    if root == folder {
        for folder in &folders {
            read(root, folder, files, problems);
        }
    }
}

/// A service's model: of botocore's data where that is named, else the program's own.
///
/// # Errors
/// Why there is none.
pub fn model_of(service: &str, models: Option<&Path>) -> Result<ServiceModel, String> {
    let found = models.map_or(Ok(None), |models| model(models, service))?;
    let (model, _) = load::model(service, service, &|_| Ok(found.clone()))?;
    Ok(model)
}

/// The newest version of a service's model in botocore's data, with its paginators.
fn model(models: &Path, service: &str) -> Result<Option<(String, Option<String>)>, String> {
    let folder = models.join(service);
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(None);
    };
    let versions = entries.filter_map(Result::ok).map(|entry| entry.path());
    let Some(newest) = versions.filter(|path| path.is_dir()).max() else {
        return Ok(None);
    };
    let file = |name: &str| {
        let plain = newest.join(format!("{name}.json"));
        let packed = newest.join(format!("{name}.json.gz"));
        let text = |path: &Path| -> io::Result<String> {
            let mut text = String::new();
            if path.extension().is_some_and(|end| end == "gz") {
                GzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
            } else {
                File::open(path)?.read_to_string(&mut text)?;
            }
            Ok(text)
        };
        let found = [packed, plain].into_iter().find(|path| path.exists());
        found
            .map(|path| text(&path).map_err(|e| format!("{} cannot be read: {e}", path.display())))
            .transpose()
    };
    let Some(service) = file("service-2")? else {
        return Ok(None);
    };
    Ok(Some((service, file("paginators-1")?)))
}
