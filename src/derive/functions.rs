//! Who may invoke a Lambda function, and where it runs.

use super::access::caller::{Applies, Caller};
use super::access::document::{Malformed, Policy};
use super::access::resource_policy::{Owner, ResourcePolicy};
use super::access::trust::trust;
use super::{Derivation, GLOBAL, Need, World, part};
use crate::model::kinds::ec2::network::Subnet;
use crate::model::kinds::iam::{Role, Trust};
use crate::model::kinds::lambda::{Function, UrlConfig};
use crate::model::{Cause, Gap, Part, Resource, TypedDocument};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        kind: Function::KIND,
        part: "public",
        needs: &[Need {
            kind: Function::KIND,
            parts: &["policy", "url_configs"],
        }],
        run: &public,
    },
    Derivation {
        kind: Function::KIND,
        part: "subnet_zones",
        needs: &[Need {
            kind: Subnet::KIND,
            parts: &[],
        }],
        run: &subnet_zones,
    },
    Derivation {
        kind: Function::KIND,
        part: "at_edge",
        needs: &[Need {
            kind: Role::KIND,
            parts: &[],
        }],
        run: &at_edge,
    },
];

/// Where functions have to be that CloudFront runs, who takes their roles then, and what else they may
/// not have: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html>.
const EDGE_REGION: &str = "us-east-1";
const EDGE_SERVICES: &[&str] = &["edgelambda.amazonaws.com", "*"];

/// The actions that call a function, in lower case like parsed actions.
const INVOKE: &str = "lambda:invokefunction";
const INVOKE_URL: &str = "lambda:invokefunctionurl";

/// What a request to an address has at which requests must be signed.
const SIGNED_URL: &[(&str, Option<&str>)] = &[
    ("lambda:functionurlauthtype", Some("AWS_IAM")),
    ("lambda:invokedviafunctionurl", Some("true")),
];

type Parts = BTreeMap<String, Part<Value>>;

fn derive_each<T: serde::Serialize>(
    world: &World,
    region: &str,
    derive: impl Fn(&Resource, &Function) -> Result<T, Gap>,
) -> Parts {
    let functions = world.known::<Function>(region).unwrap_or_default();
    functions
        .iter()
        .map(|(resource, function)| (resource.id.clone(), part(derive(resource, function))))
        .collect()
}

fn public(world: &World, region: &str) -> Parts {
    derive_each(world, region, |resource, function| {
        match function.policy.get()?.as_deref() {
            None => Ok(false),
            Some(text) => lets_strangers(text, function.url_configs.get(), &owner(resource)),
        }
    })
}

fn owner(resource: &Resource) -> Owner<'_> {
    Owner {
        service: "lambda",
        arn: resource.arn.as_deref(),
        account: &resource.account,
    }
}

/// Whether a policy lets strangers invoke the function: through the API or, if it has a function URL
/// with IAM authorization, through the URL. A URL without authorization is not part of this answer:
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
fn lets_strangers(
    text: &str,
    urls: Result<&Vec<UrlConfig>, Gap>,
    owner: &Owner<'_>,
) -> Result<bool, Gap> {
    let policy = Policy::parse(text).map_err(unread)?;
    let resource = ResourcePolicy::new(&policy, owner);
    let stranger = Caller::stranger(owner.account);
    let direct = resource.allows(&stranger, INVOKE);
    if direct == Applies::Yes {
        return Ok(true);
    }
    let signed = stranger.knowing(SIGNED_URL);
    let by_url = resource.allows(&signed, INVOKE_URL);
    // The policy lets nobody in through a URL, so it does not matter whether there is one.
    if by_url == Applies::No || !urls?.iter().any(|url| url.auth_type != "NONE") {
        return resource.verdict(direct).get().copied();
    }
    // Function URLs created since October 2025 need the other permission too.
    let both = by_url.min(resource.allows(&signed, INVOKE));
    if by_url == Applies::Yes && both != Applies::Yes {
        let detail = "depends on whether its address is of before October 2025";
        return Err(Gap::new("", Cause::Undecided, detail));
    }
    resource.verdict(both.max(direct)).get().copied()
}

fn unread(Malformed(reason): Malformed) -> Gap {
    Gap::malformed_because("lambda:GetPolicy", "GetPolicy", "Policy", reason)
}

fn subnet_zones(world: &World, region: &str) -> Parts {
    let subnets = world.all::<Subnet>(region).map(|all| {
        let zones = all.into_iter();
        zones
            .map(|(resource, subnet)| (resource.id.clone(), subnet.availability_zone))
            .collect::<BTreeMap<_, _>>()
    });
    derive_each(world, region, |_, function| {
        if function.subnet_ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let subnets = subnets.as_ref().map_err(Clone::clone)?;
        let zone = |id: &String| {
            let zone = subnets.get(id.as_str()).cloned().flatten();
            zone.ok_or_else(|| Gap::new("", Cause::Failed, "refers to a subnet that is not listed"))
        };
        function.subnet_ids.iter().map(zone).collect()
    })
}

fn at_edge(world: &World, region: &str) -> Parts {
    let roles = if region == EDGE_REGION {
        world.all::<Role>(GLOBAL)
    } else {
        Ok(Vec::new())
    };
    let roles = roles.map(|roles| {
        let trusts = roles.into_iter().filter_map(|(resource, role)| {
            let trust = trust(&role.assume_role_policy_document, &resource.account);
            Some((resource.arn?, trust.map(|trust| may_be_taken(&trust))))
        });
        trusts.collect::<BTreeMap<_, _>>()
    });
    derive_each(world, region, |_, function| {
        if region != EDGE_REGION || function.vpc_id.is_some() || !function.layers.is_empty() {
            return Ok(false);
        }
        let role = function.role.as_ref();
        let role =
            role.ok_or_else(|| Gap::malformed("lambda:ListFunctions", "ListFunctions", "Role"))?;
        match roles.as_ref().map_err(Clone::clone)?.get(role) {
            None => {
                let detail = "refers to a role that is not listed";
                Err(Gap::new("", Cause::Failed, detail))
            }
            Some(Err(Malformed(reason))) => {
                let (action, operation) = DETAILS;
                let field = "AssumeRolePolicyDocument";
                Err(Gap::malformed_because(action, operation, field, reason))
            }
            Some(Ok(false)) => Ok(false),
            Some(Ok(true)) => {
                let detail = "depends on whether CloudFront runs it (Lambda@Edge)";
                Err(Gap::new("", Cause::Undecided, detail))
            }
        }
    })
}

/// Whether Lambda@Edge may take a role.
fn may_be_taken(trust: &Trust) -> bool {
    let mut services = trust.services.iter();
    services.any(|service| EDGE_SERVICES.contains(&service.as_str()))
        || trust.anyone.get() != Ok(&false)
}

/// What reads roles.
const DETAILS: (&str, &str) = (
    "iam:GetAccountAuthorizationDetails",
    "GetAccountAuthorizationDetails",
);

#[cfg(test)]
#[path = "functions_tests.rs"]
mod tests;
