//! What AWS managed policies give. Their documents are the same in every account and are a megabyte
//! of text, so they are not read but known from a table.

use super::document::{Condition, Effect, Policy, Set, Statement};
use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<HashMap<&'static str, Policy>> = LazyLock::new(|| {
    include_str!("aws_managed.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, policy(words)))
        })
        .collect()
});

static NOTHING: Policy = Policy {
    statements: Vec::new(),
};

/// An AWS managed policy by ARN; `None` for any other policy.
///
/// One that the table does not name gives nothing that is asked for here. That holds for the
/// policies AWS had when the table was made. One published since counts as harmless: AWS publishes
/// some every week, nearly all for one service, and to call whoever holds one unknown would hide
/// what their other policies give.
#[must_use]
pub fn aws_managed(arn: &str) -> Option<&'static Policy> {
    let (_, rest) = arn.split_once(":iam::aws:policy/")?;
    let name = rest.rsplit('/').next().unwrap_or(rest);
    Some(TABLE.get(name).unwrap_or(&NOTHING))
}

/// The policy that a line of the table stands for; its words are explained there.
fn policy<'a>(words: impl Iterator<Item = &'a str>) -> Policy {
    let mut everywhere = Vec::new();
    let mut somewhere = Vec::new();
    let mut policy = Policy::default();
    let list = |text: &str| text.split(',').map(str::to_ascii_lowercase).collect();
    for word in words {
        if word == "-*" {
            policy.statements.push(Statement {
                effect: Effect::Deny,
                ..allow(Set::These(vec!["*".to_owned()]), "*")
            });
        } else if let Some(but) = word.strip_prefix('!') {
            policy.statements.push(allow(Set::AllBut(list(but)), "*"));
        } else if let Some(action) = word.strip_prefix('~') {
            somewhere.push(action.to_ascii_lowercase());
        } else if let Some((action, service)) = word.split_once('@') {
            let mut statement = allow(Set::These(list(action)), "*");
            statement.conditions.push(Condition {
                operator: "stringequals".to_owned(),
                quantifier: None,
                if_exists: false,
                key: "iam:passedtoservice".to_owned(),
                values: vec![service.to_owned()],
            });
            policy.statements.push(statement);
        } else {
            everywhere.push(word.to_ascii_lowercase());
        }
    }
    for (actions, resource) in [(everywhere, "*"), (somewhere, "some")] {
        if !actions.is_empty() {
            policy.statements.push(allow(Set::These(actions), resource));
        }
    }
    policy
}

fn allow(actions: Set<String>, resource: &str) -> Statement {
    Statement {
        effect: Effect::Allow,
        principals: None,
        actions,
        resources: Some(Set::These(vec![resource.to_owned()])),
        conditions: Vec::new(),
    }
}
