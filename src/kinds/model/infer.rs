//! Paginators that botocore does not mention.

use super::paginator::{Paginator, Path};
use super::types::{Member, Operation, ServiceModel, ShapeKind};

/// The names that AWS gives to tokens, as answer and request have them, in lower case.
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

/// The paginator of an operation that botocore has none for: a list that ended after its first page
/// would be a shorter list.
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

/// As Firehose answers: `HasMoreDeliveryStreams`, and the next page begins after the last name of this one.
fn after_the_last(model: &ServiceModel, input: &[Member], output: &[Member]) -> Option<Paginator> {
    let is = |member: &&Member, begin: &str| member.name.starts_with(begin);
    let more = output.iter().find(|member| is(member, "HasMore"))?;
    let start = input.iter().find(|member| is(member, "ExclusiveStart"))?;
    let is_names = |member: &&Member| match &model.shape(member.shape).kind {
        ShapeKind::List(item) => {
            matches!(model.shape(item.shape).kind, ShapeKind::String { .. })
        }
        _ => false,
    };
    let names = output.iter().find(is_names)?;
    Some(Paginator {
        input_tokens: vec![start.name.clone()],
        output_tokens: vec![Path::parse(&format!("{}[-1]", names.name))?],
        limit_key: None,
        more_results: Path::parse(&more.name),
        result_keys: vec![names.name.clone()],
    })
}
