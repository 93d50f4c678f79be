//! What AWS answers a person whose credentials are wrong, in the words of its documentation.

use crate::account::Size;
use crate::stand_in::{Answer, Asked, StandIn};

/// The account of the access keys in these tests.
pub(crate) const ACCOUNT: &str = "111122223333";

/// An account with a resource or two of the usual kinds, in one region.
pub(crate) const SMALL: Size = Size {
    buckets: 1,
    users: 2,
    groups: 1,
    roles: 1,
    policies: 1,
    vpcs: 1,
    security_groups: 1,
    instances: 1,
    volumes: 1,
    snapshots: 1,
    addresses: 1,
    ..Size::NOTHING
};

/// STS says who is calling.
pub(crate) fn identity() -> Answer {
    Answer::new(
        200,
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:user/alice</Arn>\
             <UserId>AIDA</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>"
        ),
    )
    .with("content-type", "text/xml")
}

/// An error of a service with the query protocol.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(
        status,
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
             <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>1</RequestId></ErrorResponse>"
        ),
    )
    .with("content-type", "text/xml")
}

/// An AWS that refuses every call in the same way.
pub(crate) async fn refusing(status: u16, code: &'static str, message: &'static str) -> StandIn {
    StandIn::start(move |_: &Asked| error(status, code, message)).await
}

/// An AWS that gives no role, and knows who asks.
pub(crate) async fn without_role(message: &'static str) -> StandIn {
    StandIn::start(move |asked| match asked.action() {
        "AssumeRole" => error(403, "AccessDenied", message),
        _ => identity(),
    })
    .await
}

/// How often an operation was called.
pub(crate) fn times(aws: &StandIn, action: &str) -> usize {
    let actions = aws.actions();
    actions.iter().filter(|asked| *asked == action).count()
}
