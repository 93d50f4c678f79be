//! Parts that are computed for any kind whose file lists them: fields of other resources, who may do what by
//! a resource policy, the alarms that watch a resource, whether AWS Backup protects it.

use super::access::document::Malformed;
use super::access::{Owner, resource_access};
use super::alarms::WatchedMetrics;
use super::{Derivation, GLOBAL, Need, Run, World, part};
use crate::kinds::declared::{Access, Alarms, Beside, DeclaredKind, Join};
use crate::kinds::file::JoinBy;
use crate::kinds::load;
use crate::kinds::name::{last_of, short_name, snake_case};
use crate::model::kinds::FIELDS;
use crate::model::kinds::watching::{Coverage, Watching};
use crate::model::part::GAP_KEY;
use crate::model::{Cause, Document, Gap, Part, Resource, Scope};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// The kind that lists what AWS Backup protects.
const PROTECTED: &str = "backup.protected_resource";
/// The kind of alarms.
const ALARM: &str = "cloudwatch.alarm";

static DERIVATIONS: LazyLock<Vec<Derivation>> = LazyLock::new(|| {
    load::all()
        .kinds
        .values()
        .flat_map(|kind| of(kind))
        .collect()
});

/// The derivations of all kinds that files declare.
pub(super) fn derivations() -> impl Iterator<Item = &'static Derivation> {
    DERIVATIONS.iter()
}

type Parts = BTreeMap<String, Part<Value>>;

fn of(kind: &'static DeclaredKind) -> Vec<Derivation> {
    let name = kind.kind.name;
    let mut all = Vec::new();
    for join in &kind.joins {
        let needs = vec![
            need(name, &[join.root]),
            Need {
                kind: join.kind,
                parts: join.fields,
            },
        ];
        let global = scope_of(join.kind) == Some(Scope::Account);
        all.push(derivation(name, join.name, needs, move |world, region| {
            let of = if global { GLOBAL } else { region };
            joined(world, (region, of), name, join)
        }));
    }
    for beside in &kind.beside {
        let needs = vec![Need {
            kind: beside.kind,
            parts: beside.fields,
        }];
        all.push(derivation(
            name,
            beside.name,
            needs,
            move |world, region| others(world, region, name, beside),
        ));
    }
    if let Some(asked) = &kind.derived.access {
        let needs = vec![need(name, &[asked.root])];
        all.push(derivation(name, "access", needs, move |world, region| {
            access(world, region, kind, asked)
        }));
    }
    if let Some(alarms) = &kind.derived.alarms {
        let needs = vec![need(ALARM, &[])];
        all.push(derivation(name, "alarms", needs, move |world, region| {
            watching(world, region, kind, alarms)
        }));
    }
    if kind.derived.backup {
        let needs = vec![need(PROTECTED, &[])];
        all.push(derivation(name, "coverage", needs, move |world, region| {
            coverage(world, region, name)
        }));
    }
    all
}

/// For a part of resources without a region: the region of the documents that it is computed from, if they
/// have one.
pub(super) fn region_of_needs(derivation: &Derivation) -> Option<&'static str> {
    let kind = load::all().kinds.get(derivation.kind)?;
    let alarms = kind.derived.alarms.as_ref()?;
    alarms.region.filter(|_| derivation.part == "alarms")
}

/// Where the resources of a kind are.
fn scope_of(kind: &str) -> Option<Scope> {
    let declared = load::all().kinds.get(kind).map(|kind| kind.kind.scope);
    let typed = || FIELDS.iter().find(|known| known.name == kind);
    declared.or_else(|| typed().map(|kind| kind.scope))
}

fn need(kind: &'static str, parts: &[&'static str]) -> Need {
    Need {
        kind,
        parts: Box::leak(parts.to_vec().into_boxed_slice()),
    }
}

fn derivation(
    kind: &'static str,
    part: &'static str,
    needs: Vec<Need>,
    run: impl Fn(&World, &str) -> Parts + Send + Sync + 'static,
) -> Derivation {
    let run: Run = Box::leak(Box::new(run));
    Derivation {
        kind,
        part,
        needs: Box::leak(needs.into_boxed_slice()),
        run,
    }
}

fn each<T: serde::Serialize>(
    world: &World,
    region: &str,
    kind: &str,
    derive: impl Fn(&Document) -> Result<T, Gap>,
) -> Parts {
    let documents = world.documents(kind, region);
    documents
        .map(|document| (document.resource.id.clone(), part(derive(&document))))
        .collect()
}

/// A field of a document, or the gap that stands in its place.
fn field<'d>(document: &'d Document, name: &str) -> Result<&'d Value, Gap> {
    if let Some(value) = document.fields.get(name) {
        return Ok(value);
    }
    Err(document
        .gaps
        .get(name)
        .cloned()
        .unwrap_or_else(|| Gap::new("", Cause::Uncollected, format!("{name} was not collected"))))
}

/// Collects the texts at a path of fields, through lists.
fn at<'d>(value: &'d Value, path: &[String], found: &mut Vec<&'d str>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| at(item, path, found)),
        (Value::String(text), []) => found.push(text),
        (Value::Object(members), [first, rest @ ..]) => {
            if let Some(value) = members.get(first) {
                at(value, rest, found);
            }
        }
        _ => {}
    }
}

/// The fields of the resources that others refer to.
fn joined(world: &World, (region, of): (&str, &str), kind: &str, join: &Join) -> Parts {
    let complete = world.complete(join.kind, of);
    let others: HashMap<String, Document> = world
        .documents(join.kind, of)
        .filter_map(|other| Some((key(join.by, &other.resource)?, other)))
        .collect();
    each(world, region, kind, |document| {
        let root = field(document, join.root)?;
        let mut references = Vec::new();
        at(
            root,
            join.from.get(1..).unwrap_or_default(),
            &mut references,
        );
        let found = references
            .iter()
            .map(|reference| match (others.get(*reference), &complete) {
                (Some(other), _) => Ok(of_other(join, other)),
                (None, Err(gap)) => Err(gap.clone()),
                (None, Ok(())) => elsewhere(join, reference, &document.resource),
            });
        if join.many {
            // One that nothing is known of does not hide the others.
            let each = found.map(|one| one.unwrap_or_else(|gap| unknown(join, &gap)));
            return Ok(Value::Array(each.collect()));
        }
        found.into_iter().next().unwrap_or(Ok(Value::Null))
    })
}

fn key(by: JoinBy, resource: &Resource) -> Option<String> {
    match by {
        JoinBy::Id => Some(resource.id.clone()),
        JoinBy::Arn => resource.arn.clone(),
        JoinBy::Name => Some(resource.name.clone()),
    }
}

fn of_other(join: &Join, other: &Document) -> Value {
    let mut fields = Map::from_iter([("found".to_owned(), Value::Bool(true))]);
    for name in join.fields {
        let value = field(other, name).cloned();
        fields.insert(snake_case(name), value.unwrap_or_else(|gap| hidden(&gap)));
    }
    Value::Object(fields)
}

/// The value for a reference of which nothing is known, not even whether it leads anywhere.
fn unknown(join: &Join, gap: &Gap) -> Value {
    let fields = join.fields.iter().map(|name| snake_case(name));
    let fields = fields.chain(["found".to_owned()]);
    Value::Object(fields.map(|name| (name, hidden(gap))).collect())
}

/// A gap inside of a part.
fn hidden(gap: &Gap) -> Value {
    json!({GAP_KEY: gap})
}

/// The value for a reference to a resource that a complete list lacks: `found` is false. It is a gap if the
/// resource is, or may be, in another account or region, of which nothing is known.
fn elsewhere(join: &Join, reference: &str, from: &Resource) -> Result<Value, Gap> {
    let mut arn = reference.splitn(6, ':').skip(3);
    let (region, account) = (
        arn.next().unwrap_or_default(),
        arn.next().unwrap_or_default(),
    );
    let other = |own: &str, named: &str| !named.is_empty() && named != own;
    let foreign = reference.starts_with("arn:")
        && (other(&from.account, account) || (!from.is_global() && other(&from.region, region)));
    if foreign || join.foreign {
        let may = if foreign { "refers" } else { "may refer" };
        let detail = format!("{may} to a {} of another account or region", join.kind);
        return Err(Gap::new("", Cause::Undecided, detail));
    }
    let mut fields = Map::from_iter([("found".to_owned(), Value::Bool(false))]);
    fields.extend(
        join.fields
            .iter()
            .map(|name| (snake_case(name), Value::Null)),
    );
    Ok(Value::Object(fields))
}

/// All resources of another kind in the same place, by id: they arrive in any order.
fn others(world: &World, region: &str, kind: &str, beside: &Beside) -> Parts {
    let one = |other: Document| {
        let value = |name: &&'static str| Ok(((*name).to_owned(), named(&other, name)?));
        let fields: Result<Map<String, Value>, Gap> = beside.fields.iter().map(value).collect();
        fields.map(Value::Object)
    };
    let all = world.complete(beside.kind, region).and_then(|()| {
        let mut others: Vec<Document> = world.documents(beside.kind, region).collect();
        others.sort_by(|a, b| a.resource.id.cmp(&b.resource.id));
        others
            .into_iter()
            .map(one)
            .collect::<Result<Vec<Value>, Gap>>()
    });
    each(world, region, kind, |_| all.clone())
}

/// A field of a document, also one that every document has.
fn named(document: &Document, name: &str) -> Result<Value, Gap> {
    let resource = &document.resource;
    Ok(match name {
        "id" => json!(resource.id),
        "arn" => json!(resource.arn),
        "name" => json!(resource.name),
        _ => field(document, name)?.clone(),
    })
}

/// Who may do what by the policies of resources.
fn access(world: &World, region: &str, kind: &DeclaredKind, asked: &Access) -> Parts {
    let service = kind.service.file.iam_prefix(kind.service.name);
    each(world, region, kind.kind.name, |document| {
        let mut policy = field(document, asked.root)?;
        for step in asked.path.get(1..).unwrap_or_default() {
            policy = policy.get(step).unwrap_or(&Value::Null);
        }
        let resource = &document.resource;
        let owner = Owner {
            service,
            arn: resource.arn.as_deref(),
            account: &resource.account,
        };
        resource_access(policy.as_str(), &owner).map_err(|Malformed(reason)| {
            let field = asked.path.join(".");
            Gap::malformed_because(asked.action, asked.operation, &field, reason)
        })
    })
}

/// Which alarms watch resources.
fn watching(world: &World, region: &str, kind: &DeclaredKind, alarms: &Alarms) -> Parts {
    let watched = WatchedMetrics::of(world, alarms.region.unwrap_or(region));
    let watched = watched.map_err(|gap| match alarms.region {
        Some(region) if gap.cause == Cause::Uncollected => {
            let detail = format!("the alarms of {region} were not collected");
            Gap::new(gap.action, gap.cause, detail)
        }
        _ => gap,
    });
    let named = kind.name.is_some();
    each(world, region, kind.kind.name, |document| {
        let watched = watched.as_ref().map_err(Clone::clone)?;
        let mut filled = Vec::new();
        for (name, template) in &alarms.dimensions {
            let value = template
                .fill(&|name| variable(document, named, name))
                .map_err(|name| {
                    let detail = format!("its ${name} is not known");
                    Gap::new("", Cause::Failed, detail)
                })?;
            filled.push((
                *name,
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), ToOwned::to_owned),
            ));
        }
        let metrics: Vec<String> = watched
            .names(alarms.namespace, &filled)
            .into_iter()
            .collect();
        Ok(Watching {
            watched: !metrics.is_empty(),
            metrics,
        })
    })
}

/// The value of a variable in a document. `$name` is the resource's own name, not that of a tag.
fn variable(document: &Document, named: bool, name: &str) -> Option<Value> {
    let resource = &document.resource;
    Some(match name {
        "id" => json!(resource.id),
        "last" => json!(last_of(&resource.id)),
        "arn" => json!(resource.arn.as_ref()?),
        "name" if named => json!(resource.name),
        "name" => json!(short_name(&resource.id)),
        "account" => json!(resource.account),
        "region" => json!(resource.region),
        _ => {
            let mut steps = name.split('.').map(snake_case);
            let mut at = document.fields.get(&steps.next()?)?;
            for step in steps {
                at = at.get(&step)?;
            }
            at.clone()
        }
    })
}

/// Whether AWS Backup protects resources.
fn coverage(world: &World, region: &str, kind: &str) -> Parts {
    let complete = world.complete(PROTECTED, region);
    let protected: HashMap<String, Document> = world
        .documents(PROTECTED, region)
        .filter_map(|document| Some((document.resource.arn.clone()?, document)))
        .collect();
    each(world, region, kind, |document| {
        let arn = document
            .resource
            .arn
            .as_deref()
            .ok_or_else(|| Gap::new("", Cause::Failed, "its ARN is not known"))?;
        match (protected.get(arn), &complete) {
            (Some(found), _) => {
                let time = field(found, "last_backup_time")?;
                let last_backup_time = time.as_str().and_then(|time| time.parse().ok());
                Ok(Coverage {
                    protected: true,
                    last_backup_time,
                })
            }
            (None, Ok(())) => Ok(Coverage::default()),
            (None, Err(gap)) => Err(gap.clone()),
        }
    })
}

#[cfg(test)]
#[path = "declared_tests.rs"]
mod tests;
