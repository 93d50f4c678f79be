//! What policies give to whom holds them, taken together.

use super::document::{Condition, Effect, Policy, Set, Statement, fits};
use super::escalation::{DIRECT, INDIRECT, On, PASS_ROLE, SENSITIVE, Way};
use crate::model::kinds::iam::Access;
use std::collections::BTreeSet;

/// A name that no policy has reason to mention: what is allowed on it is allowed on anything.
const STRANGER: &str = "zq7-anyone-else";
/// The user itself, where a policy says `${aws:username}`.
const ONESELF: &str = "zq7-oneself";
/// An action that only a statement about all services covers.
const UNHEARD_OF: &str = "zq7-service:zq7-action";
const USERNAME: &str = "${aws:username}";

/// The policies of one principal.
pub struct Held<'a> {
    /// By name, or ARN for managed ones.
    pub policies: Vec<(&'a str, &'a Policy)>,
    /// What bounds them.
    pub boundary: Option<&'a Policy>,
    /// ARNs of the principal and its groups.
    pub own: Vec<&'a str>,
    /// The partition of the account's ARNs.
    pub partition: &'a str,
    /// The account.
    pub account: &'a str,
}

/// A request to try the policies with. Its action is in lower case.
struct Request<'a> {
    action: &'a str,
    target: Target,
    /// The service that a role is passed to.
    passed_to: Option<&'static str>,
}

enum Target {
    /// At least one resource, whichever.
    Something,
    /// A resource of which the policy cannot know.
    Everything,
    /// This one.
    Arn(String),
}

impl Held<'_> {
    /// What they give.
    #[must_use]
    pub fn access(&self) -> Access {
        if self.is_administrator() {
            return Access {
                administrator: true,
                administrator_by: self.sole_administrators(),
                ..Access::default()
            };
        }
        let escalation = DIRECT.iter().chain(INDIRECT).filter(|way| self.opens(way));
        let escalation: BTreeSet<String> = escalation.map(Way::name).collect();
        Access {
            administrator: false,
            administrator_by: Vec::new(),
            escalation: escalation.into_iter().collect(),
            full_services: self.full_services(),
            unbounded_actions: SENSITIVE
                .iter()
                .filter(|action| self.allows(action, On::Everything, None))
                .map(|action| (*action).to_owned())
                .collect(),
        }
    }

    /// Whether everything is allowed, or everything but some services that do not matter here: who
    /// can also change what IAM allows, can have those too.
    fn is_administrator(&self) -> bool {
        self.allows(UNHEARD_OF, On::Everything, None) && DIRECT.iter().any(|way| self.opens(way))
    }

    fn sole_administrators(&self) -> Vec<String> {
        self.policies
            .iter()
            .filter(|policy| {
                let alone = Held {
                    policies: vec![**policy],
                    boundary: None,
                    own: self.own.clone(),
                    ..*self
                };
                alone.is_administrator()
            })
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    fn opens(&self, way: &Way) -> bool {
        let passed = way
            .passes_role_to
            .is_none_or(|service| self.allows(PASS_ROLE, On::Role, Some(service)));
        passed && way.steps.iter().all(|s| self.allows(s.action, s.on, None))
    }

    fn full_services(&self) -> Vec<String> {
        if self.allows(UNHEARD_OF, On::Everything, None) {
            return vec!["*".to_owned()];
        }
        let mut services = BTreeSet::new();
        let policies = self.policies.iter().map(|(_, policy)| *policy);
        for statement in policies.chain(self.boundary).flat_map(|p| &p.statements) {
            if let (Effect::Allow, Set::These(actions)) = (statement.effect, &statement.actions) {
                let whole = actions.iter().filter_map(|a| a.strip_suffix(":*"));
                services.extend(whole.filter(|s| !s.contains(['*', '?'])));
            }
        }
        services
            .retain(|service| self.allows(&format!("{service}:zq7-action"), On::Everything, None));
        services.into_iter().map(ToOwned::to_owned).collect()
    }

    /// Whether an action is allowed, not denied, and within the boundary.
    fn allows(&self, action: &str, on: On, passed_to: Option<&'static str>) -> bool {
        let action = action.to_ascii_lowercase();
        self.targets(on).into_iter().any(|target| {
            let request = Request {
                action: &action,
                target,
                passed_to,
            };
            let all = || self.policies.iter().flat_map(|(_, p)| &p.statements);
            all().any(|s| allowed(s, &request))
                && !all().any(|s| denied(s, &request))
                && self.boundary.is_none_or(|boundary| {
                    boundary.statements.iter().any(|s| allowed(s, &request))
                        && !boundary.statements.iter().any(|s| denied(s, &request))
                })
        })
    }

    /// The resources of which one must be allowed.
    fn targets(&self, on: On) -> Vec<Target> {
        let Self {
            partition, account, ..
        } = self;
        let iam = |kind: &str, name: &str| {
            Target::Arn(format!("arn:{partition}:iam::{account}:{kind}/{name}"))
        };
        let own = |kind: &str| {
            let kind = format!(":{kind}/");
            let own = self.own.iter().filter(move |arn| arn.contains(&kind));
            own.map(|arn| Target::Arn((*arn).to_owned()))
                .collect::<Vec<_>>()
        };
        let mut targets = match on {
            On::Something => vec![Target::Something],
            On::Everything => vec![Target::Everything],
            On::User => vec![iam("user", STRANGER), iam("user", ONESELF)],
            On::OtherUser => vec![iam("user", STRANGER)],
            On::Group => vec![iam("group", STRANGER)],
            On::Role => vec![iam("role", STRANGER)],
            On::Policy => vec![iam("policy", STRANGER)],
            On::ShellScript => vec![Target::Arn(format!(
                "arn:{partition}:ssm:us-east-1::document/AWS-RunShellScript"
            ))],
        };
        match on {
            On::User => targets.extend(own("user")),
            On::Group => targets.extend(own("group")),
            On::Role => targets.extend(own("role")),
            _ => {}
        }
        targets
    }
}

fn allowed(statement: &Statement, request: &Request) -> bool {
    let passes = |c: &Condition| {
        c.key == "iam:passedtoservice"
            && c.demands_a_value()
            && request.passed_to.is_some_and(|service| {
                let wild = c.has_wildcards();
                c.values
                    .iter()
                    .any(|value| value == service || (wild && fits(value, service)))
            })
    };
    statement.effect == Effect::Allow
        && statement.conditions.iter().all(passes)
        && statement.covers(request.action)
        && match (&request.target, &statement.resources) {
            (_, None) => false,
            (Target::Something, Some(Set::These(resources))) => !resources.is_empty(),
            (Target::Something, Some(Set::AllBut(_))) => true,
            (_, Some(resources)) => reaches(resources, request),
        }
}

/// Whether a statement denies the request whatever its circumstances.
fn denied(statement: &Statement, request: &Request) -> bool {
    statement.effect == Effect::Deny
        && statement.conditions.is_empty()
        && statement.covers(request.action)
        && match (&request.target, &statement.resources) {
            (_, None) => false,
            // Of some resource it takes a denial of all to leave none.
            (Target::Something, Some(Set::These(resources))) => {
                resources.iter().any(|r| is_whole(r, request.action))
            }
            (Target::Something, Some(Set::AllBut(spared))) => spared.is_empty(),
            (_, Some(resources)) => reaches(resources, request),
        }
}

fn reaches(resources: &Set<String>, request: &Request) -> bool {
    resources.has(|pattern| match &request.target {
        Target::Arn(arn) => fits(&with_oneself(pattern), arn),
        Target::Something | Target::Everything => is_whole(pattern, request.action),
    })
}

/// A pattern with the user's own name in place of the variable for it.
fn with_oneself(pattern: &str) -> std::borrow::Cow<'_, str> {
    match pattern.to_ascii_lowercase().find(USERNAME) {
        None => pattern.into(),
        Some(at) => {
            let (before, after) = (&pattern[..at], &pattern[at + USERNAME.len()..]);
            format!("{before}{ONESELF}{after}").into()
        }
    }
}

/// Whether a pattern means every resource that an action can have, or every one of a type: `*`,
/// `arn:aws:iam::*:role/*`. In which region or account does not matter.
fn is_whole(pattern: &str, action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    // These two act on what another service calls its own.
    let of_service = |pattern: &str| {
        fits(pattern, service) || [("iam", "sts"), ("ec2", "ssm")].contains(&(pattern, service))
    };
    let wild = |s: &str| s.contains('*') && s.chars().all(|c| "*:/".contains(c));
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    match fields[..] {
        // What precedes a slash in the ARN of a bucket's objects is a name and not a type.
        [_, _, "s3", _, _, resource] => service == "s3" && wild(resource),
        [_, _, owner, _, _, resource] => {
            let all_of_type = || {
                resource
                    .split_once([':', '/'])
                    .is_some_and(|(_, r)| wild(r))
            };
            of_service(owner) && (wild(resource) || all_of_type())
        }
        [_, _, owner, ..] => of_service(owner) && pattern.ends_with('*'),
        _ => pattern.ends_with('*'),
    }
}

/// Whether a policy denies everything, so that nothing else matters.
#[must_use]
pub fn denies_everything(policy: &Policy) -> bool {
    let anything = Request {
        action: UNHEARD_OF,
        target: Target::Everything,
        passed_to: None,
    };
    let total = |s: &Statement| matches!(s.resources, Some(Set::These(_)));
    let actions = |s: &Statement| matches!(s.actions, Set::These(_));
    policy
        .statements
        .iter()
        .any(|s| denied(s, &anything) && total(s) && actions(s))
}

#[cfg(test)]
#[path = "privilege_tests.rs"]
mod tests;
