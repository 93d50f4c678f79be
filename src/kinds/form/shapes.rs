//! Finds the shapes of a model that a file names.

use crate::kinds::model::{ServiceModel, ShapeIndex, ShapeKind};
use crate::yaml::did_you_mean;

/// The shape that a dotted path leads to. Lists and maps have no step of their own.
///
/// # Errors
/// The member that is missing, and a suggestion.
pub fn locate(
    model: &ServiceModel,
    from: ShapeIndex,
    path: &str,
) -> Result<ShapeIndex, (String, Option<String>)> {
    let mut at = from;
    for step in path.split('.') {
        at = inner(model, at);
        let members = model.members(at);
        if let Some(member) = members.iter().find(|member| member.name == step) {
            at = member.shape;
        } else {
            let names = members.iter().map(|member| member.name.as_str());
            let help = did_you_mean(step, names);
            return Err((
                format!("{} has no member `{step}`", model.shape(at).name),
                help,
            ));
        }
    }
    Ok(at)
}

/// The shape inside lists and maps.
pub(super) fn inner(model: &ServiceModel, mut at: ShapeIndex) -> ShapeIndex {
    loop {
        match &model.shape(at).kind {
            ShapeKind::List(item) => at = item.shape,
            ShapeKind::Map { value, .. } => at = value.shape,
            _ => return at,
        }
    }
}

/// Whether a shape is a text.
pub(super) fn is_text(model: &ServiceModel, shape: ShapeIndex) -> bool {
    matches!(model.shape(shape).kind, ShapeKind::String { .. })
}

/// The members with key and value, if a structure is such a pair: `Key` and `Value`,
/// `ParameterName` and `ParameterValue`.
#[must_use]
pub fn pair(model: &ServiceModel, shape: ShapeIndex) -> Option<(String, String)> {
    let texts = model
        .members(shape)
        .iter()
        .filter(|m| is_text(model, m.shape));
    let ending = |ends: &[&str]| {
        let found = texts.clone().find(|member| {
            let name = member.name.to_ascii_lowercase();
            ends.iter().any(|end| name.ends_with(end))
        });
        found.map(|member| member.name.clone())
    };
    Some((
        ending(&["key"]).or_else(|| ending(&["name"]))?,
        ending(&["value"])?,
    ))
}
