//! From files to services and kinds: reads, lints and resolves all of them at once.

use super::declared::{Declared, DeclaredKind, Service};
use super::file::KindFile;
use super::lint::{self, Facts, Fields, Properties, Resolved};
use super::model::ServiceModel;
use super::parallel::in_parallel;
use super::service::ServiceFile;
use super::{embedded, lint::leak};
use crate::model::Kind;
use crate::model::kinds::FIELDS;
use crate::yaml::{Document as Source, Pos, Problem, decode};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

/// A file under a folder of kinds.
#[derive(Debug, Clone)]
pub struct KindSource {
    /// Its path below that folder: `dynamodb/table.yaml`.
    pub path: String,
    /// What it is called in problems.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Looks up botocore's model of a service, with its paginators if it has any.
pub type Models<'a> = &'a (dyn Fn(&str) -> Result<Option<(String, Option<String>)>, String> + Sync);

/// The services and kinds that the program works with.
static INSTALLED: OnceLock<Declared> = OnceLock::new();

/// The services and kinds of this process: those of the program, and those that [`install`] added before
/// the first use.
#[must_use]
pub fn all() -> &'static Declared {
    INSTALLED.get_or_init(|| match load(&embedded_files(), &|_| Ok(None)) {
        Ok(declared) => declared,
        // A test loads all of them.
        Err(problems) => unreachable!("the files in the program are in order: {}", problems[0]),
    })
}

/// Every kind, typed and declared.
pub fn fields() -> impl Iterator<Item = &'static Kind> {
    let declared = all().kinds.values().map(|kind| kind.kind);
    FIELDS.iter().chain(declared)
}

/// Adds a user's own services and kinds to those of the program. A file replaces the program's file of the
/// same path. A service's model is the user's `model.json`, else the one in `models`, else the embedded one.
///
/// # Errors
/// Every problem in every file.
///
/// # Panics
/// If [`all`] was called before.
pub fn install(files: Vec<KindSource>, models: Models<'_>) -> Result<(), Vec<Problem>> {
    let own: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut all = embedded_files();
    all.retain(|file| !own.contains(file.path.as_str()));
    all.extend(files);
    let declared = load(&all, models)?;
    assert!(
        INSTALLED.set(declared).is_ok(),
        "kinds are installed before their first use"
    );
    Ok(())
}

fn embedded_files() -> Vec<KindSource> {
    let is_yaml = |path: &&str| Path::new(path).extension().is_some_and(|end| end == "yaml");
    let yaml = embedded::paths().filter(is_yaml);
    let read = |path: &str| match embedded::text(path) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => unreachable!("packed when the program was built: {error}"),
    };
    yaml.map(|path| KindSource {
        path: path.to_owned(),
        name: format!("kinds/{path}"),
        text: read(path),
    })
    .collect()
}

/// Reads services and kinds.
///
/// # Errors
/// Every problem in every file.
pub fn load(files: &[KindSource], models: Models<'_>) -> Result<Declared, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut services = BTreeMap::new();
    let mut service_files = Vec::new();
    let mut kinds: BTreeMap<&str, Vec<(&str, &KindSource)>> = BTreeMap::new();
    let own: BTreeMap<&str, &str> = files
        .iter()
        .filter_map(|file| Some((file.path.strip_suffix("/model.json")?, file.text.as_str())))
        .collect();
    for file in files {
        match file.path.split_once('/') {
            Some((_, "model.json")) => {}
            Some((folder, "service.yaml")) => service_files.push((folder, file)),
            Some((folder, noun)) if !noun.contains('/') => {
                let noun = noun.trim_end_matches(".yaml").trim_end_matches(".yml");
                kinds.entry(folder).or_default().push((noun, file));
            }
            _ => {
                let message = "put a kind into its service's folder: dynamodb/table.yaml";
                problems.push(Problem::new(&file.name, START, message));
            }
        }
    }
    // Parsing the models takes most of the time.
    let read = in_parallel(&service_files, |(folder, file)| {
        service(folder, file, own.get(folder).copied(), models)
    });
    for service in read {
        match service {
            Ok(service) => _ = services.insert(service.name, service),
            Err(found) => problems.extend(found),
        }
    }
    let mut kind_files = Vec::new();
    for (folder, files) in kinds {
        for (noun, file) in files {
            if let Some(service) = services.get(folder).copied() {
                kind_files.push((noun, file, service));
            } else {
                let message =
                    format!("there is no {folder}/service.yaml beside it, or it has problems");
                problems.push(Problem::new(&file.name, START, message));
            }
        }
    }
    let mut resolved = Vec::new();
    for read in in_parallel(&kind_files, |(noun, file, service)| {
        kind(noun, file, service, &services)
    }) {
        match read {
            Ok(kind) => resolved.push(kind),
            Err(found) => problems.extend(found),
        }
    }
    let declared = finish(services, resolved, &mut problems);
    problems.sort();
    problems.dedup();
    if problems.is_empty() {
        Ok(declared)
    } else {
        Err(problems)
    }
}

const START: Pos = Pos { line: 1, column: 1 };

fn service(
    folder: &str,
    file: &KindSource,
    own: Option<&str>,
    models: Models<'_>,
) -> Result<&'static Service, Vec<Problem>> {
    let source = Source::parse(&file.name, &file.text)?;
    let read: ServiceFile = decode(&source)?;
    let name = read.model.as_deref().unwrap_or(folder);
    let mut is_embedded = false;
    let model = match own {
        Some(text) => ServiceModel::parse(text, None)
            .map_err(|error| format!("{folder}/model.json beside it cannot be used: {error}")),
        None => model(folder, name, models).map(|(model, embedded)| {
            is_embedded = embedded;
            model
        }),
    };
    let model = model.map_err(|problem| vec![source.problem(&["model".into()], problem)])?;
    Ok(Box::leak(Box::new(Service {
        name: leak(folder),
        file: read,
        model,
        is_embedded,
    })))
}

/// The model of a service, and whether it is the embedded one. A model in the user's folder comes first.
///
/// # Errors
/// Why there is no usable model.
pub fn model(folder: &str, name: &str, models: Models<'_>) -> Result<(ServiceModel, bool), String> {
    let unusable =
        |error: &dyn std::fmt::Display| format!("the model of {folder} cannot be used: {error}");
    if let Some((service, paginators)) = models(name)? {
        let model = ServiceModel::parse(&service, paginators.as_deref());
        return Ok((model.map_err(|e| unusable(&e))?, false));
    }
    match embedded::text(&format!("{folder}/model.json")) {
        Ok(Some(text)) => {
            let model = ServiceModel::parse(&text, None).map_err(|e| unusable(&e))?;
            Ok((model, true))
        }
        Ok(None) => Err(format!(
            "there is no model of {name}: make {folder}/model.json with kinds/generate_models.py, or name \
             botocore's data with --models"
        )),
        Err(error) => Err(unusable(&error)),
    }
}

/// A kind that fits its model, with its file and its own fields.
struct Read {
    resolved: Resolved,
    source: Source,
    file: KindFile,
    properties: Properties,
}

fn kind(
    noun: &str,
    file: &KindSource,
    service: &'static Service,
    services: &BTreeMap<&'static str, &'static Service>,
) -> Result<Read, Vec<Problem>> {
    let source = Source::parse(&file.name, &file.text)?;
    let read: KindFile = decode(&source)?;
    let resolved = lint::resolve(noun, &source, &read, service, services)?;
    Ok(Read {
        properties: resolved.properties(&read),
        resolved,
        source,
        file: read,
    })
}

/// Checks the references between kinds, and adds the fields that a kind takes from others.
fn finish(
    services: BTreeMap<&'static str, &'static Service>,
    read: Vec<Read>,
    problems: &mut Vec<Problem>,
) -> Declared {
    let typed = in_parallel(FIELDS, properties_of);
    let typed = FIELDS.iter().map(|kind| kind.name).zip(&typed);
    let mut fields: Fields<'_> = typed.collect();
    let mut files: BTreeMap<&str, &str> = BTreeMap::new();
    for read in &read {
        let name = read.resolved.name;
        if let Some(other) = files.insert(name, &read.source.name) {
            let message = format!("{other} declares the kind `{name}` too");
            problems.push(read.source.problem(&["noun".into()], message));
        }
        fields.insert(name, &read.properties);
    }
    let typed = FIELDS.iter().map(|kind| {
        let facts = Facts {
            scope: kind.scope,
            holds_others: false,
        };
        (kind.name, facts)
    });
    let declared = read.iter().map(|read| {
        let resolved = &read.resolved;
        let facts = Facts {
            scope: resolved.scope,
            holds_others: resolved.list.is_some() && resolved.parent.is_none(),
        };
        (resolved.name, facts)
    });
    let facts: BTreeMap<&str, Facts> = typed.chain(declared).collect();
    let found = in_parallel(&read, |read| {
        let own = read.resolved.scope;
        lint::references(&read.source, &read.file, &fields, own, &facts)
    });
    problems.extend(found.into_iter().flatten());
    let of_others = in_parallel(&read, |read| read.resolved.of_others(&fields));
    let mut kinds: BTreeMap<&'static str, &'static DeclaredKind> = BTreeMap::new();
    for (mut read, of_others) in read.into_iter().zip(of_others) {
        read.properties.extend(of_others);
        let kind = read.resolved.finish(read.properties);
        kinds.insert(kind.kind.name, Box::leak(Box::new(kind)));
    }
    Declared { services, kinds }
}

fn properties_of(kind: &Kind) -> Properties {
    let schema = kind.schema();
    let fields = schema.get("properties").and_then(Value::as_object);
    lint::properties(fields.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_in_the_program_are_in_order() {
        let problems = load(&embedded_files(), &|_| Ok(None))
            .err()
            .unwrap_or_default();
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}
