//! What the policy of a resource leaves open to a caller: what its statements allow, less what they deny.
//!
//! Statements hold patterns, so permissions are compared as patterns: `s3:Get*` on `bucket/*` is one
//! permission, and only a denial that covers all of it takes it away.

use super::caller::{Applies, Caller};
use super::document::{Effect, Set, Statement};
use super::pattern::{contains, overlap};
use super::principal_match::{allows_some, names_all};
use super::resource_policy::ResourcePolicy;
use std::collections::BTreeMap;

/// The name of an action that no policy mentions. It stands for all that `NotAction` leaves.
const OTHER_ACTION: &str = "zq7-action";

/// A pattern of actions on a pattern of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Permission {
    /// In lower case.
    pub(super) action: String,
    /// `None` if statements name no resources, as in trust policies.
    pub(super) resource: Option<String>,
}

impl ResourcePolicy<'_> {
    /// The actions that a caller may take, as the statements write them.
    pub(super) fn open_actions(&self, caller: &Caller<'_>) -> BTreeMap<String, Applies> {
        let mut open: BTreeMap<String, Applies> = BTreeMap::new();
        for statement in &self.policy.statements {
            let allowed = allows_some(statement, caller);
            if allowed == Applies::No {
                continue;
            }
            for permission in self.permissions(statement) {
                let left = allowed.min(self.denied(caller, &permission).inverse());
                if left == Applies::No {
                    continue;
                }
                let action = match permission.action.split_once(':') {
                    Some((service, OTHER_ACTION)) => format!("{service}:*"),
                    _ => permission.action,
                };
                let known = open.entry(action).or_insert(left);
                *known = left.max(*known);
            }
        }
        open
    }

    /// Whether a permission is denied to every such caller.
    pub(super) fn denied(&self, caller: &Caller<'_>, permission: &Permission) -> Applies {
        let denials = self.policy.statements.iter();
        denials
            .filter(|s| s.effect == Effect::Deny && self.covers(s, permission))
            .map(|s| {
                let conditions = s.conditions.iter().map(|c| c.must_hold(caller));
                conditions
                    .chain([names_all(s, caller)])
                    .min()
                    .unwrap_or(Applies::No)
            })
            .max()
            .unwrap_or(Applies::No)
    }

    /// Whether the actions and resources of a statement include all of a permission.
    fn covers(&self, statement: &Statement, permission: &Permission) -> bool {
        let action = match &statement.actions {
            Set::These(patterns) => patterns.iter().any(|p| contains(p, &permission.action)),
            Set::AllBut(spared) => !spared.iter().any(|p| overlap(p, &permission.action)),
        };
        let resource = permission.resource.as_deref().or(self.owner.arn);
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

    /// The permissions that a statement is about.
    fn permissions(&self, statement: &Statement) -> Vec<Permission> {
        let actions = match (self.action, &statement.actions) {
            (Some(action), _) if statement.covers(action) => vec![action.to_owned()],
            (Some(_), _) => Vec::new(),
            (None, Set::These(actions)) => actions.clone(),
            (None, Set::AllBut(_)) => vec![format!("{}:{OTHER_ACTION}", self.owner.service)],
        };
        let resources = self.resources(statement);
        let of_action = |action: &String| {
            let resources = resources
                .iter()
                .filter(|r| self.can_be_on(action, r.as_deref()));
            resources
                .map(|resource| Permission {
                    action: action.clone(),
                    resource: resource.clone(),
                })
                .collect::<Vec<_>>()
        };
        actions.iter().flat_map(of_action).collect()
    }

    /// The resources that a statement is about. A pattern that includes the resource of the policy, or
    /// all objects of the bucket, counts as just that.
    fn resources(&self, statement: &Statement) -> Vec<Option<String>> {
        let own: Vec<String> = self.own_resources().collect();
        match &statement.resources {
            None => vec![None],
            Some(Set::AllBut(_)) if own.is_empty() => vec![None],
            Some(Set::AllBut(_)) => own.into_iter().map(Some).collect(),
            Some(Set::These(patterns)) => patterns
                .iter()
                .flat_map(|pattern| {
                    let included = own.iter().filter(|arn| contains(pattern, arn));
                    let included: Vec<String> = included.cloned().collect();
                    if included.is_empty() {
                        vec![pattern.clone()]
                    } else {
                        included
                    }
                })
                .map(Some)
                .collect(),
        }
    }

    /// The ARN of the resource and, for a bucket, the pattern of its objects.
    pub(super) fn own_resources(&self) -> impl Iterator<Item = String> {
        let objects = self.owner.arn.filter(|_| self.owner.service == "s3");
        let objects = objects.map(|arn| format!("{arn}/*"));
        self.owner
            .arn
            .map(ToOwned::to_owned)
            .into_iter()
            .chain(objects)
    }

    /// Whether an action can be on a resource. In S3, an action is either on buckets or on objects.
    fn can_be_on(&self, action: &str, resource: Option<&str>) -> bool {
        match resource {
            Some(resource) if self.owner.service == "s3" && !action.contains(['*', '?']) => {
                action.strip_prefix("s3:") == Some(OTHER_ACTION)
                    || is_on_objects(action) == resource.contains('/')
            }
            _ => true,
        }
    }
}

/// Whether an action of S3, in lower case and without wildcards, is on objects.
fn is_on_objects(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    let on_bucket = [
        "getbucket",
        "putbucket",
        "createbucket",
        "deletebucket",
        "listbucket",
    ];
    let upload = ["abortmultipartupload", "listmultipartuploadparts"];
    upload.contains(&name)
        || (!on_bucket.iter().any(|start| name.starts_with(start))
            && (name.contains("object") || name.contains("bypassgovernance")))
}
