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
    world.share(GLOBAL, std::sync::Arc::new(global));
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
    // Another check reports the URL without a signature.
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
