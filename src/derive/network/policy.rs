//! The policies of VPC endpoints.

use super::facts::{Field, Listing};
use crate::derive::{World, part};
use crate::model::kinds::ec2::network::{EndpointPolicy, VpcEndpoint};
use crate::model::{Gap, Part};
use serde_json::Value;
use std::collections::BTreeMap;

/// `ec2.vpc_endpoint`, `policy`.
pub(super) fn endpoints(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let read = |endpoint: &VpcEndpoint| policy(endpoint.policy_document.as_deref());
    Listing::<VpcEndpoint>::read(world, region)
        .known
        .iter()
        .map(|(id, endpoint)| (id.clone(), part(read(endpoint))))
        .collect()
}

/// Without a policy, an endpoint allows everything.
fn policy(text: Option<&str>) -> Result<EndpointPolicy, Gap> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(EndpointPolicy { allows_all: true });
    };
    let document: Value = serde_json::from_str(text).map_err(|_| POLICY.malformed())?;
    let statements = document
        .get("Statement")
        .ok_or_else(|| POLICY.malformed())?;
    let allows_all = list(statements)
        .iter()
        .any(|statement| allows_all(statement));
    Ok(EndpointPolicy { allows_all })
}

const POLICY: Field = Field {
    operation: "DescribeVpcEndpoints",
    name: "PolicyDocument",
};

/// IAM allows a single item in place of a list.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

fn allows_all(statement: &Value) -> bool {
    let has = |field: &str, wanted: &[&str]| {
        let values = statement.get(field).map(list).unwrap_or_default();
        let mut texts = values.iter().filter_map(|v| v.as_str());
        texts.any(|text| wanted.contains(&text))
    };
    let everyone = has("Principal", &["*"])
        || statement
            .get("Principal")
            .and_then(|principal| principal.get("AWS"))
            .is_some_and(|aws| list(aws).iter().any(|v| v.as_str() == Some("*")));
    let unconditional = match statement.get("Condition") {
        None => true,
        Some(Value::Object(conditions)) => conditions.is_empty(),
        Some(_) => false,
    };
    has("Effect", &["Allow"])
        && everyone
        && has("Action", &["*", "*:*"])
        && has("Resource", &["*"])
        && unconditional
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> bool {
        policy(Some(text)).unwrap().allows_all
    }

    #[test]
    fn the_policy_that_aws_sets_allows_all() {
        assert!(open(
            r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#
        ));
        assert!(open(
            r#"{"Statement":{"Action":["*"],"Effect":"Allow","Principal":{"AWS":"*"},"Resource":["*"]}}"#
        ));
        assert!(policy(None).unwrap().allows_all);
    }

    #[test]
    fn any_restriction_counts() {
        for text in [
            r#"{"Statement":[{"Action":"s3:*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Action":"*","Effect":"Deny","Principal":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*",
                "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}"#,
            r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"},"Resource":"*"}]}"#,
            r#"{"Statement":[]}"#,
        ] {
            assert!(!open(text), "{text}");
        }
    }

    #[test]
    fn a_policy_that_is_not_understood_is_a_gap() {
        let gap = policy(Some("{")).unwrap_err();
        let detail = "malformed answer: DescribeVpcEndpoints without a valid PolicyDocument";
        assert_eq!(gap.detail, detail);
        assert!(policy(Some("{}")).is_err());
    }
}
