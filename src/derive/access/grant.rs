//! Whether a statement of an identity policy allows or denies a request.

use super::caller::Applies;
use super::document::{Condition, Effect, Quantifier, Set, Statement};
use super::escalation::PASS_ROLE;
use super::keys::{Class, class};
use super::pattern::fits;
use crate::kinds::endpoints::{self, ServicePrincipal};

/// The name that stands for the user whose policy it is, where a policy says `${aws:username}`.
pub(super) const ONESELF: &str = "zq7-oneself";
const USERNAME: &str = "${aws:username}";
const PASSED_TO: &str = "iam:passedtoservice";

/// Condition keys that narrow the resources, or the uses of a KMS key or secret, as a `Resource` other
/// than `*` does. Tags of the resource do so too.
const NARROWING: &[&str] = &[
    "kms:encryptioncontextkeys",
    "kms:requestalias",
    "kms:resourcealiases",
    "kms:viaservice",
    "secretsmanager:name",
    "secretsmanager:secretid",
];
const NARROWING_FAMILIES: &[&str] = &[":resourcetag/", "kms:encryptioncontext:"];

/// A request to evaluate statements for.
pub(super) struct Request<'a> {
    /// In lower case.
    pub(super) action: &'a str,
    pub(super) target: Target,
    /// The service that a role is passed to.
    pub(super) passed_to: Option<&'static str>,
    /// The account of principal and resource, and its partition.
    pub(super) account: &'a str,
    pub(super) partition: &'a str,
}

pub(super) enum Target {
    /// Any one resource.
    Something,
    /// A resource that the policy cannot name, so that only a statement on all resources covers it.
    Everything,
    /// The resource with this ARN.
    Arn(String),
}

/// How a condition restricts a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It holds for the request.
    Holds,
    /// It does not hold for the request.
    Fails,
    /// It holds if the caller makes the request in the right way, such as with MFA.
    Circumstance,
    /// It holds from some time on.
    Since,
    /// It holds for some resources.
    Narrower,
    /// The policy does not say.
    Unknown,
}

/// Whether a statement allows the request, if the caller makes it in the right way.
pub(super) fn allows(statement: &Statement, request: &Request) -> Applies {
    let concerns = statement.effect == Effect::Allow
        && statement.covers(request.action)
        && match (&request.target, &statement.resources) {
            (_, None) => false,
            (Target::Something, Some(Set::These(resources))) => !resources.is_empty(),
            (Target::Something, Some(Set::AllBut(_))) => true,
            (_, Some(resources)) => reaches(resources, request),
        };
    under(concerns, statement, |condition| {
        match meaning(condition, request) {
            Meaning::Holds | Meaning::Circumstance | Meaning::Since => Applies::Yes,
            // A resource with such a tag may exist. That all have it is not to be expected.
            Meaning::Narrower if matches!(request.target, Target::Something) => Applies::Perhaps,
            Meaning::Fails | Meaning::Narrower => Applies::No,
            Meaning::Unknown => Applies::Perhaps,
        }
    })
}

/// Whether a statement denies the request however the caller makes it.
pub(super) fn denies(statement: &Statement, request: &Request) -> Applies {
    let concerns = statement.effect == Effect::Deny
        && statement.covers(request.action)
        && match (&request.target, &statement.resources) {
            (_, None) => false,
            // Only a denial on all resources leaves no resource.
            (Target::Something, Some(Set::These(resources))) => {
                resources.iter().any(|r| is_whole(r, request.action))
            }
            (Target::Something, Some(Set::AllBut(spared))) => spared.is_empty(),
            (_, Some(resources)) => reaches(resources, request),
        };
    under(concerns, statement, |condition| {
        match meaning(condition, request) {
            Meaning::Holds => Applies::Yes,
            // Made in another way, or on another resource, the request is not denied.
            Meaning::Fails | Meaning::Circumstance | Meaning::Narrower => Applies::No,
            Meaning::Since | Meaning::Unknown => Applies::Perhaps,
        }
    })
}

/// Whether a statement that matches applies: all of its conditions must hold.
fn under(concerns: bool, statement: &Statement, holds: impl Fn(&Condition) -> Applies) -> Applies {
    let all = statement.conditions.iter().map(holds).min();
    if concerns {
        all.unwrap_or(Applies::Yes)
    } else {
        Applies::No
    }
}

fn meaning(condition: &Condition, request: &Request) -> Meaning {
    let key = condition.key.as_str();
    let known = |holds: Option<bool>| match holds {
        Some(true) => Meaning::Holds,
        Some(false) => Meaning::Fails,
        None => Meaning::Unknown,
    };
    if is_circumstance(key) {
        Meaning::Circumstance
    } else if class(key) == Class::Clock && condition.operator.contains("greaterthan") {
        Meaning::Since
    } else if key == PASSED_TO {
        passing(condition, request)
    } else if key == "aws:principalaccount" {
        known(condition.holds_for(Some(request.account)))
    } else if key == "aws:resourceaccount"
        && condition.holds_for(Some(request.account)) == Some(true)
    {
        Meaning::Holds
    } else if condition.demands_a_value() && narrows(key) {
        Meaning::Narrower
    } else {
        Meaning::Unknown
    }
}

fn narrows(key: &str) -> bool {
    NARROWING.contains(&key) || NARROWING_FAMILIES.iter().any(|part| key.contains(part))
}

/// A condition on `iam:PassedToService`, a key that only requests with `iam:PassRole` have.
fn passing(condition: &Condition, request: &Request) -> Meaning {
    let holds = match request.passed_to {
        Some(service) => names_service(condition, service, request.partition),
        None if request.action.eq_ignore_ascii_case(PASS_ROLE) => {
            // The role is passed to any service, and the condition names only some.
            return if condition.demands_a_value() {
                Meaning::Narrower
            } else {
                Meaning::Unknown
            };
        }
        None => Some(
            condition.if_exists
                || condition.quantifier == Some(Quantifier::All)
                || condition.operator.contains("not"),
        ),
    };
    match holds {
        Some(true) => Meaning::Holds,
        Some(false) => Meaning::Fails,
        None => Meaning::Unknown,
    }
}

/// Whether a condition holds for a service, which may have a second name in a partition:
/// `ec2.amazonaws.com.cn`. To allow one of the names allows the service. To deny one of them may leave
/// the other.
fn names_service(condition: &Condition, service: &str, partition: &str) -> Option<bool> {
    let standard = condition.holds_for(Some(service));
    let suffix = endpoints::partition(partition).map(|partition| partition.dns_suffix);
    let parsed = ServicePrincipal::parse(service);
    let Some((name, suffix)) = parsed.zip(suffix.filter(|suffix| !service.ends_with(suffix)))
    else {
        return standard;
    };
    let local = condition.holds_for(Some(&format!("{}.{suffix}", name.service)));
    if standard == local {
        standard
    } else if condition.operator.contains("not") {
        None
    } else {
        standard.max(local)
    }
}

/// Whether a key describes how and from where a request is made, and neither the caller nor the
/// resource. The caller can meet a condition on it, and can avoid a denial under one.
fn is_circumstance(key: &str) -> bool {
    match class(key) {
        Class::Circumstance | Class::Address => true,
        Class::Network => key.starts_with("aws:source"),
        _ => false,
    }
}

/// The condition key, without the part that users choose, such as the name of a tag, on which it
/// depends whether a statement applies. Of several it is the first in alphabetical order, since the
/// order of conditions has no meaning.
pub(super) fn in_doubt(statement: &Statement) -> Option<&str> {
    let keys = statement.conditions.iter().map(|c| c.key.as_str());
    let unclear = keys.filter(|key| !is_circumstance(key));
    unclear
        .map(|key| key.split('/').next().unwrap_or(key))
        .min()
}

fn reaches(resources: &Set<String>, request: &Request) -> bool {
    resources.has(|pattern| match &request.target {
        Target::Arn(arn) => fits(&with_oneself(pattern), arn),
        Target::Something | Target::Everything => is_whole(pattern, request.action),
    })
}

/// A pattern with [`ONESELF`] in place of `${aws:username}`.
fn with_oneself(pattern: &str) -> std::borrow::Cow<'_, str> {
    match pattern.to_ascii_lowercase().find(USERNAME) {
        None => pattern.into(),
        Some(at) => {
            let (before, after) = (&pattern[..at], &pattern[at + USERNAME.len()..]);
            format!("{before}{ONESELF}{after}").into()
        }
    }
}

/// Whether a pattern matches every resource of an action, or every resource of one type: `*`,
/// `arn:aws:iam::*:role/*`. The region and the account do not matter.
fn is_whole(pattern: &str, action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    // The actions of these two services are on resources of another service.
    let of_service = |pattern: &str| {
        fits(pattern, service) || [("iam", "sts"), ("ec2", "ssm")].contains(&(pattern, service))
    };
    let wild = |s: &str| s.contains('*') && s.chars().all(|c| "*:/".contains(c));
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    match fields[..] {
        // In the ARN of an object the part before the slash is the name of a bucket, not a type.
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
