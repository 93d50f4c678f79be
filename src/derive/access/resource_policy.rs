//! What the policy of a resource lets others do, whichever kind of resource it is.
//!
//! A request is allowed when a statement allows it and none denies it. Only requests from outside of
//! the account that owns the resource are asked about: those of strangers, of other accounts, of
//! members of an organization, and of AWS services on behalf of any of them. For those the policy of
//! the resource alone decides what the owner lets in; what the caller's own account allows is up to
//! that account.
//!
//! What is asked of a statement is what it says as patterns: an allowance of `s3:Get*` on `bucket/*` is
//! tried as a whole against the denials, and only a denial of all of it takes it away.

use super::caller::{Applies, Caller, CallerScope};
use super::document::{Condition, Effect, Malformed, Policy, Principal, Set, Statement};
use super::keys::{Class, class};
use super::pattern::{contains, overlap};
use super::principal_match::{account_of, allows_some, names_all};
use crate::kinds::endpoints::canonical_principal;
use crate::model::kinds::policy_access::PolicyAccess;
use crate::model::{Cause, Gap, Part};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Whose a resource is, and what.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The prefix of its service in actions, such as `sns`.
    pub service: &'a str,
    /// Its ARN, where it has one.
    pub arn: Option<&'a str>,
    /// The account that it is in.
    pub account: &'a str,
}

/// The calls that matter of services that also answer without TLS, as AWS writes them; for S3 with
/// whether they are about objects.
const CALLS: &[(&str, &[(&str, bool)])] = &[
    (
        "s3",
        &[
            ("s3:ListBucket", false),
            ("s3:GetBucketPolicy", false),
            ("s3:PutBucketPolicy", false),
            ("s3:GetObject", true),
            ("s3:PutObject", true),
            ("s3:DeleteObject", true),
        ],
    ),
    // What a topic's policy can refuse that carries a message.
    ("sns", &[("sns:Publish", false)]),
    (
        "sqs",
        &[
            ("sqs:SendMessage", false),
            ("sqs:ReceiveMessage", false),
            ("sqs:DeleteMessage", false),
        ],
    ),
];

/// A request without TLS. There is no version of what is not there.
const PLAIN: &[(&str, Option<&str>)] = &[
    ("aws:securetransport", Some("false")),
    ("s3:tlsversion", None),
];

/// A caller of no organization.
const ALONE: &[(&str, Option<&str>)] = &[
    ("aws:principalorgid", None),
    ("aws:principalorgpaths", None),
    ("aws:sourceorgid", None),
    ("aws:sourceorgpaths", None),
];

/// An account that no policy has reason to mention.
const UNHEARD_OF: &str = "zq7-account";

/// What the policy of a resource lets others do; `None` if it has no policy.
///
/// # Errors
/// When the text is not a policy.
pub fn resource_access(
    document: Option<&str>,
    owner: &Owner<'_>,
) -> Result<PolicyAccess, Malformed> {
    let policy = match document {
        None => Policy::default(),
        Some(text) => Policy::parse(text)?,
    };
    let reading = Reading {
        policy: &policy,
        owner,
        action: None,
    };
    Ok(PolicyAccess {
        policy: document.is_some(),
        ..reading.access()
    })
}

/// A policy, read for its resource.
pub(in crate::derive) struct Reading<'a> {
    pub(in crate::derive) policy: &'a Policy,
    pub(in crate::derive) owner: &'a Owner<'a>,
    /// The one action that is asked about, in lower case; `None` for any.
    pub(in crate::derive) action: Option<&'a str>,
}

/// The organizations that a condition names.
fn organizations_of(condition: &Condition) -> impl Iterator<Item = &str> {
    let is_about_them = class(&condition.key) == Class::Organization;
    let values = condition.values.iter().filter(move |_| is_about_them);
    values
        .map(|value| value.split('/').next().unwrap_or_default())
        .filter(|id| id.starts_with("o-") || id.eq_ignore_ascii_case("${aws:ResourceOrgID}"))
}

/// A piece of what a statement allows: patterns of one action and one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// In lower case.
    action: String,
    /// `None` if statements name no resources, as in trust policies.
    resource: Option<String>,
}

impl<'a> Reading<'a> {
    fn access(&self) -> PolicyAccess {
        let stranger = Caller::stranger(self.owner.account);
        let public = self.open_actions(&stranger);
        let is_public = public.values().copied().max().unwrap_or(Applies::No);
        let services = self.services();
        let without_source: BTreeMap<&str, Applies> = services
            .iter()
            .map(|s| (*s, self.lets_in(&stranger.through(s))))
            // Who lets everyone in lets in every service too: that is told already.
            .chain((is_public != Applies::Yes).then(|| ("*", self.lets_in(&stranger.through("*")))))
            .collect();
        let accounts = self.accounts(true);
        let organizations = self.organizations();
        let open = self.open_without_tls();
        let least = |answers: &BTreeMap<&str, Applies>| answers.values().copied().max();
        let any_service = without_source.get("*").copied().unwrap_or(Applies::No);
        let named = services.iter().map(|name| canonical_principal(name));
        let mut services: BTreeSet<String> = named.map(Cow::into_owned).collect();
        if any_service != Applies::No {
            services.insert("*".to_owned());
        }
        let outsiders = [
            is_public,
            least(&without_source).unwrap_or(Applies::No),
            self.without_organization(accounts.keys().copied()),
        ];
        let outsiders = outsiders.into_iter().max().unwrap_or(Applies::No);
        PolicyAccess {
            policy: true,
            public: self.verdict(is_public),
            public_actions: self.listed(&public),
            external_accounts: self.listed(&accounts),
            organizations: self.listed(&organizations),
            organization_only: self.verdict(outsiders.inverse()),
            services: services.into_iter().collect(),
            services_without_source: self.listed(&by_service(&without_source)),
            tls_required: self.verdict(least(&open).unwrap_or(Applies::No).inverse()),
            open_without_tls: self.listed(&open),
        }
    }

    /// Whether a caller may do something.
    pub(in crate::derive) fn lets_in(&self, caller: &Caller<'_>) -> Applies {
        let actions = self.open_actions(caller);
        actions.into_values().max().unwrap_or(Applies::No)
    }

    /// Whether a caller may do one thing, be it on some of the resource only.
    pub(in crate::derive) fn allows(&self, caller: &Caller<'_>, action: &str) -> Applies {
        let about_one = Reading {
            policy: self.policy,
            owner: self.owner,
            action: Some(action),
        };
        about_one.lets_in(caller)
    }

    /// What a caller may do, as the statements have it.
    fn open_actions(&self, caller: &Caller<'_>) -> BTreeMap<String, Applies> {
        let unheard_of = format!("{}:zq7-action", self.owner.service);
        self.open(caller, |statement| {
            match (self.action, &statement.actions) {
                (Some(action), _) if statement.covers(action) => {
                    self.pieces(statement, &[action.to_owned()])
                }
                (Some(_), _) => Vec::new(),
                (None, Set::These(actions)) => self.pieces(statement, actions),
                // All but some: something that none of them is.
                (None, Set::AllBut(_)) => self.pieces(statement, std::slice::from_ref(&unheard_of)),
            }
        })
    }

    fn open(
        &self,
        caller: &Caller<'_>,
        pieces: impl Fn(&Statement) -> Vec<Piece>,
    ) -> BTreeMap<String, Applies> {
        let mut open: BTreeMap<String, Applies> = BTreeMap::new();
        for statement in &self.policy.statements {
            let allowed = allows_some(statement, caller);
            if allowed == Applies::No {
                continue;
            }
            for piece in pieces(statement) {
                let left = allowed.min(self.denied(caller, &piece).inverse());
                if left != Applies::No {
                    let action = match piece.action.strip_suffix(":zq7-action") {
                        Some(service) => format!("{service}:*"),
                        None => piece.action,
                    };
                    let known = open.entry(action).or_insert(left);
                    *known = left.max(*known);
                }
            }
        }
        open
    }

    /// Whether a piece is denied to every such caller.
    fn denied(&self, caller: &Caller<'_>, piece: &Piece) -> Applies {
        let denials = self.policy.statements.iter();
        denials
            .filter(|s| s.effect == Effect::Deny && self.is_about(s, piece))
            .map(|s| {
                let held = s.conditions.iter().map(|c| c.must_hold(caller));
                held.chain([names_all(s, caller)])
                    .min()
                    .unwrap_or(Applies::No)
            })
            .max()
            .unwrap_or(Applies::No)
    }

    /// Whether a statement is about all of a piece.
    fn is_about(&self, statement: &Statement, piece: &Piece) -> bool {
        let action = match &statement.actions {
            Set::These(patterns) => patterns.iter().any(|p| contains(p, &piece.action)),
            Set::AllBut(spared) => !spared.iter().any(|p| overlap(p, &piece.action)),
        };
        let resource = piece.resource.as_deref().or(self.owner.arn);
        action
            && match (&statement.resources, resource) {
                (None, _) => true,
                (Some(Set::These(patterns)), Some(resource)) => {
                    patterns.iter().any(|p| contains(p, resource))
                }
                (Some(Set::AllBut(spared)), Some(resource)) => {
                    !spared.iter().any(|p| overlap(p, resource))
                }
                (Some(Set::These(patterns)), None) => patterns.iter().any(|p| p == "*"),
                (Some(Set::AllBut(spared)), None) => spared.is_empty(),
            }
    }

    /// The pieces of some actions on the resources of a statement.
    fn pieces(&self, statement: &Statement, actions: &[String]) -> Vec<Piece> {
        let resources = self.resources(statement);
        let of_action = |action: &String| {
            let resources = resources
                .iter()
                .filter(|r| self.is_sensible(action, r.as_deref()));
            resources
                .map(|resource| Piece {
                    action: action.clone(),
                    resource: resource.clone(),
                })
                .collect::<Vec<_>>()
        };
        actions.iter().flat_map(of_action).collect()
    }

    /// The resources of a statement. What stands for the whole is the whole: a bucket and all that is
    /// in it, or the resource itself.
    fn resources(&self, statement: &Statement) -> Vec<Option<String>> {
        let whole: Vec<String> = self.whole().collect();
        match &statement.resources {
            None => vec![None],
            Some(Set::AllBut(_)) if whole.is_empty() => vec![None],
            Some(Set::AllBut(_)) => whole.into_iter().map(Some).collect(),
            Some(Set::These(patterns)) => patterns
                .iter()
                .flat_map(|pattern| {
                    let meant = whole.iter().filter(|w| contains(pattern, w));
                    let meant: Vec<String> = meant.cloned().collect();
                    if meant.is_empty() {
                        vec![pattern.clone()]
                    } else {
                        meant
                    }
                })
                .map(Some)
                .collect(),
        }
    }

    /// The resource itself and, of a bucket, its objects.
    fn whole(&self) -> impl Iterator<Item = String> {
        let objects = self.owner.arn.filter(|_| self.owner.service == "s3");
        let objects = objects.map(|arn| format!("{arn}/*"));
        self.owner
            .arn
            .map(ToOwned::to_owned)
            .into_iter()
            .chain(objects)
    }

    /// Whether an action can be about a resource: those about objects are not about buckets.
    fn is_sensible(&self, action: &str, resource: Option<&str>) -> bool {
        match resource {
            Some(resource) if self.owner.service == "s3" && !action.contains(['*', '?']) => {
                action == "s3:zq7-action" || about_objects(action) == resource.contains('/')
            }
            _ => true,
        }
    }

    /// AWS services that statements let in, by name.
    pub(super) fn services(&self) -> BTreeSet<&'a str> {
        let allowing = self.allowing().filter_map(|s| s.principals.as_ref());
        let named = allowing.flat_map(|principals| match principals {
            Set::These(principals) => principals.as_slice(),
            Set::AllBut(_) => &[],
        });
        named
            .filter_map(|principal| match principal {
                Principal::Service(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Other accounts that statements mention, and whether they let them in: their principals, and
    /// services that act for them where those count.
    pub(super) fn accounts(&self, by_services: bool) -> BTreeMap<&'a str, Applies> {
        let mut mentioned = BTreeSet::new();
        for statement in self.allowing() {
            if let Some(Set::These(principals)) = &statement.principals {
                mentioned.extend(principals.iter().filter_map(|principal| match principal {
                    Principal::Aws(who) => account_of(who),
                    _ => None,
                }));
            }
            for condition in statement.conditions.iter().filter(|c| c.is_positive()) {
                let class = class(&condition.key);
                let names = [
                    Class::Account,
                    Class::PrincipalArn,
                    Class::SourceAccount,
                    Class::SourceArn,
                ];
                if names.contains(&class) {
                    mentioned.extend(condition.values.iter().filter_map(|v| account_of(v)));
                }
            }
        }
        mentioned.remove(self.owner.account);
        let services = self.services();
        let answer = |id: &'a str| {
            let caller = Caller::stranger(self.owner.account).of(CallerScope::Account(id));
            let answer = if by_services {
                self.lets_in_any_way(&caller, &services)
            } else {
                self.lets_in(&caller)
            };
            (id, answer)
        };
        mentioned.into_iter().map(answer).collect()
    }

    /// Organizations that statements mention, and whether these statements let them in. Who else lets them in
    /// does not mean them.
    fn organizations(&self) -> BTreeMap<&'a str, Applies> {
        let conditions = self.allowing().flat_map(|s| &s.conditions);
        let ids: BTreeSet<&str> = conditions.flat_map(organizations_of).collect();
        let answer = |id: &'a str| {
            let statements = self.policy.statements.iter().filter(|s| {
                let mut named = s.conditions.iter().flat_map(organizations_of);
                s.effect == Effect::Deny || named.any(|named| named == id)
            });
            let policy = Policy {
                statements: statements.cloned().collect(),
            };
            let about_it = Reading {
                policy: &policy,
                owner: self.owner,
                action: self.action,
            };
            let caller = Caller::stranger(self.owner.account).of(CallerScope::Member(id));
            (id, about_it.lets_in(&caller))
        };
        ids.into_iter().map(answer).collect()
    }

    /// Whether someone outside of the account is let in without being of an organization.
    fn without_organization(&self, accounts: impl Iterator<Item = &'a str>) -> Applies {
        let caller = Caller::stranger(self.owner.account).knowing(ALONE);
        let services = self.services();
        let all = accounts.chain([UNHEARD_OF]);
        let answers =
            all.map(|id| self.lets_in_any_way(&caller.of(CallerScope::Account(id)), &services));
        answers.max().unwrap_or(Applies::No)
    }

    /// Whether a caller is let in, themselves or through a service.
    fn lets_in_any_way(&self, caller: &Caller<'_>, services: &BTreeSet<&str>) -> Applies {
        let through = services.iter().copied().chain(["*"]);
        let through = through.map(|service| self.lets_in(&caller.through(service)));
        through
            .chain([self.lets_in(caller)])
            .max()
            .unwrap_or(Applies::No)
    }

    /// Calls that those who come without TLS are not refused.
    fn open_without_tls(&self) -> BTreeMap<&'a str, Applies> {
        let everyone = Caller::stranger(self.owner.account)
            .of(CallerScope::Everyone)
            .knowing(PLAIN);
        let whole: Vec<String> = self.whole().collect();
        let refused = |action: &str, objects: bool| {
            let resource = whole.get(usize::from(objects)).cloned();
            self.denied(
                &everyone,
                &Piece {
                    action: action.to_ascii_lowercase(),
                    resource,
                },
            )
        };
        let listed = CALLS
            .iter()
            .find(|(service, _)| *service == self.owner.service);
        if let Some((_, calls)) = listed {
            let each = calls.iter();
            each.map(|(action, objects)| (*action, refused(action, *objects).inverse()))
                .collect()
        } else {
            let all = format!("{}:*", self.owner.service);
            BTreeMap::from([("*", refused(&all, false).inverse())])
        }
    }

    fn allowing(&self) -> impl Iterator<Item = &'a Statement> + use<'a> {
        let (statements, action) = (self.policy.statements.iter(), self.action);
        let applies = move |s: &Statement| action.is_none_or(|action| s.covers(action));
        statements.filter(move |s| s.effect == Effect::Allow && applies(s))
    }

    /// An answer, or the gap of the condition that decides it.
    pub(in crate::derive) fn verdict(&self, answer: Applies) -> Part<bool> {
        match answer {
            Applies::Yes => Part::Read(true),
            Applies::No => Part::Read(false),
            Applies::Perhaps => Part::Gap(self.undecided_gap()),
        }
    }

    /// What is so, or the gap of the condition that decides whether something is.
    pub(super) fn listed<K: AsRef<str>>(
        &self,
        answers: &BTreeMap<K, Applies>,
    ) -> Part<Vec<String>> {
        if answers.values().any(|answer| *answer == Applies::Perhaps) {
            return Part::Gap(self.undecided_gap());
        }
        let so = answers
            .iter()
            .filter(|(_, answer)| **answer == Applies::Yes);
        Part::Read(so.map(|(name, _)| name.as_ref().to_owned()).collect())
    }

    /// The gap of a condition that cannot be told: always of the same one, whatever their order.
    fn undecided_gap(&self) -> Gap {
        let conditions = self.policy.statements.iter().flat_map(|s| &s.conditions);
        let (unknown, other): (Vec<_>, Vec<_>) = conditions
            .map(|c| (class(&c.key), c.key.split('/').next().unwrap_or_default()))
            .partition(|(class, _)| *class == Class::Unknown);
        let first = |keys: Vec<(Class, &'a str)>| keys.into_iter().map(|(_, key)| key).min();
        let key = first(unknown).or_else(|| first(other)).unwrap_or_default();
        let detail = format!("depends on a condition on {key}");
        Gap::new("", Cause::Undecided, detail)
    }
}

/// Answers by the name that a service has in every region and partition.
pub(super) fn by_service(answers: &BTreeMap<&str, Applies>) -> BTreeMap<String, Applies> {
    let mut by_name: BTreeMap<String, Applies> = BTreeMap::new();
    for (name, answer) in answers {
        let known = by_name.entry(canonical_principal(name).into_owned());
        let known = known.or_insert(*answer);
        *known = (*known).max(*answer);
    }
    by_name
}

/// Whether an action of S3, in lower case and without wildcards, is about objects.
fn about_objects(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    let of_bucket = [
        "getbucket",
        "putbucket",
        "createbucket",
        "deletebucket",
        "listbucket",
    ];
    let upload = ["abortmultipartupload", "listmultipartuploadparts"];
    upload.contains(&name)
        || (!of_bucket.iter().any(|start| name.starts_with(start))
            && (name.contains("object") || name.contains("bypassgovernance")))
}

#[cfg(test)]
#[path = "resource_policy_tests.rs"]
mod tests;
