use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn one_or_many_of_everything() {
    let many = Policy::parse(
        &json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"],
            "Resource": ["*"], "Condition": {"Bool": {"aws:SecureTransport": [true]}},
        }]})
        .to_string(),
    )
    .unwrap();
    let one = Policy::parse(
        &json!({"statement": {
            "effect": "Allow", "principal": "*", "action": "s3:GetObject",
            "resource": "*", "condition": {"bool": {"AWS:SecureTransport": "true"}},
        }})
        .to_string(),
    )
    .unwrap();
    assert_eq!(one, many);
    assert_eq!(one.statements[0].conditions[0].key, "aws:securetransport");
}

#[test]
fn opposites_principals_and_quantifiers() {
    let policy = Policy::parse(
        &json!({"Statement": [{
            "Effect": "Deny",
            "NotPrincipal": {"Service": "x.amazonaws.com", "Federated": "p", "CanonicalUser": "c"},
            "NotAction": "iam:*", "NotResource": ["a", "b"],
            "Condition": {"ForAnyValue:StringLikeIfExists": {"k": ["v", 1]}},
        }]})
        .to_string(),
    )
    .unwrap();
    let statement = &policy.statements[0];
    assert_eq!(statement.actions, Set::AllBut(vec!["iam:*".into()]));
    assert!(matches!(&statement.resources, Some(Set::AllBut(r)) if r.len() == 2));
    assert!(matches!(&statement.principals, Some(Set::AllBut(p)) if p.len() == 3));
    let condition = &statement.conditions[0];
    assert_eq!(condition.operator, "stringlike");
    assert_eq!(condition.quantifier, Some(Quantifier::Any));
    assert!(condition.if_exists);
    assert_eq!(condition.values, ["v", "1"]);
}

#[test]
fn what_is_no_policy_is_an_error_and_not_an_empty_policy() {
    for text in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"Statement": 1}"#,
        r#"{"Statement": [{"Action": "*", "Resource": "*"}]}"#,
        r#"{"Statement": [{"Effect": "allow", "Action": "*"}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Resource": "*"}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*"}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Action": {"a": 1}}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Condition": []}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Condition": {"Bool": 1}}]}"#,
        r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Principal": "ana"}]}"#,
    ] {
        assert!(Policy::parse(text).is_err(), "{text}");
    }
}

fn anything() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        "[a-zA-Z:*?]{0,12}",
        prop::sample::select(vec![
            "Statement",
            "Effect",
            "Allow",
            "Action",
            "NotAction",
            "Principal",
            "AWS",
            "Resource",
            "Condition",
            "ForAnyValue:StringLike",
            "*",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word.clone(), inner, 0..5)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}") {
        let _ = Policy::parse(&text);
    }

    #[test]
    fn no_json_makes_it_panic(value in anything()) {
        let _ = Policy::parse(&value.to_string());
        let _ = Policy::parse(&json!({"Statement": [value]}).to_string());
    }
}
