use super::*;
use crate::model::Part;
use serde_json::{Value, json};

const HOME: &str = "111122223333";
const GITHUB: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";

/// A trust policy whose answers are all known.
struct Known(Trust);

impl Known {
    fn anyone(&self) -> bool {
        *self.0.anyone.get().unwrap()
    }

    fn external_accounts(&self) -> Vec<String> {
        self.0.external_accounts.get().unwrap().clone()
    }

    fn external_without_external_id(&self) -> Vec<String> {
        self.0.external_without_external_id.get().unwrap().clone()
    }

    fn unbounded_oidc(&self) -> Vec<String> {
        self.0.unbounded_oidc.get().unwrap().clone()
    }

    fn services_without_source(&self) -> Vec<String> {
        self.0.services_without_source.get().unwrap().clone()
    }

    /// Nobody but those of the account itself.
    fn is_nobody(&self) -> bool {
        self.0 == of(json!([])).0
    }
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn of(statements: Value) -> Known {
    Known(trust(&json!({ "Statement": statements }).to_string(), HOME).unwrap())
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn allow(principal: Value, condition: Value) -> Value {
    json!({
        "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole*",
        "Condition": condition,
    })
}

fn aws(principal: &str, condition: Value) -> Known {
    of(allow(json!({ "AWS": principal }), condition))
}

#[test]
fn anyone() {
    assert!(of(allow(json!("*"), json!({}))).anyone());
    assert!(aws("*", json!({"StringEquals": {"sts:ExternalId": "x"}})).anyone());
    assert!(of(json!({"Effect": "Allow", "NotPrincipal": {"AWS": "1"}, "Action": "*"})).anyone());
    assert!(!aws("*", json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})).anyone());
    // The permission to tag sessions alone gives no access.
    let tag = json!({"Effect": "Allow", "Principal": "*", "Action": "sts:TagSession"});
    assert!(!of(tag).anyone());
}

#[test]
fn denials_count() {
    let all = allow(json!("*"), json!({}));
    let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": condition});
    assert!(!of(json!([all, deny(json!({}))])).anyone());
    let not_ours = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}});
    assert!(!of(json!([all, deny(not_ours)])).anyone());
    let no_mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}});
    assert!(of(json!([all, deny(no_mfa)])).anyone());
    // A second test weakens a denial: here it only concerns requests without MFA.
    let weak = json!({
        "StringNotEquals": {"aws:PrincipalOrgID": "o-1"},
        "Bool": {"aws:MultiFactorAuthPresent": "false"},
    });
    assert!(of(json!([all, deny(weak)])).anyone());
    let services_too = json!({
        "StringNotEquals": {"aws:PrincipalOrgID": "o-1"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    });
    assert!(!of(json!([all, deny(services_too)])).anyone());
}

#[test]
fn accounts() {
    let none = json!({});
    for who in ["arn:aws:iam::111122223333:root", HOME, "AROAEXAMPLEID"] {
        assert!(aws(who, none.clone()).is_nobody(), "{who}");
    }
    for who in ["444455556666", "arn:aws:iam::444455556666:role/x"] {
        let trust = aws(who, none.clone());
        assert_eq!(trust.external_accounts(), ["444455556666"]);
        assert_eq!(trust.external_without_external_id(), ["444455556666"]);
    }
    for proof in [
        json!({"StringEquals": {"sts:ExternalId": "a-b-c"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    ] {
        let trust = aws("444455556666", proof);
        assert_eq!(trust.external_accounts(), ["444455556666"]);
        assert!(trust.external_without_external_id().is_empty());
    }
    for no_proof in [
        json!({"StringLike": {"sts:ExternalId": "*"}}),
        json!({"StringEqualsIfExists": {"sts:ExternalId": "a-b-c"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    ] {
        let trust = aws("444455556666", no_proof);
        assert_eq!(trust.external_without_external_id().len(), 1);
    }
}

#[test]
fn everyone_of_named_accounts_is_those_accounts() {
    let trust = aws(
        "*",
        json!({"StringEquals": {"aws:PrincipalAccount": ["444455556666", HOME]}}),
    );
    assert!(!trust.anyone());
    assert_eq!(trust.external_accounts(), ["444455556666"]);
}

#[test]
fn services() {
    let service = |condition| {
        of(allow(
            json!({"Service": "scheduler.amazonaws.com"}),
            condition,
        ))
    };
    let open = service(json!({}));
    assert_eq!(open.0.services, ["scheduler.amazonaws.com"]);
    assert_eq!(open.services_without_source(), ["scheduler.amazonaws.com"]);
    let bound = service(json!({"StringEquals": {"aws:SourceAccount": HOME}}));
    assert!(bound.services_without_source().is_empty());
    let loose = service(json!({"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:*:*"}}));
    assert_eq!(loose.services_without_source().len(), 1);
    // A bucket's ARN names no account: anyone can take the name of a deleted bucket.
    let bucket = service(json!({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::uploads"}}));
    assert_eq!(bucket.services_without_source().len(), 1);
}

#[test]
fn an_unknown_condition_decides_nothing() {
    let unknown = json!({"StringEquals": {"aws:KeyOfTomorrow": "x"}});
    let anyone = of(allow(json!("*"), unknown.clone()));
    assert!(anyone.0.anyone.get().is_err());
    let account = aws("444455556666", unknown.clone());
    assert!(account.0.external_accounts.get().is_err());
    assert!(!account.anyone());
    let service = of(allow(
        json!({"Service": "scheduler.amazonaws.com"}),
        unknown,
    ));
    assert!(service.0.services_without_source.get().is_err());
}

#[test]
fn a_service_has_one_name_in_all_partitions_and_regions() {
    for name in [
        "logs.amazonaws.com.cn",
        "logs.cn-north-1.amazonaws.com.cn",
        "logs.eu-west-1.amazonaws.com",
        "logs.eusc-de-east-1.amazonaws.eu",
        "logs.c2s.ic.gov",
    ] {
        let trust = of(allow(json!({"Service": name}), json!({})));
        assert_eq!(trust.0.services, ["logs.amazonaws.com"], "{name}");
        assert_eq!(trust.services_without_source(), ["logs.amazonaws.com"]);
    }
}

fn github(condition: Value) -> bool {
    let trust = of(allow(json!({"Federated": GITHUB}), condition));
    assert_eq!(trust.0.federated, ["token.actions.githubusercontent.com"]);
    trust.unbounded_oidc().is_empty()
}

#[test]
fn github_subjects() {
    let sub = "token.actions.githubusercontent.com:sub";
    let aud = "token.actions.githubusercontent.com:aud";
    for (operator, key, value, scoped) in [
        (
            "StringEquals",
            sub,
            "repo:acme/app:ref:refs/heads/main",
            true,
        ),
        ("StringLike", sub, "repo:acme/*", true),
        ("StringLike", sub, "repo:*", false),
        ("StringLike", sub, "*", false),
        ("StringLike", sub, "repo:acme*", false),
        ("StringLike", sub, "repo:*/app:ref:refs/heads/main", false),
        ("StringEqualsIfExists", sub, "repo:acme/app:ref:x", false),
        ("StringNotLike", sub, "repo:evil/*", false),
        ("StringEquals", aud, "sts.amazonaws.com", false),
        (
            "StringEquals",
            "token.actions.githubusercontent.com:repository_owner",
            "acme",
            true,
        ),
        (
            "StringEquals",
            "token.actions.githubusercontent.com:ref",
            "refs/heads/main",
            false,
        ),
    ] {
        assert_eq!(
            github(json!({operator: {key: value}})),
            scoped,
            "{operator} {key} {value}"
        );
    }
    assert!(!github(
        json!({"StringLike": {sub: ["repo:acme/*", "repo:*"]}})
    ));
    assert!(!github(json!({})));
}

#[test]
fn a_condition_that_passes_tokens_without_the_claim() {
    let sub = "token.actions.githubusercontent.com:sub";
    let passing = |condition: Value| {
        let trust = of(allow(json!({"Federated": GITHUB}), condition));
        assert_eq!(trust.unbounded_oidc().len(), 1);
        trust.0.passing_without_claim
    };
    for operator in ["ForAllValues:StringLike", "StringLikeIfExists"] {
        let condition = json!({operator: {sub: "repo:acme/*"}});
        assert_eq!(passing(condition), ["token.actions.githubusercontent.com"]);
    }
    // Nothing here would say whose tokens are meant, were the claim there.
    for operator in ["ForAllValues:StringLike", "StringLike", "StringNotLike"] {
        assert!(
            passing(json!({operator: {sub: "repo:*"}})).is_empty(),
            "{operator}"
        );
    }
    let both = json!({"ForAllValues:StringLike": {sub: "repo:acme/*"}, "StringEquals": {sub: "repo:acme/app"}});
    let trust = of(allow(json!({"Federated": GITHUB}), both));
    assert!(trust.unbounded_oidc().is_empty() && trust.0.passing_without_claim.is_empty());
}

#[test]
fn a_claim_of_a_shared_provider_that_is_not_known_here() {
    let claim =
        json!({"StringEquals": {"token.actions.githubusercontent.com:claim_of_tomorrow": "x"}});
    let trust = of(allow(json!({"Federated": GITHUB}), claim));
    assert!(trust.0.unbounded_oidc.get().is_err());
}

/// IAM requires no claim if the issuer's name belongs to one customer.
#[test]
fn providers_of_one_customer() {
    let tokens = |provider: &str, condition: Value| {
        let arn = format!("arn:aws:iam::{HOME}:oidc-provider/{provider}");
        of(allow(json!({"Federated": arn}), condition))
            .0
            .unbounded_oidc
    };
    for provider in [
        "oidc.eks.eu-west-1.amazonaws.com/id/AB12",
        "sts.windows.net/6ab48c90-4c7f-4ada-8b0e-e23df0a1b2c3/",
        "acme.okta.com",
        "acme.eu.auth0.com/",
    ] {
        let audience = json!({"StringEquals": {format!("{provider}:aud"): "sts.amazonaws.com"}});
        assert_eq!(
            tokens(provider, audience),
            Part::Read(Vec::new()),
            "{provider}"
        );
        assert_eq!(
            tokens(provider, json!({})),
            Part::Read(Vec::new()),
            "{provider}"
        );
    }
    // The customers of this issuer are not known, unless the trust policy names an audience.
    let own = "gitlab.acme.example";
    assert!(tokens(own, json!({})).get().is_err());
    let audience = json!({"StringEquals": {format!("{own}:aud"): "https://gitlab.acme.example"}});
    assert_eq!(tokens(own, audience), Part::Read(Vec::new()));
}

#[test]
fn other_providers() {
    let scoped = |provider: &str, operator: &str, key: &str, value: &str| {
        let trust = of(allow(
            json!({"Federated": provider}),
            json!({operator: {key: value}}),
        ));
        assert_eq!(trust.0.federated.len(), 1, "{provider}");
        trust.unbounded_oidc().is_empty()
    };
    let eks = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB12";
    let key = "oidc.eks.eu-west-1.amazonaws.com/id/AB12:sub";
    assert!(scoped(
        eks,
        "StringEquals",
        key,
        "system:serviceaccount:web:api"
    ));
    assert!(scoped(
        eks,
        "StringLike",
        key,
        "system:serviceaccount:web:*"
    ));
    let terraform = "arn:aws:iam::111122223333:oidc-provider/app.terraform.io";
    let key = "app.terraform.io:sub";
    assert!(scoped(
        terraform,
        "StringLike",
        key,
        "organization:acme:project:*"
    ));
    assert!(!scoped(
        terraform,
        "StringLike",
        key,
        "organization:*:project:web"
    ));
    for cognito in [
        "cognito-identity.amazonaws.com",
        "cognito-identity-us-gov.amazonaws.com",
        "cognito-identity.cn-north-1.amazonaws.com.cn",
    ] {
        let key = format!("{cognito}:aud");
        assert!(scoped(cognito, "StringEquals", &key, "eu-west-1:0a1b"));
    }
    let saml = of(allow(
        json!({"Federated": "arn:aws:iam::111122223333:saml-provider/okta"}),
        json!({}),
    ));
    assert_eq!(saml.0.federated, ["saml"]);
    assert!(saml.unbounded_oidc().is_empty());
}
