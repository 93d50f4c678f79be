//! The role that accounts are read with allows what `sixpillars permissions` prints, and nothing else.

use crate::{assert_current, file, files, text, with_part};
use assert_cmd::Command;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The characters of a managed policy.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const LONGEST: usize = 6144;
/// The managed policies of a role, unless an account has a higher quota.
const MOST: usize = 10;

const TEMPLATE: &str = "deploy/cloudformation/member-role.yaml";
const BEGIN: &str = "  # Written by the test `deploy` from what `sixpillars permissions` prints.";
const END: &str = "  # End of what is written.";

/// The actions that the program names for some flags.
fn actions(flags: &[&str]) -> BTreeSet<String> {
    let output = Command::cargo_bin("sixpillars")
        .unwrap()
        .env_clear()
        .arg("permissions")
        .args(flags)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut actions = BTreeSet::new();
    for statement in policy["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(statement["Resource"], "*");
        for action in statement["Action"].as_array().unwrap() {
            actions.insert(action.as_str().unwrap().to_owned());
        }
    }
    actions
}

/// What a scan reads by default, and what it reads besides where reads may cost something.
fn wanted() -> (BTreeSet<String>, BTreeSet<String>) {
    let free = actions(&[]);
    let all = actions(&["--allow-paid", "1"]);
    let billed = all.difference(&free).cloned().collect();
    (free, billed)
}

#[test]
fn no_built_in_policy_reads_more_than_the_default() {
    let all = actions(&["--allow-paid", "1"]);
    for policy in ["startup", "regulated", "ci"] {
        let theirs = actions(&["--policy", policy, "--allow-paid", "1"]);
        let more: Vec<_> = theirs.difference(&all).collect();
        assert!(more.is_empty(), "{policy} reads more: {more:?}");
    }
}

fn policy(actions: &[String]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]
    })
}

/// As few managed policies as hold the actions.
fn split(actions: &BTreeSet<String>) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = vec![Vec::new()];
    for action in actions {
        let mut last = parts.last().cloned().unwrap();
        last.push(action.clone());
        if policy(&last).to_string().len() > LONGEST {
            parts.push(vec![action.clone()]);
        } else {
            *parts.last_mut().unwrap() = last;
        }
    }
    parts
}

/// The managed policies: their names, and what they allow.
fn policies() -> Vec<(String, Vec<String>)> {
    let (free, billed) = wanted();
    let free = split(&free).into_iter().zip(1..);
    let mut policies: Vec<_> = free
        .map(|(actions, number)| (format!("read-{number}"), actions))
        .collect();
    policies.push(("billed".to_owned(), billed.into_iter().collect()));
    policies
}

#[test]
fn the_policies_of_the_role_are_what_the_program_needs() {
    let policies = policies();
    assert!(policies.len() <= MOST);
    let mut template = String::new();
    let mut names = Vec::new();
    for (name, actions) in &policies {
        let json = policy(actions);
        assert!(json.to_string().len() <= LONGEST, "{name} is too long");
        let path = format!("deploy/policies/{name}.json");
        assert_current(
            &path,
            &format!("{}\n", serde_json::to_string_pretty(&json).unwrap()),
        );
        names.push(path);

        let resource = match name.strip_prefix("read-") {
            Some(number) => format!("  Read{number}:\n    Type: AWS::IAM::ManagedPolicy\n"),
            None => "  Billed:\n    Type: AWS::IAM::ManagedPolicy\n    \
                     Condition: AllowBilledReads\n"
                .to_owned(),
        };
        template.push_str(&resource);
        template.push_str(
            "    Properties:\n      Description: What a scan by Six Pillars reads\n      \
             Roles: [!Ref Role]\n      PolicyDocument:\n        Version: \"2012-10-17\"\n        \
             Statement:\n          - Effect: Allow\n            Resource: \"*\"\n            Action:\n",
        );
        for action in actions {
            writeln!(template, "              - {action}").unwrap();
        }
    }
    assert_current(TEMPLATE, &with_part(&text(TEMPLATE), BEGIN, END, &template));
    // A policy that is needed no longer is not left behind.
    for path in files("deploy/policies") {
        if !names.contains(&path) {
            assert!(
                std::env::var_os("UPDATE_SCHEMAS").is_some(),
                "{path} is not needed any more"
            );
            std::fs::remove_file(file(&path)).unwrap();
        }
    }
}

/// Reading is the member role's to allow. The roles of tasks assume it, and may write only where
/// reports and messages go.
#[test]
fn the_roles_of_tasks_may_do_little() {
    let allowed = [
        "ecs:RunTask",
        "elasticfilesystem:ClientMount",
        "elasticfilesystem:ClientWrite",
        "events:PutEvents",
        "iam:PassRole",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "ses:SendEmail",
        "sns:Publish",
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
    ];
    let (free, billed) = wanted();
    let mut seen = 0;
    for path in files("deploy") {
        let extension = path.rsplit('.').next();
        if !matches!(extension, Some("yaml" | "tf")) || path == TEMPLATE {
            continue;
        }
        for word in text(&path).split(|c: char| !c.is_ascii_alphanumeric() && c != ':') {
            let Some((service, operation)) = word.split_once(':') else {
                continue;
            };
            let is_action = !service.is_empty()
                && service.chars().all(|c| c.is_ascii_lowercase())
                && operation.starts_with(|c: char| c.is_ascii_uppercase())
                && operation.chars().all(|c| c.is_ascii_alphanumeric())
                && operation.chars().any(|c| c.is_ascii_lowercase())
                && service != "aws";
            if !is_action || KEYS.contains(&word) {
                continue;
            }
            assert!(allowed.contains(&word), "{path} allows {word}");
            seen += 1;
        }
    }
    assert!(seen > 10, "the roles were not found");
    for action in allowed {
        let reads = free.contains(action) || billed.contains(action);
        assert!(!reads, "{action} is the member role's to allow");
    }
}

/// Keys of conditions, which look like actions.
const KEYS: [&str; 3] = [
    "elasticfilesystem:AccessPointArn",
    "iam:PassedToService",
    "sts:ExternalId",
];
