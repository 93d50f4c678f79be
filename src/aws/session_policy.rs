//! The session policy of an assumed role: the session can only read, even if the role can do more.

use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The longest session policy that STS takes, in characters
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
const LONGEST: usize = 2_048;

/// A policy of AWS that allows to see how everything is set up, and no data
/// (<https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html>).
const SECURITY_AUDIT: &str = "SecurityAudit";

/// What scans call that [`SECURITY_AUDIT`] does not allow: its version 94 of September 2026. A version to come
/// may allow more, and these are then said twice.
const BESIDE_SECURITY_AUDIT: [&str; 32] = [
    "backup:ListBackupJobs",
    "backup:ListRestoreJobs",
    "backup:ListRestoreTestingPlans",
    "bcm-data-exports:ListExports",
    "budgets:DescribeBudgetActionsForAccount",
    "budgets:ViewBudget",
    "ce:GetAnomalyMonitors",
    "ce:GetAnomalySubscriptions",
    "ce:GetSavingsPlansPurchaseRecommendation",
    "ce:ListCostAllocationTags",
    "ce:ListCostCategoryDefinitions",
    "cloudtrail:GetEventDataStore",
    "compute-optimizer:GetAutoScalingGroupRecommendations",
    "compute-optimizer:GetEC2InstanceRecommendations",
    "compute-optimizer:GetECSServiceRecommendations",
    "compute-optimizer:GetEnrollmentStatus",
    "compute-optimizer:GetIdleRecommendations",
    "compute-optimizer:GetLambdaFunctionRecommendations",
    "compute-optimizer:GetRecommendationSummaries",
    "cost-optimization-hub:ListEnrollmentStatuses",
    "cur:DescribeReportDefinitions",
    "eks:DescribeClusterVersions",
    "eks:ListInsights",
    "logs:ListLogAnomalyDetectors",
    "macie2:GetAutomatedDiscoveryConfiguration",
    "macie2:GetMacieSession",
    "memorydb:ListTags",
    "scheduler:GetSchedule",
    "scheduler:ListSchedules",
    "servicequotas:GetAutoManagementConfiguration",
    "ses:ListEmailIdentities",
    "support:DescribeCases",
];

/// The most that a session may do: an inline policy, and an AWS managed policy if what a scan reads does not
/// fit into one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The policy of its own.
    pub json: String,
    /// The name of AWS's.
    pub managed: Option<&'static str>,
}

impl SessionPolicy {
    /// The policy that allows these actions: nothing else where STS takes so long a policy, else whatever AWS
    /// lets auditors see.
    #[must_use]
    pub fn of(actions: &BTreeSet<&str>) -> Self {
        let exact = json(actions);
        if exact.len() <= LONGEST {
            return Self {
                json: exact,
                managed: None,
            };
        }
        let beside = BESIDE_SECURITY_AUDIT.into_iter();
        let beside = beside.filter(|action| actions.contains(action));
        Self {
            json: json(&beside.collect()),
            managed: Some(SECURITY_AUDIT),
        }
    }

    /// The ARN of AWS's policy in the partition of a role.
    #[must_use]
    pub fn managed_arn(&self, role: &str) -> Option<String> {
        let partition = role.split(':').nth(1).unwrap_or("aws");
        let name = self.managed?;
        Some(format!("arn:{partition}:iam::aws:policy/{name}"))
    }
}

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
    fn what_does_not_fit_is_left_to_the_policy_that_aws_has_for_auditors() {
        let actions: Vec<String> = (0..99).map(|n| format!("service{n}:GetThing")).collect();
        let mut actions: BTreeSet<&str> = actions.iter().map(String::as_str).collect();
        actions.extend(["budgets:ViewBudget", "s3:GetBucketPolicy"]);
        let policy = SessionPolicy::of(&actions);
        assert_eq!(allowed(&policy.json), ["budgets:ViewBudget"]);
        let arn = policy.managed_arn("arn:aws-cn:iam::111122223333:role/audit");
        assert_eq!(
            arn.as_deref(),
            Some("arn:aws-cn:iam::aws:policy/SecurityAudit")
        );
        // With everything that it does not allow there is room for its name.
        let all = json(&BESIDE_SECURITY_AUDIT.into_iter().collect());
        assert!(all.len() + 64 <= LONGEST, "{} characters", all.len());
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
