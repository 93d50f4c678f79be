//! The policies that come with the binary.

use super::PolicySource;

/// Name and text of each.
pub const BUILTIN: [(&str, &str); 4] = [
    ("default", include_str!("../../policies/default.yaml")),
    ("startup", include_str!("../../policies/startup.yaml")),
    ("regulated", include_str!("../../policies/regulated.yaml")),
    ("ci", include_str!("../../policies/ci.yaml")),
];

/// The text of a policy that comes with the binary, by name.
#[must_use]
pub fn builtin(name: &str) -> Option<PolicySource> {
    let (name, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
    Some(PolicySource {
        name: format!("policies/{name}.yaml"),
        text: (*text).to_owned(),
    })
}
