//! Accounts that a scan enters with a role.

use crate::account::Account;
use crate::endpoint::{Answer, Call, Source};
use axum::http::StatusCode;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// The account, behind a role of any name and account id. `see` gets the parameters of every `AssumeRole`.
///
/// A role's access keys begin with its account's id, as the endpoint wants it, and no two are the same.
pub(crate) fn assumable(
    account: Account,
    see: impl Fn(&BTreeMap<String, String>) + Send + Sync + 'static,
) -> Source {
    let number = AtomicU64::new(0);
    Source::memory(move |call: &Call<'_>| {
        if call.operation != "AssumeRole" {
            return account.answer(call);
        }
        let asked = form(call.body);
        see(&asked);
        let id = asked["RoleArn"].split(':').nth(4).expect("an account");
        let number = number.fetch_add(1, Ordering::Relaxed);
        let answer = format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
             <AccessKeyId>{id}{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
             </Credentials><AssumedRoleUser><AssumedRoleId>r:s</AssumedRoleId>\
             <Arn>arn:aws:sts::{id}:assumed-role/audit/sixpillars</Arn>\
             </AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
        );
        Answer::new(StatusCode::OK, "text/xml", answer)
    })
}

/// The parameters of a request of the query protocol.
fn form(body: &[u8]) -> BTreeMap<String, String> {
    let body = std::str::from_utf8(body).expect("a form");
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        let decoded = percent_decode_str(&spaced).decode_utf8();
        decoded.expect("UTF-8").into_owned()
    };
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
