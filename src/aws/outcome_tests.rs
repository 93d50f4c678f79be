use super::*;
use crate::aws::connection_error;
use aws_smithy_types::body::SdkBody;

fn outcome(status: u16, body: &str) -> Outcome {
    let status = status.try_into().expect("a status");
    Outcome::of(&Ok(HttpResponse::new(status, SdkBody::from(body))))
}

#[test]
fn each_service_has_its_own_words() {
    let code = |code: &str| format!("<Error><Code>{code}</Code></Error>");
    let slow = Outcome::Throttled(None);
    assert_eq!(outcome(503, &code("RequestLimitExceeded")), slow);
    assert_eq!(outcome(503, &code("SlowDown")), slow);
    assert_eq!(outcome(400, r#"{"__type":"ThrottlingException"}"#), slow);
    assert_eq!(outcome(400, &code("ExpiredToken")), Outcome::Expired);
    assert_eq!(
        outcome(403, &code("ExpiredTokenException")),
        Outcome::Expired
    );
    assert_eq!(outcome(403, &code("AccessDenied")), Outcome::Denied);
    let broken = outcome(500, &code("InternalError"));
    let code = Some("InternalError".to_owned());
    assert_eq!(broken, Outcome::ServerError { status: 500, code });
    let code = |code: &str| format!("<Error><Code>{code}</Code></Error>");
    assert_eq!(outcome(404, &code("NoSuchBucketPolicy")), Outcome::Answered);
    assert_eq!(outcome(200, ""), Outcome::Answered);
}

#[test]
fn cbor_has_its_code_among_its_fields() {
    // {"message": "slow", "__type": "com.amazonaws.cloudwatch#ThrottlingException"}
    let mut body = b"\xa2\x67message\x64slow\x66__type\x78\x2c".to_vec();
    body.extend(b"com.amazonaws.cloudwatch#ThrottlingException");
    let answer = |body: Vec<u8>| {
        let status = 400.try_into().expect("a status");
        Outcome::of(&Ok(HttpResponse::new(status, SdkBody::from(body))))
    };
    assert_eq!(answer(body.clone()), Outcome::Throttled(None));
    body.truncate(20);
    assert_eq!(answer(body.clone()), Outcome::Answered);
    let mut endless = b"\xbf\x66__type\x6cExpiredToken\xff".to_vec();
    assert_eq!(answer(endless.clone()), Outcome::Expired);
    endless.splice(1.., *b"\xff");
    assert_eq!(answer(endless), Outcome::Answered);
}

/// Names of resources and people are in messages.
#[test]
fn only_a_code_is_a_code() {
    let denied = "<Error><Code>AccessDenied</Code><Message>User: \
                  arn:aws:iam::111122223333:user/ExpiredToken is not authorized to perform: \
                  s3:GetBucketPolicy on SlowDown-Throttling-AuthFailure</Message></Error>";
    assert_eq!(outcome(403, denied), Outcome::Denied);
    let denied = r#"{"__type":"AccessDeniedException","message":"ExpiredTokenException"}"#;
    assert_eq!(outcome(400, denied), Outcome::Denied);
    assert_eq!(outcome(403, "<html>ExpiredToken</html>"), Outcome::Denied);
    assert_eq!(outcome(400, "ExpiredToken"), Outcome::Answered);
}

#[test]
fn the_wait_is_in_seconds_or_in_milliseconds() {
    let slow = |name: &'static str, value: &'static str| {
        let status = 429.try_into().expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::empty());
        response.headers_mut().insert(name, value);
        Outcome::of(&Ok(response))
    };
    let wait = |ms| Outcome::Throttled(Some(Duration::from_millis(ms)));
    assert_eq!(slow("retry-after", "2"), wait(2_000));
    assert_eq!(slow("x-amz-retry-after", "1900"), wait(1_900));
    assert_eq!(slow("retry-after", "86400"), wait(60_000));
    assert_eq!(slow("retry-after", "soon"), Outcome::Throttled(None));
}

#[test]
fn a_region_may_be_closed_by_an_organisation_or_not_enabled() {
    let scp = "<Error><Code>UnauthorizedOperation</Code><Message>You are not authorized, with an \
               explicit deny in a service control policy</Message></Error>";
    let denied_region = |code: &str| Outcome::RegionDenied(code.to_owned());
    assert_eq!(outcome(403, scp), denied_region("UnauthorizedOperation"));
    let scp = r#"{"__type":"AccessDeniedException","message":"with an explicit deny in a service control policy"}"#;
    assert_eq!(outcome(400, scp), denied_region("AccessDeniedException"));
    assert_eq!(
        outcome(401, "<Code>AuthFailure</Code>"),
        denied_region("AuthFailure")
    );
    assert_eq!(
        outcome(400, r#"{"__type":"UnrecognizedClientException"}"#),
        denied_region("UnrecognizedClientException")
    );
}

fn failure(cause: connection_error::Cause) -> ConnectionError {
    ConnectionError {
        cause,
        target: "ec2.eu-west-1.amazonaws.com:443".to_owned(),
        proxy: None,
        at_proxy: false,
        trust: connection_error::TrustSource::System,
        is_custom: false,
    }
}

#[test]
fn what_another_attempt_cannot_mend_is_no_connection() {
    let of = |error: ConnectorError| Outcome::of(&Err(error));
    let untrusted = connection_error::Untrusted::UnknownIssuer;
    let untrusted = failure(connection_error::Cause::Untrusted(untrusted));
    let reason = Some(Arc::new(untrusted.clone()));
    let error = ConnectorError::other(untrusted.into(), None);
    assert_eq!(of(error), Outcome::NoConnection(reason));
    let silent = failure(connection_error::Cause::TimedOut(None));
    let reason = Some(Arc::new(silent.clone()));
    let error = ConnectorError::timeout(silent.into());
    assert_eq!(of(error), Outcome::NoConnection(reason));
    let refused = failure(connection_error::Cause::Refused);
    let reason = Some(Arc::new(refused.clone()));
    let error = ConnectorError::io(refused.into());
    assert_eq!(of(error), Outcome::Failed(reason));
    let slow = ConnectorError::timeout("HTTP read timeout occurred after 20s".into());
    assert_eq!(of(slow), Outcome::NoAnswer);
    let reset = ConnectorError::io("reset".into());
    assert_eq!(of(reset), Outcome::Failed(None));
}

#[test]
fn a_refusal_that_its_caller_expects_is_an_answer() {
    let refusal = |body: &str| {
        let status = 401.try_into().expect("a status");
        Ok(HttpResponse::new(status, SdkBody::from(body)))
    };
    let disabled = r#"{"__type":"InvalidAccessException","message":"Account is not subscribed"}"#;
    let outcome = |expected: &[(&str, Option<&str>)], body: &str| {
        let expected = expected
            .iter()
            .map(|(code, part)| ((*code).to_owned(), part.map(ToOwned::to_owned)));
        let (expected, result) = (ExpectedErrors(expected.collect()), refusal(body));
        Outcome::of(&result).expecting(Some(&expected), &result)
    };
    let whole = ("InvalidAccessException", None);
    let part = ("InvalidAccessException", Some("not subscribed"));
    let other = ("InvalidAccessException", Some("not allowed"));
    assert_eq!(outcome(&[whole], disabled), Outcome::Answered);
    assert_eq!(outcome(&[part], disabled), Outcome::Answered);
    assert_eq!(outcome(&[other], disabled), Outcome::Denied);
    assert_eq!(outcome(&[], disabled), Outcome::Denied);
    let denied = r#"{"__type":"AccessDeniedException","message":"not subscribed"}"#;
    assert_eq!(outcome(&[whole, part], denied), Outcome::Denied);
}

#[test]
fn an_answer_that_is_none_of_awss_counts_sooner_than_awss_own_failures() {
    let page = outcome(500, "<!doctype html><title>500</title>");
    let own = outcome(500, "<Error><Code>InternalError</Code></Error>");
    let gives_up = |outcome: &Outcome, number| {
        let result = outcome.operation_result(Attempt { number, of: 8 });
        match result {
            OperationResult::Failed(given_up) => Some(given_up.detail),
            OperationResult::Answered => panic!("{outcome:?} is no answer"),
            OperationResult::Unclear => None,
        }
    };
    assert_eq!(gives_up(&page, 2), None);
    let detail = "HTTP 500 without an AWS error; given up";
    assert_eq!(gives_up(&page, 3).as_deref(), Some(detail));
    assert_eq!(gives_up(&own, 7), None);
    assert_eq!(gives_up(&own, 8).as_deref(), Some("InternalError"));
    assert_eq!(gives_up(&Outcome::Truncated, 2), None);
    assert!(gives_up(&Outcome::Truncated, 3).is_some());
    assert_eq!(gives_up(&outcome(429, ""), 8), None);
    let denied = outcome(403, "<Error><Code>AccessDenied</Code></Error>");
    let result = denied.operation_result(Attempt { number: 1, of: 8 });
    assert_eq!(result, OperationResult::Answered);
}
