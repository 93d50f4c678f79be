//! Kinds and derivations: their parts, fields and names.

use super::*;

#[test]
fn every_kind_declares_exactly_its_parts() {
    let mut problems = Vec::new();
    for collector in registry() {
        let kind = collector.kind;
        let schema = kind.schema();
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let typed: BTreeSet<String> = properties
            .iter()
            .filter(|(name, s)| s.get("x-part").is_some() && name.as_str() != "tags")
            .map(|(name, _)| name.clone())
            .collect();
        let declared: BTreeSet<String> = kind
            .parts
            .iter()
            .map(|p| p.name.to_owned())
            .filter(|p| p != "tags")
            .collect();
        if typed != declared {
            problems.push(format!(
                "{}: fields {typed:?}, parts {declared:?}",
                kind.name
            ));
        }
        for part in kind.parts {
            if part.calls.is_empty() != (part.per == Per::Derived) {
                problems.push(format!(
                    "{}.{}: calls and price do not agree",
                    kind.name, part.name
                ));
            }
            let derived = sixpillars::derive::derivations()
                .iter()
                .any(|d| d.kind == kind.name && d.part == part.name);
            if (part.per == Per::Derived) != derived {
                problems.push(format!(
                    "{}.{}: derived and not derived",
                    kind.name, part.name
                ));
            }
        }
    }
    assert_none(&problems);
}

/// What judges without collectors knows the kinds that there are.
#[test]
fn the_kinds_by_their_fields_are_those_that_are_read() {
    let read: BTreeMap<_, _> = registry()
        .into_iter()
        .filter(|c| c.kind.declaration().is_none())
        .map(|c| (c.kind.name, c.kind.scope))
        .collect();
    let fields: BTreeMap<_, _> = sixpillars::model::kinds::FIELDS
        .iter()
        .map(|kind| (kind.name, kind.scope))
        .collect();
    assert_eq!(fields, read);
}

#[test]
fn every_derivation_reads_what_is_there() {
    let kinds = all_kinds();
    let mut problems = Vec::new();
    for derivation in sixpillars::derive::derivations() {
        for need in derivation.needs {
            let Some(fields) = kinds.get(need.kind) else {
                problems.push(format!(
                    "{}.{} reads {}",
                    derivation.kind, derivation.part, need.kind
                ));
                continue;
            };
            // What is joined to others comes from parts, and from fields that every document has.
            let Type::Object(own) = &fields.shape.ty else {
                continue;
            };
            let is_there = |part: &str| fields.kind.part(part).is_some() || own.contains_key(part);
            for part in need.parts.iter().filter(|part| !is_there(part)) {
                problems.push(format!("{} has no part {part}", need.kind));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn field_names_are_documented_and_readable() {
    let mut problems = Vec::new();
    for (name, fields) in all_kinds() {
        let Type::Object(own) = &fields.shape.ty else {
            problems.push(format!("{name} is not an object"));
            continue;
        };
        let opaque = own
            .iter()
            .filter(|(_, s)| s.ty == Type::Opaque)
            .map(|(f, _)| f);
        problems.extend(opaque.map(|f| format!("{name}.{f} has no readable type")));
    }
    assert_none(&problems);
}
