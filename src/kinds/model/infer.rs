//! Infers paginators that botocore lacks.

use super::paginator::{Paginator, Path};
use super::types::{Member, Operation, ServiceModel, ShapeKind};

/// AWS's names for tokens, in the answer and in the request, in lower case.
const TOKENS: [(&str, &str); 9] = [
    ("nexttoken", "nexttoken"),
    ("nextmarker", "marker"),
    ("nextmarker", "nextmarker"),
    ("marker", "marker"),
    ("nextpagetoken", "nextpagetoken"),
    ("nextpagetoken", "pagetoken"),
    ("paginationtoken", "paginationtoken"),
    ("continuationtoken", "continuationtoken"),
    ("position", "position"),
];

/// The paginator of an operation for which botocore has none. Without it, a list would end after its first
/// page, and nothing would show that it is incomplete.
pub(super) fn inferred(model: &ServiceModel, operation: &Operation) -> Option<Paginator> {
    let input = model.members(operation.input?);
    let output = model.members(operation.output?);
    if let Some(paginator) = after_the_last(model, input, output) {
        return Some(paginator);
    }
    let pair = |members: &[Member]| {
        let text = |index| matches!(model.shape(index).kind, ShapeKind::String { .. });
        TOKENS.iter().find_map(|(token, start)| {
            let is = |member: &&Member, name: &str| {
                member.name.eq_ignore_ascii_case(name) && text(member.shape)
            };
            let token = members.iter().find(|member| is(member, token))?;
            let start = input.iter().find(|member| is(member, start))?;
            Some((token.name.clone(), start.name.clone()))
        })
    };
    let (path, start) = match pair(output) {
        Some((token, start)) => (Path::of_members(&[&token]), start),
        // As CloudFront answers: `CachePolicyList.NextMarker`.
        None => output.iter().find_map(|member| {
            let (token, start) = pair(model.members(member.shape))?;
            Some((Path::of_members(&[&member.name, &token]), start))
        })?,
    };
    Some(Paginator {
        input_tokens: vec![start],
        output_tokens: vec![path],
        limit_key: None,
        more_results: None,
        result_keys: Vec::new(),
    })
}

/// Members whose value says that there is more, in lower case.
const MORE: [&str; 2] = ["istruncated", "truncated"];

/// The member of an answer that says whether there are more pages, if there is one. If the operation has no
/// paginator, that means that one is missing.
pub(in crate::kinds) fn more_pages_member<'m>(
    model: &'m ServiceModel,
    operation: &Operation,
) -> Option<&'m str> {
    let says = |member: &&Member| {
        let name = member.name.to_ascii_lowercase();
        match &model.shape(member.shape).kind {
            ShapeKind::Boolean => MORE.contains(&name.as_str()) || name.starts_with("hasmore"),
            ShapeKind::String { .. } => TOKENS.iter().any(|(token, _)| *token == name),
            _ => false,
        }
    };
    let output = model.members(operation.output?);
    output.iter().find(says).map(|member| member.name.as_str())
}

/// The paginator of lists such as Firehose's: `HasMoreDeliveryStreams` says whether there is more, and the
/// next page begins after the last name of this one. For `HasMoreTags`, `ExclusiveStartTagKey` takes the
/// `Key` of the last tag.
fn after_the_last(model: &ServiceModel, input: &[Member], output: &[Member]) -> Option<Paginator> {
    let is = |member: &&Member, begin: &str| member.name.starts_with(begin);
    let more = output.iter().find(|member| is(member, "HasMore"))?;
    let start = input.iter().find(|member| is(member, "ExclusiveStart"))?;
    let last = |member: &&Member| {
        let ShapeKind::List(item) = &model.shape(member.shape).kind else {
            return None;
        };
        if matches!(model.shape(item.shape).kind, ShapeKind::String { .. }) {
            return Some(format!("{}[-1]", member.name));
        }
        let keys = model.members(item.shape).iter();
        let mut keys = keys.filter(|key| start.name.ends_with(&key.name));
        keys.next()
            .map(|key| format!("{}[-1].{}", member.name, key.name))
    };
    let (names, last) = output
        .iter()
        .find_map(|member| Some((member, last(&member)?)))?;
    Some(Paginator {
        input_tokens: vec![start.name.clone()],
        output_tokens: vec![Path::parse(&last)?],
        limit_key: None,
        more_results: Path::parse(&more.name),
        result_keys: vec![names.name.clone()],
    })
}
