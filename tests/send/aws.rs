//! What `send` asks of AWS, played by the endpoint.

use crate::endpoint::{Answer, CREDENTIALS, Call, Endpoint};
use crate::{Ended, send};
use axum::http::StatusCode;

/// The account of the golden report, and an access key of it.
pub(crate) const ACCOUNT: &str = "111122223333";

/// Who is calling: whoever owns the key.
pub(crate) fn identity(call: &Call<'_>) -> Answer {
    assert_eq!(call.operation, "GetCallerIdentity");
    let account = call.account;
    let body = format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:user/sender</Arn><UserId>AIDA</UserId>\
         <Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    Answer::new(StatusCode::OK, "text/xml", body)
}

/// Runs `sixpillars send …` with credentials of an account, and nothing but the endpoint to call.
pub(crate) async fn send_as(account: &str, endpoint: &Endpoint, arguments: &[&str]) -> Ended {
    let variables = endpoint.environment();
    let variables = variables.iter().map(|(n, v)| (n.as_str(), v.as_str()));
    let mut environment: Vec<(&str, &str)> = variables.chain(CREDENTIALS).collect();
    environment.retain(|(name, _)| *name != "AWS_ACCESS_KEY_ID");
    environment.push(("AWS_ACCESS_KEY_ID", account));
    send(arguments, &environment).await
}
