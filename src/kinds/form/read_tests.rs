use super::*;
use std::sync::Arc;

const NONE: Search<'static> = &|_| Ok(Vec::new());

#[test]
fn text_becomes_what_it_means_or_is_malformed() {
    let read = |scalar, value: Value| Form::Scalar(scalar).read(value, NONE).ok();
    assert_eq!(read(ScalarName::Integer, json!("30")), Some(json!(30)));
    assert_eq!(read(ScalarName::Integer, json!("thirty")), None);
    assert_eq!(read(ScalarName::Integer, json!(1.5)), None);
    assert_eq!(read(ScalarName::Boolean, json!("True")), Some(json!(true)));
    assert_eq!(read(ScalarName::Boolean, json!("maybe")), None);
    let moment = Some(json!("2023-11-14T22:13:20Z"));
    assert_eq!(read(ScalarName::Seconds, json!("1700000000")), moment);
    assert_eq!(
        read(ScalarName::Milliseconds, json!(1_700_000_000_000_i64)),
        moment
    );
    assert_eq!(
        read(ScalarName::Time, json!("2023-11-14T22:13:20.000+0000")),
        moment
    );
    assert_eq!(read(ScalarName::Time, json!("soon")), None);
    let policy = json!({"Statement": []}).to_string();
    assert_eq!(
        read(ScalarName::Policy, json!("%7B%22Statement%22%3A%5B%5D%7D")),
        Some(json!(policy))
    );
    assert_eq!(
        read(ScalarName::Json, json!(policy)),
        Some(json!({"Statement": []}))
    );
    assert_eq!(read(ScalarName::Json, json!("{")), None);
    assert_eq!(read(ScalarName::Policy, json!("")), Some(Value::Null));
    assert_eq!(read(ScalarName::Integer, Value::Null), Some(Value::Null));
}

#[test]
fn an_empty_text_is_nothing_but_where_there_always_is_one() {
    let field = |api: &str, always| crate::kinds::form::types::Field {
        name: api.to_lowercase(),
        api: api.to_owned(),
        form: Form::Scalar(ScalarName::Text),
        always,
        values: Arc::default(),
    };
    let form = Form::Object(ObjectForm {
        fields: vec![field("Key", false), field("Value", true)],
        named: Vec::new(),
    });
    assert_eq!(
        form.read(json!({"Key": "", "Value": ""}), NONE),
        Ok(json!({"key": null, "value": ""}))
    );
    assert!(form.read(json!({"Key": ""}), NONE).is_err());
}

#[test]
fn tags_are_tags_however_they_are_written() {
    let expected = BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    for written in [
        json!({"team": "shop"}),
        json!([{"Key": "team", "Value": "shop"}]),
        json!([{"key": "team", "value": "shop"}]),
        json!([{"TagKey": "team", "TagValue": "shop"}]),
    ] {
        assert_eq!(tags(&written), Ok(expected.clone()));
    }
    assert_eq!(tags(&Value::Null), Ok(BTreeMap::new()));
    assert!(tags(&json!([{"Team": "shop"}])).is_err());
}
