//! The session policy of an assumed role: whatever the role may do, the session may only read.

use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The longest session policy that STS takes, in characters
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
const LONGEST: usize = 2_048;

/// A policy that allows the actions and nothing else. If they are too many for STS, the describe or
/// list actions of a service become one pattern, such as `ec2:Describe*`, starting with the largest
/// group. `Get` actions stay exact, since `s3:Get*` would include objects.
#[must_use]
pub fn json(actions: &BTreeSet<&str>) -> String {
    let mut patterns: BTreeSet<String> = actions.iter().map(|a| (*a).to_owned()).collect();
    loop {
        let policy = policy(&patterns);
        if policy.len() <= LONGEST {
            return policy;
        }
        let Some(group) = largest_group(&patterns) else {
            return policy;
        };
        patterns.retain(|action| verb(action) != Some(group.as_str()));
        patterns.insert(format!("{group}*"));
    }
}

fn policy(actions: &BTreeSet<String>) -> String {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The service and verb whose actions take the most characters.
fn largest_group(actions: &BTreeSet<String>) -> Option<String> {
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for action in actions {
        if let Some(group) = verb(action) {
            let (members, characters) = groups.entry(group).or_default();
            *members += 1;
            *characters += action.len();
        }
    }
    groups
        .into_iter()
        .filter(|(group, (members, _))| {
            *members > 1 && (group.ends_with(":Describe") || group.ends_with(":List"))
        })
        .max_by_key(|(_, (_, characters))| *characters)
        .map(|(group, _)| group.to_owned())
}

/// `ec2:Describe` of `ec2:DescribeVolumes`; `None` for a pattern.
fn verb(action: &str) -> Option<&str> {
    let name = action.find(':')? + 1;
    let end = action[name..]
        .char_indices()
        .skip(1)
        .find(|(_, c)| c.is_ascii_uppercase())?
        .0;
    (!action.ends_with('*')).then(|| &action[..name + end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn allowed(policy: &str) -> Vec<String> {
        let policy: Value = serde_json::from_str(policy).unwrap();
        let actions = &policy["Statement"][0]["Action"];
        serde_json::from_value(actions.clone()).unwrap()
    }

    #[test]
    fn a_short_list_is_exact() {
        let actions = BTreeSet::from(["ec2:DescribeVolumes", "s3:GetBucketPolicy"]);
        assert_eq!(
            allowed(&json(&actions)),
            ["ec2:DescribeVolumes", "s3:GetBucketPolicy"]
        );
    }

    #[test]
    fn a_long_list_fits_and_covers_every_action_and_no_other_verb() {
        let actions: Vec<String> = (0..60)
            .map(|n| format!("ec2:DescribeSomethingQuiteLong{n}"))
            .chain((0..20).map(|n| format!("s3:GetBucketSetting{n}")))
            .collect();
        let actions: BTreeSet<&str> = actions.iter().map(String::as_str).collect();
        let policy = json(&actions);
        assert!(policy.len() <= LONGEST, "{} characters", policy.len());
        let allowed = allowed(&policy);
        for action in &actions {
            assert!(
                allowed
                    .iter()
                    .any(|pattern| match pattern.strip_suffix('*') {
                        Some(prefix) => action.starts_with(prefix),
                        None => action == pattern,
                    }),
                "{action} is not in {allowed:?}"
            );
        }
        assert!(allowed.contains(&"ec2:Describe*".to_owned()));
        assert!(!allowed.iter().any(|a| a == "*" || a.ends_with(":*")));
    }
}
