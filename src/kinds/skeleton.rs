//! First drafts of the files of a new service and kind, made from the model.

use super::model::{Operation, ServiceModel, ShapeIndex, ShapeKind};
use std::fmt::Write;

/// How many members are proposed as fields at most.
const MAX_FIELDS: usize = 16;

/// The text of a new service's file.
#[must_use]
pub fn service(title: &str, schemas: &str) -> String {
    format!(
        "# yaml-language-server: $schema={schemas}service.schema.json\n\
         title: {title}\n\
         # iam: prefix             # where IAM actions do not begin with the folder's name\n\
         # global: true            # one service for the whole account\n\
         # How often AWS lets an account call it, where AWS publishes that:\n\
         # rates:\n\
         # - {{rate: 10, source: https://docs.aws.amazon.com/…}}\n"
    )
}

/// The text of a new kind's file: the list, the document and the members that seem to belong to the noun,
/// or placeholders if the model has no such list.
#[must_use]
pub fn kind(model: &ServiceModel, noun: &str, schemas: &str) -> String {
    let found = list(model, noun);
    let mut text = format!(
        "# yaml-language-server: $schema={schemas}kind.schema.json\nabout: {} {} of {}.\n",
        if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "An"
        } else {
            "A"
        },
        noun.replace('_', " "),
        model.full_name
    );
    let Some((operation, path, item)) = found else {
        text.push_str(
            "list: {call: ListThings, items: Things}\n# describe: {call: DescribeThing, input: {Name: $id}, \
             take: Thing, gone: [ResourceNotFoundException]}\nid: Name\nfields: [Status]\n",
        );
        return text;
    };
    let _ = writeln!(text, "list: {{call: {}, items: {path}}}", operation.name);
    let mut document = Some(item);
    if model.structure(item).is_none() {
        document = describe(model, noun).map(|(operation, input, take, shape)| {
            let take = take.map_or_else(String::new, |take| format!(", take: {take}"));
            let _ = writeln!(
                text,
                "describe: {{call: {}, input: {{{input}: $id}}{take}}}",
                operation.name
            );
            shape
        });
    }
    if let Some(document) = document {
        text.push_str(&members(model, document));
    }
    text.push_str(
        "# parts:\n#   policy: {call: GetPolicy, input: {ResourceArn: $arn}, take: Policy, \
         absent: [ResourceNotFoundException], as: policy}\n",
    );
    text
}

/// Names, tags and fields of a document.
fn members(model: &ServiceModel, document: ShapeIndex) -> String {
    let members = model.members(document);
    let ending = |ends: &[&str]| {
        ends.iter().find_map(|end| {
            let found = members.iter().find(|member| {
                let text = matches!(model.shape(member.shape).kind, ShapeKind::String { .. });
                text && member.name.to_ascii_lowercase().ends_with(end)
            });
            found.map(|member| member.name.as_str())
        })
    };
    let mut text = String::new();
    for (key, member) in [
        ("id", ending(&["id", "identifier", "name", "arn"])),
        ("arn", ending(&["arn"])),
        ("name", ending(&["name"])),
    ] {
        if let Some(member) = member {
            let _ = writeln!(text, "{key}: {member}");
        }
    }
    let tags = members
        .iter()
        .find(|member| member.name.eq_ignore_ascii_case("tags"));
    if let Some(tags) = tags {
        let _ = writeln!(text, "tags: {{take: {}}}", tags.name);
    }
    let plain = members.iter().filter(|member| {
        let simple = !matches!(
            model.shape(member.shape).kind,
            ShapeKind::Structure(_) | ShapeKind::List(_) | ShapeKind::Map { .. } | ShapeKind::Blob
        );
        simple && !member.name.eq_ignore_ascii_case("name")
    });
    let fields: Vec<&str> = plain
        .take(MAX_FIELDS)
        .map(|member| member.name.as_str())
        .collect();
    let _ = writeln!(text, "fields: [{}]", fields.join(", "));
    text
}

/// The operation that seems to list a noun, the member of its answer with the items, and an item's shape.
fn list<'m>(model: &'m ServiceModel, noun: &str) -> Option<(&'m Operation, String, ShapeIndex)> {
    let wanted = without_underscores(noun);
    let mut found: Vec<(usize, &Operation, String, ShapeIndex)> = model
        .operations()
        .filter(|operation| {
            ["List", "Describe", "Get"]
                .iter()
                .any(|verb| operation.name.starts_with(verb))
        })
        .filter_map(|operation| {
            let required = operation.input.and_then(|input| model.structure(input));
            if required.is_some_and(|input| !input.required.is_empty()) {
                return None;
            }
            let name = operation.name.as_str();
            let verbs = ["List", "Describe", "Get"];
            let mut rest = verbs.iter().filter_map(|verb| name.strip_prefix(verb));
            let rest = rest.next().unwrap_or(name);
            if !rest.to_ascii_lowercase().starts_with(&wanted) {
                return None;
            }
            let members = model.members(operation.output?);
            let list = members
                .iter()
                .find_map(|member| match &model.shape(member.shape).kind {
                    ShapeKind::List(item) => Some((member.name.clone(), item.shape)),
                    _ => None,
                })?;
            Some((rest.len(), operation, list.0, list.1))
        })
        .collect();
    found.sort_by_key(|(length, operation, ..)| (*length, operation.name.clone()));
    found
        .into_iter()
        .next()
        .map(|(_, operation, path, item)| (operation, path, item))
}

/// The operation that seems to describe one resource, the input member for its id, the member of the answer
/// with the document (`None` for the whole answer), and the document's shape.
fn describe<'m>(
    model: &'m ServiceModel,
    noun: &str,
) -> Option<(&'m Operation, String, Option<String>, ShapeIndex)> {
    let wanted = without_underscores(noun);
    model.operations().find_map(|operation| {
        let rest = operation
            .name
            .strip_prefix("Describe")
            .or_else(|| operation.name.strip_prefix("Get"))?;
        if rest.to_ascii_lowercase() != wanted {
            return None;
        }
        let input = model.structure(operation.input?)?.required.first()?.clone();
        let output = operation.output?;
        let structure = model
            .members(output)
            .iter()
            .find(|m| model.structure(m.shape).is_some());
        Some(match structure {
            Some(member) => (operation, input, Some(member.name.clone()), member.shape),
            None => (operation, input, None, output),
        })
    })
}

fn without_underscores(noun: &str) -> String {
    noun.replace('_', "")
}
