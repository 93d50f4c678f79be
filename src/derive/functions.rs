//! Who may call a function, and where it may run.

use super::access::condition::{Applies, Caller};
use super::access::document::{Malformed, Policy};
use super::access::resource_policy::{Owner, Reading, resource_access};
use super::{Derivation, Need, World, part};
use crate::model::kinds::ec2::network::Subnet;
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
        part: "access",
        needs: &[Need {
            kind: Function::KIND,
            parts: &["policy"],
        }],
        run: &access,
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
];

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

fn access(world: &World, region: &str) -> Parts {
    derive_each(world, region, |resource, function| {
        let document = function.policy.get()?.as_deref();
        resource_access(document, &owner(resource)).map_err(unread)
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

fn unread(malformed: Malformed) -> Gap {
    Gap::new("lambda:GetPolicy", Cause::Failed, malformed.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:resize";
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
