//! Who may call a function, and where it may run.

use super::access::document::{Condition, Effect, Policy, Principal, Set, Statement, fits};
use super::access::trust::spares_few;
use super::{Derivation, Need, World, part};
use crate::model::kinds::ec2::network::Subnet;
use crate::model::kinds::lambda::Function;
use crate::model::{Cause, Gap, Kinded, Part, Resource};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        kind: Function::KIND,
        part: "public",
        needs: &[Need {
            kind: Function::KIND,
            parts: &["policy"],
        }],
        run: public,
    },
    Derivation {
        kind: Function::KIND,
        part: "subnet_zones",
        needs: &[Need {
            kind: Subnet::KIND,
            parts: &[],
        }],
        run: subnet_zones,
    },
];

/// The ways to call a function, in lower case as parsed actions are.
const CALLS: &[&str] = &["lambda:invokefunction", "lambda:invokefunctionurl"];

type Parts = BTreeMap<String, Part<Value>>;

fn each<T: serde::Serialize>(
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
    each(world, region, |resource, function| {
        match function.policy.get()?.as_deref() {
            None => Ok(false),
            Some(text) => lets_strangers(text, resource.arn.as_deref()),
        }
    })
}

/// Whether a policy lets strangers call the function, whatever else it says.
fn lets_strangers(text: &str, arn: Option<&str>) -> Result<bool, Gap> {
    let policy = Policy::parse(text)
        .map_err(|malformed| Gap::new("lambda:GetPolicy", Cause::Failed, malformed.0))?;
    Ok(CALLS.iter().any(|action| {
        let about = || policy.statements.iter().filter(|s| s.covers(action));
        about().any(allows_strangers) && !about().any(|s| keeps_out_strangers(s, arn))
    }))
}

fn allows_strangers(statement: &Statement) -> bool {
    let anyone = match &statement.principals {
        Some(Set::These(who)) => who.contains(&Principal::Anyone),
        Some(Set::AllBut(_)) => true,
        None => false,
    };
    let narrowed = statement.conditions.iter().any(Condition::narrows);
    statement.effect == Effect::Allow && anyone && !narrowed
}

fn keeps_out_strangers(statement: &Statement, arn: Option<&str>) -> bool {
    let everyone =
        matches!(&statement.principals, Some(Set::These(who)) if who.contains(&Principal::Anyone));
    let whole = match (&statement.resources, arn) {
        (Some(resources), Some(arn)) => resources.has(|pattern| fits(pattern, arn)),
        _ => false,
    };
    let always = statement.conditions.is_empty() || spares_few(&statement.conditions);
    statement.effect == Effect::Deny && everyone && whole && always
}

fn subnet_zones(world: &World, region: &str) -> Parts {
    let subnets = world.all::<Subnet>(region).map(|all| {
        let zones = all.into_iter();
        zones
            .map(|(resource, subnet)| (resource.id.clone(), subnet.availability_zone))
            .collect::<BTreeMap<_, _>>()
    });
    each(world, region, |_, function| {
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

    fn public_by(statements: &str) -> Result<bool, Gap> {
        lets_strangers(&format!(r#"{{"Statement":[{statements}]}}"#), Some(ARN))
    }

    fn allow(principal: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"lambda:InvokeFunction","Resource":"{ARN}","Condition":{condition}}}"#
        )
    }

    #[test]
    fn everyone_without_a_condition_is_a_stranger() {
        assert_eq!(public_by(&allow(r#""*""#, "{}")), Ok(true));
        assert_eq!(public_by(&allow(r#"{"AWS":"*"}"#, "{}")), Ok(true));
        let service = r#"{"Service":"s3.amazonaws.com"}"#;
        assert_eq!(public_by(&allow(service, "{}")), Ok(false));
        let account = r#"{"AWS":"arn:aws:iam::444455556666:root"}"#;
        assert_eq!(public_by(&allow(account, "{}")), Ok(false));
    }

    #[test]
    fn a_condition_on_who_they_are_keeps_strangers_out() {
        let organization = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
        assert_eq!(public_by(&allow(r#""*""#, organization)), Ok(false));
        // That a function's address asks for no signature says nothing of who calls it.
        let url = r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#;
        assert_eq!(public_by(&allow(r#""*""#, url)), Ok(true));
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
        assert!(lets_strangers("{", Some(ARN)).is_err());
    }
}
