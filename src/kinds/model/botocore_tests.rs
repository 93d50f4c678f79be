use super::*;
use crate::kinds::embedded;

fn model(service: &str) -> ServiceModel {
    let text = embedded::text(&format!("{service}/model.json")).unwrap();
    ServiceModel::parse(&text.expect("a model"), None).unwrap()
}

#[test]
fn every_model_in_the_program_can_be_read_and_called() {
    let models: Vec<&str> = embedded::paths()
        .filter(|path| path.ends_with("model.json"))
        .collect();
    assert!(models.len() >= 6, "{models:?}");
    for path in models {
        let model = model(path.strip_suffix("/model.json").unwrap());
        for operation in model.operations() {
            assert_eq!(operation.unsupported, None, "{path}: {}", operation.name);
        }
    }
}

#[test]
fn a_model_says_how_a_service_is_spoken_to() {
    let lambda = model("lambda");
    assert_eq!(lambda.protocol, Protocol::RestJson);
    let list = lambda.operation("ListFunctions").unwrap();
    assert_eq!(
        (list.method.as_str(), list.uri.as_str()),
        ("GET", "/2015-03-31/functions")
    );
    let paginator = list.paginator.as_ref().unwrap();
    assert_eq!(paginator.input_tokens, ["Marker"]);
    assert_eq!(paginator.result_keys, ["Functions"]);
    let functions = lambda
        .structure(list.output.unwrap())
        .unwrap()
        .member("Functions")
        .unwrap();
    let ShapeKind::List(function) = &lambda.shape(functions.shape).kind else {
        panic!("no list");
    };
    let runtime = lambda
        .structure(function.shape)
        .unwrap()
        .member("Runtime")
        .unwrap();
    assert!(matches!(
        &lambda.shape(runtime.shape).kind,
        ShapeKind::String { .. }
    ));
    assert_eq!(
        lambda.reference("ListFunctions"),
        "https://docs.aws.amazon.com/goto/WebAPI/lambda-2015-03-31/ListFunctions"
    );
}

#[test]
fn an_error_has_the_code_that_is_sent_and_the_name_of_its_shape() {
    let sns = model("sns");
    let codes = sns.error_codes(sns.operation("GetTopicAttributes").unwrap());
    assert!(
        codes.contains(&"NotFound") && codes.contains(&"NotFoundException"),
        "{codes:?}"
    );
}

#[test]
fn a_list_that_botocore_has_no_paginator_for_goes_on_by_its_members() {
    let text = r#"{"metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "rest-xml", "serviceId": "X"},
        "operations": {"ListThings": {"input": {"shape": "In"}, "output": {"shape": "Out"}}},
        "shapes": {"In": {"type": "structure", "members": {"Marker": {"shape": "S"}}},
            "Out": {"type": "structure", "members": {"ThingList": {"shape": "L"}}},
            "L": {"type": "structure", "members": {"NextMarker": {"shape": "S"}}}, "S": {"type": "string"}}}"#;
    let model = ServiceModel::parse(text, None).unwrap();
    let paginator = model
        .operation("ListThings")
        .unwrap()
        .paginator
        .as_ref()
        .unwrap();
    assert_eq!(paginator.input_tokens, ["Marker"]);
    assert_eq!(
        paginator.output_tokens,
        [Path::parse("ThingList.NextMarker").unwrap()]
    );
}

#[test]
fn a_list_that_says_that_there_is_more_goes_on_after_its_last_name() {
    let firehose = model("firehose");
    let list = firehose.operation("ListDeliveryStreams").unwrap();
    let paginator = list.paginator.as_ref().unwrap();
    assert_eq!(paginator.input_tokens, ["ExclusiveStartDeliveryStreamName"]);
    let answer =
        serde_json::json!({"DeliveryStreamNames": ["a", "b"], "HasMoreDeliveryStreams": true});
    let found = paginator.output_tokens[0].find(&answer);
    assert_eq!(found.and_then(serde_json::Value::as_str), Some("b"));
    let tags = firehose.operation("ListTagsForDeliveryStream").unwrap();
    let paginator = tags.paginator.as_ref().unwrap();
    assert_eq!(paginator.input_tokens, ["ExclusiveStartTagKey"]);
    let answer = serde_json::json!({"Tags": [{"Key": "a", "Value": "b"}], "HasMoreTags": true});
    let found = paginator.output_tokens[0].find(&answer);
    assert_eq!(found.and_then(serde_json::Value::as_str), Some("a"));
}

#[test]
fn what_a_model_lacks_is_named() {
    let text = r#"{"metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "query", "serviceId": "X"},
        "operations": {"A": {"input": {"shape": "In"}}}, "shapes": {}}"#;
    let error = ServiceModel::parse(text, None).unwrap_err().to_string();
    assert_eq!(error, "A refers to In, which the model does not have");
    let error = ServiceModel::parse(&text.replace("query", "ec2"), None)
        .unwrap_err()
        .to_string();
    assert_eq!(error, "its protocol, ec2, is not supported");
}
