//! Who may call a function, and where it may run.

use super::access::caller::{Applies, Caller};
use super::access::document::{Malformed, Policy};
use super::access::resource_policy::{Owner, Reading};
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

/// Whether a policy lets strangers call the function: through the API or, where it has a web
/// address at which requests must be signed, through that. What a policy says of an address that
/// asks for no signature matters only if there is one, and is not told here:
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
fn lets_strangers(
    text: &str,
    urls: Result<&Vec<UrlConfig>, Gap>,
    owner: &Owner<'_>,
) -> Result<bool, Gap> {
    let policy = Policy::parse(text).map_err(unread)?;
    let reading = Reading {
        policy: &policy,
        owner,
        action: None,
    };
    let stranger = Caller::stranger(owner.account);
    let direct = reading.allows(&stranger, INVOKE);
    if direct == Applies::Yes {
        return Ok(true);
    }
    let signed = stranger.knowing(SIGNED_URL);
    let by_url = reading.allows(&signed, INVOKE_URL);
    // Nobody gets in by an address, so that it does not matter whether there is one.
    if by_url == Applies::No || !urls?.iter().any(|url| url.auth_type != "NONE") {
        return reading.verdict(direct).get().copied();
    }
    // Addresses made since October 2025 need the other permission too.
    let both = by_url.min(reading.allows(&signed, INVOKE));
    if by_url == Applies::Yes && both != Applies::Yes {
        let detail = "depends on whether its address is of before October 2025";
        return Err(Gap::new("", Cause::Undecided, detail));
    }
    reading.verdict(both.max(direct)).get().copied()
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
mod tests {
    use super::*;
    use crate::derive::access::resource_policy::resource_access;
    use crate::model::Document;
    use serde_json::json;

    const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:resize";

    fn document(kind: &str, id: &str, region: &str, fields: Value) -> Document {
        let Value::Object(fields) = fields else {
            unreachable!("tests pass objects")
        };
        let resource = Resource {
            kind: kind.to_owned(),
            id: id.to_owned(),
            arn: Some(format!("arn:{id}")),
            name: id.to_owned(),
            account: "111122223333".to_owned(),
            region: region.to_owned(),
            tags: Part::Unread,
        };
        Document {
            resource,
            fields,
            gaps: BTreeMap::new(),
        }
    }

    fn function(id: &str, region: &str, role: &str, vpc: Option<&str>) -> Document {
        let own = json!({"architectures": [], "role": role, "code_size": 1, "vpc_id": vpc,
            "subnet_ids": [], "security_group_ids": [], "layers": []});
        document(Function::KIND, id, region, own)
    }

    fn role(id: &str, services: &str) -> Document {
        let policy = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Service":{services}}},"Action":"sts:AssumeRole"}}]}}"#
        );
        let own = json!({"path": "/", "create_date": "2026-01-01T00:00:00Z", "service_linked": false, "assume_role_policy_document": policy,
            "inline_policies": [], "attached_policies": [], "instance_profiles": []});
        document(Role::KIND, id, GLOBAL, own)
    }

    #[test]
    fn only_what_cloudfront_cannot_run_is_certainly_not_at_the_edge() {
        let mut world = World::default();
        let mut global = World::default();
        let both = r#"["lambda.amazonaws.com","edgelambda.amazonaws.com"]"#;
        global.add(GLOBAL, role("edge", both));
        global.add(GLOBAL, role("plain", r#""lambda.amazonaws.com""#));
        for (id, region, role, vpc) in [
            ("edge", "us-east-1", "arn:edge", None),
            ("private", "us-east-1", "arn:edge", Some("vpc-1")),
            ("plain", "us-east-1", "arn:plain", None),
            ("lost", "us-east-1", "arn:gone", None),
            ("elsewhere", "eu-west-1", "arn:edge", None),
        ] {
            world.add(region, function(id, region, role, vpc));
        }
        let uncollected = &at_edge(&world, EDGE_REGION)["plain"];
        assert!(
            matches!(uncollected, Part::Gap(gap) if gap.cause == Cause::Uncollected),
            "{uncollected:?}"
        );
        world.share(std::sync::Arc::new(global));
        let found = at_edge(&world, EDGE_REGION);
        let cause = |id: &str| match &found[id] {
            Part::Gap(gap) => gap.cause,
            other => panic!("{id}: {other:?}"),
        };
        assert_eq!(cause("edge"), Cause::Undecided);
        assert_eq!(cause("lost"), Cause::Failed);
        assert_eq!(found["private"], Part::Read(json!(false)));
        assert_eq!(found["plain"], Part::Read(json!(false)));
        let elsewhere = at_edge(&world, "eu-west-1");
        assert_eq!(elsewhere["elsewhere"], Part::Read(json!(false)));
    }
    const RESIZE: Owner<'_> = Owner {
        service: "lambda",
        arn: Some(ARN),
        account: "111122223333",
    };

    fn urls(kinds: &[&str]) -> Vec<UrlConfig> {
        let url = |auth_type: &&str| UrlConfig {
            auth_type: (*auth_type).to_owned(),
            cors_allow_origins: Vec::new(),
            cors_allow_credentials: None,
        };
        kinds.iter().map(url).collect()
    }

    fn public_with(statements: &str, kinds: &[&str]) -> Result<bool, Gap> {
        let text = format!(r#"{{"Statement":[{statements}]}}"#);
        lets_strangers(&text, Ok(&urls(kinds)), &RESIZE)
    }

    fn public_by(statements: &str) -> Result<bool, Gap> {
        public_with(statements, &[])
    }

    fn allow_to(action: &str, principal: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"{ARN}","Condition":{condition}}}"#
        )
    }

    fn allow(principal: &str, condition: &str) -> String {
        allow_to("lambda:InvokeFunction", principal, condition)
    }

    fn deputies(statements: &str) -> Vec<String> {
        let text = format!(r#"{{"Statement":[{statements}]}}"#);
        let access = resource_access(Some(&text), &RESIZE).unwrap();
        access.services_without_source.get().unwrap().clone()
    }

    #[test]
    fn everyone_without_a_condition_is_a_stranger() {
        assert_eq!(public_by(&allow(r#""*""#, "{}")), Ok(true));
        assert_eq!(public_by(&allow(r#"{"AWS":"*"}"#, "{}")), Ok(true));
        let account = r#"{"AWS":"arn:aws:iam::444455556666:root"}"#;
        assert_eq!(public_by(&allow(account, "{}")), Ok(false));
    }

    #[test]
    fn a_service_that_acts_for_anyone_lets_anyone_in() {
        let service = r#"{"Service":"s3.amazonaws.com"}"#;
        let open = allow(service, "{}");
        assert_eq!(public_by(&open), Ok(false));
        assert_eq!(deputies(&open), ["s3.amazonaws.com"]);
        // A bucket's ARN names no account.
        let bucket = r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::uploads"}}"#;
        assert_eq!(deputies(&allow(service, bucket)), ["s3.amazonaws.com"]);
        let owned = r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::uploads"},"StringEquals":{"AWS:SourceAccount":"111122223333"}}"#;
        assert!(deputies(&allow(service, owned)).is_empty());
        let topic = r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:sns:eu-west-1:111122223333:orders"}}"#;
        let sns = r#"{"Service":"sns.amazonaws.com"}"#;
        assert!(deputies(&allow(sns, topic)).is_empty());
    }

    #[test]
    fn a_condition_on_who_they_are_keeps_strangers_out() {
        let organization = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
        assert_eq!(public_by(&allow(r#""*""#, organization)), Ok(false));
        let unknown = r#"{"StringEquals":{"lambda:KeyOfTomorrow":"x"}}"#;
        assert!(public_by(&allow(r#""*""#, unknown)).is_err());
    }

    #[test]
    fn what_is_said_of_a_web_address_matters_where_there_is_one() {
        let none = r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#;
        let by_url = r#"{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#;
        let left_behind = format!(
            "{},{}",
            allow_to("lambda:InvokeFunctionUrl", r#""*""#, none),
            allow(r#""*""#, by_url)
        );
        // The address without a signature is told by another check.
        for kinds in [&[][..], &["AWS_IAM"], &["NONE"]] {
            assert_eq!(public_with(&left_behind, kinds), Ok(false), "{kinds:?}");
        }
        let signed = left_behind.replace("NONE", "AWS_IAM");
        assert_eq!(public_with(&signed, &[]), Ok(false));
        assert_eq!(public_with(&signed, &["AWS_IAM"]), Ok(true));
        let first = allow_to("lambda:InvokeFunctionUrl", r#""*""#, "{}");
        assert_eq!(public_with(&first, &["NONE"]), Ok(false));
        assert!(public_with(&first, &["AWS_IAM"]).is_err());
        let text = format!(r#"{{"Statement":[{first}]}}"#);
        let hidden = || {
            Err(Gap::new(
                "lambda:ListFunctionUrlConfigs",
                Cause::Denied,
                "x",
            ))
        };
        assert!(lets_strangers(&text, hidden(), &RESIZE).is_err());
        let direct = format!(r#"{{"Statement":[{}]}}"#, allow(r#""*""#, "{}"));
        assert_eq!(lets_strangers(&direct, hidden(), &RESIZE), Ok(true));
        let closed = format!(
            r#"{{"Statement":[{}]}}"#,
            allow(r#"{"AWS":"444455556666"}"#, "{}")
        );
        assert_eq!(lets_strangers(&closed, hidden(), &RESIZE), Ok(false));
    }

    #[test]
    fn a_denial_for_everyone_outweighs_it() {
        let deny = format!(
            r#"{},{{"Effect":"Deny","Principal":"*","Action":"lambda:*","Resource":"{ARN}"}}"#,
            allow(r#""*""#, "{}")
        );
        assert_eq!(public_by(&deny), Ok(false));
        let narrow = deny.replace(r#""lambda:*""#, r#""lambda:GetFunction""#);
        assert_eq!(public_by(&narrow), Ok(true));
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_no_answer() {
        assert!(lets_strangers("{", Ok(&Vec::new()), &RESIZE).is_err());
    }
}
