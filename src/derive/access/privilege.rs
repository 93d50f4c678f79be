//! The permissions that the policies of a principal grant together.

use super::caller::Applies;
use super::document::{Effect, Policy, Set, Statement};
use super::escalation::{
    DIRECT, EscalationPath, INDIRECT, PASS_ROLE, SENSITIVE, Step, StepTarget, TAKEOVER_PATHS,
    TakeoverPath,
};
use super::grant::{self, ONESELF, Request, Target, in_doubt};
use crate::model::kinds::iam::Access;
use crate::model::{Cause, Gap};
use std::collections::BTreeSet;

/// A name that no policy mentions: an action that is allowed on it is allowed on any name.
const OTHER_NAME: &str = "zq7-anyone-else";
/// An action that only a statement about all services covers.
const UNKNOWN_ACTION: &str = "zq7-service:zq7-action";

/// The policies of one principal.
pub struct PrincipalPolicies<'a> {
    /// By name, or by ARN for managed policies.
    pub policies: Vec<(&'a str, &'a Policy)>,
    /// The permissions boundary.
    pub boundary: Option<&'a Policy>,
    /// ARNs of the principal and its groups.
    pub own: Vec<&'a str>,
    /// The partition of the account's ARNs.
    pub partition: &'a str,
    /// The account.
    pub account: &'a str,
}

/// How to count a statement whose conditions cannot be evaluated: so that the policies grant least, or
/// so that they grant most.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Least,
    Most,
}

impl PrincipalPolicies<'_> {
    /// Whether the policies grant everything, and which of them do so alone.
    ///
    /// # Errors
    /// The gap of a condition on which it depends.
    pub fn access(&self) -> Result<Access, Gap> {
        let administrator = self.administrator()?;
        Ok(Access {
            administrator,
            administrator_by: if administrator {
                self.sole_administrators()
            } else {
                Vec::new()
            },
        })
    }

    /// The paths to administrator that are certain; none for an administrator.
    ///
    /// # Errors
    /// No path is certain; the gap of a condition on which one depends.
    pub fn escalation(&self) -> Result<Vec<String>, Gap> {
        let paths = |bound| {
            let open = |path: &&EscalationPath| self.opens(path, bound);
            let paths: BTreeSet<String> = paths().filter(open).map(EscalationPath::name).collect();
            paths.into_iter().collect()
        };
        self.unless_administrator(paths, |certain: &Vec<String>| !certain.is_empty())
    }

    /// The paths to act as an existing user or role that are certain; none for an administrator.
    ///
    /// # Errors
    /// No path is certain; the gap of a condition on which one depends.
    pub fn takeovers(&self) -> Result<Vec<&'static TakeoverPath>, Gap> {
        let paths = |bound| {
            let open = |path: &&TakeoverPath| self.allows_all(path.steps, bound);
            TAKEOVER_PATHS.iter().filter(open).collect()
        };
        self.unless_administrator(paths, |certain: &Vec<_>| !certain.is_empty())
    }

    /// The services of which all actions are certainly allowed on all resources; none for an
    /// administrator.
    ///
    /// # Errors
    /// No service is certain; the gap of a condition on which one depends.
    pub fn full_services(&self) -> Result<Vec<String>, Gap> {
        let services = |bound| self.fully_allowed_services(bound);
        self.unless_administrator(services, |certain: &Vec<String>| !certain.is_empty())
    }

    /// The actions of [`SENSITIVE`] that are allowed on all resources; none for an administrator.
    ///
    /// # Errors
    /// The gap of a condition on which one of them depends.
    pub fn unbounded_actions(&self) -> Result<Vec<String>, Gap> {
        let actions = |bound| {
            let actions = SENSITIVE.iter();
            let allowed = actions.filter(|a| self.allows(a, StepTarget::All, None, bound));
            allowed.map(|action| (*action).to_owned()).collect()
        };
        self.unless_administrator(actions, |_: &Vec<String>| false)
    }

    fn administrator(&self) -> Result<bool, Gap> {
        self.decide(|bound| self.is_administrator(bound), |certain| *certain)
    }

    fn unless_administrator<T: Default + PartialEq>(
        &self,
        answer: impl Fn(Bound) -> T,
        enough: impl Fn(&T) -> bool,
    ) -> Result<T, Gap> {
        if self.is_administrator(Bound::Least) {
            return Ok(T::default());
        }
        self.decide(answer, enough)
    }

    /// The answer, if conditions that cannot be evaluated do not change it.
    fn decide<T: PartialEq>(
        &self,
        answer: impl Fn(Bound) -> T,
        enough: impl Fn(&T) -> bool,
    ) -> Result<T, Gap> {
        let least = answer(Bound::Least);
        if enough(&least) || self.undecided_key().is_none() || least == answer(Bound::Most) {
            return Ok(least);
        }
        let key = self.undecided_key().unwrap_or_default();
        let detail = format!("depends on a condition on {key}");
        Err(Gap::new("", Cause::Undecided, detail))
    }

    /// The key of a condition that cannot be evaluated: the same one whatever the order of statements.
    fn undecided_key(&self) -> Option<&str> {
        let policies = self.policies.iter().map(|(_, policy)| *policy);
        let statements = policies.chain(self.boundary).flat_map(|p| &p.statements);
        statements.filter_map(in_doubt).min()
    }

    /// Whether everything is allowed, or everything but some services that do not matter here: who
    /// can also change what IAM allows, can have those too.
    fn is_administrator(&self, bound: Bound) -> bool {
        let iam = |path: &TakeoverPath| {
            path.steps
                .iter()
                .all(|step| step.action.starts_with("iam:"))
        };
        let mut takeovers = TAKEOVER_PATHS.iter().filter(|path| iam(path));
        self.allows(UNKNOWN_ACTION, StepTarget::All, None, bound)
            && (DIRECT.iter().any(|path| self.opens(path, bound))
                || takeovers.any(|path| self.allows_all(path.steps, bound)))
    }

    fn sole_administrators(&self) -> Vec<String> {
        self.policies
            .iter()
            .filter(|policy| {
                let alone = PrincipalPolicies {
                    policies: vec![**policy],
                    boundary: None,
                    own: self.own.clone(),
                    ..*self
                };
                alone.is_administrator(Bound::Least)
            })
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    fn opens(&self, path: &EscalationPath, bound: Bound) -> bool {
        let passed = path
            .passes_role_to
            .is_none_or(|service| self.allows(PASS_ROLE, StepTarget::Role, Some(service), bound));
        passed && self.allows_all(path.steps, bound)
    }

    fn allows_all(&self, steps: &[Step], bound: Bound) -> bool {
        let mut steps = steps.iter();
        steps.all(|s| self.allows(s.action, s.on, None, bound))
    }

    fn fully_allowed_services(&self, bound: Bound) -> Vec<String> {
        let everything = |action: &str| self.allows(action, StepTarget::All, None, bound);
        if everything(UNKNOWN_ACTION) {
            return vec!["*".to_owned()];
        }
        let mut services = BTreeSet::new();
        let policies = self.policies.iter().map(|(_, policy)| *policy);
        for statement in policies.chain(self.boundary).flat_map(|p| &p.statements) {
            if let (Effect::Allow, Set::These(actions)) = (statement.effect, &statement.actions) {
                let prefixes = actions.iter().filter_map(|a| a.strip_suffix(":*"));
                services.extend(prefixes.filter(|s| !s.contains(['*', '?'])));
            }
        }
        services.retain(|service| everything(&format!("{service}:zq7-action")));
        services.into_iter().map(ToOwned::to_owned).collect()
    }

    /// Whether an action is allowed, not denied, and within the boundary.
    fn allows(
        &self,
        action: &str,
        on: StepTarget,
        passed_to: Option<&'static str>,
        bound: Bound,
    ) -> bool {
        let action = action.to_ascii_lowercase();
        self.targets(on).into_iter().any(|target| {
            let request = Request {
                action: &action,
                target,
                passed_to,
                account: self.account,
                partition: self.partition,
            };
            let all = || self.policies.iter().flat_map(|(_, p)| &p.statements);
            permit(all, &request, bound)
                && self
                    .boundary
                    .is_none_or(|boundary| permit(|| boundary.statements.iter(), &request, bound))
        })
    }

    /// The resources: the action must be allowed on one of them.
    fn targets(&self, on: StepTarget) -> Vec<Target> {
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
            StepTarget::Any => vec![Target::Something],
            StepTarget::All => vec![Target::Everything],
            StepTarget::User => vec![iam("user", OTHER_NAME), iam("user", ONESELF)],
            StepTarget::OtherUser => vec![iam("user", OTHER_NAME)],
            StepTarget::Group => vec![iam("group", OTHER_NAME)],
            StepTarget::Role => vec![iam("role", OTHER_NAME)],
            StepTarget::Policy => vec![iam("policy", OTHER_NAME)],
            StepTarget::RunShellScript => vec![Target::Arn(format!(
                "arn:{partition}:ssm:us-east-1::document/AWS-RunShellScript"
            ))],
        };
        match on {
            StepTarget::User => targets.extend(own("user")),
            StepTarget::Group => targets.extend(own("group")),
            StepTarget::Role => targets.extend(own("role")),
            _ => {}
        }
        targets
    }
}

fn paths() -> impl Iterator<Item = &'static EscalationPath> {
    DIRECT.iter().chain(INDIRECT)
}

/// Whether a statement allows the request and none denies it.
fn permit<'s, I: Iterator<Item = &'s Statement>>(
    statements: impl Fn() -> I,
    request: &Request,
    bound: Bound,
) -> bool {
    let (allowed, spared) = match bound {
        Bound::Least => (Applies::Yes, Applies::No),
        Bound::Most => (Applies::Perhaps, Applies::Perhaps),
    };
    statements().any(|s| grant::allows(s, request) >= allowed)
        && statements().all(|s| grant::denies(s, request) <= spared)
}

/// Whether a policy denies everything, so that no other policy matters.
#[must_use]
pub fn denies_everything(policy: &Policy) -> bool {
    let anything = Request {
        action: UNKNOWN_ACTION,
        target: Target::Everything,
        passed_to: None,
        account: "",
        partition: "",
    };
    let total = |s: &Statement| matches!(s.resources, Some(Set::These(_)));
    let actions = |s: &Statement| matches!(s.actions, Set::These(_)) && s.conditions.is_empty();
    policy
        .statements
        .iter()
        .any(|s| grant::denies(s, &anything) == Applies::Yes && total(s) && actions(s))
}

#[cfg(test)]
#[path = "privilege_tests/mod.rs"]
mod tests;
