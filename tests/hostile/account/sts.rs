//! AWS STS: who is asking.

use super::xml::Xml;
use super::{Account, Answer, Call};

pub(super) fn answer(_: &Account, call: &Call<'_>) -> Option<Answer> {
    if call.operation != "GetCallerIdentity" {
        return None;
    }
    let namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
    Some(Xml::answer("GetCallerIdentityResponse", namespace, |xml| {
        xml.within("GetCallerIdentityResult", |xml| {
            xml.text("UserId", "AIDAAUDITOR")
                .text("Account", call.account)
                .text("Arn", format!("arn:aws:iam::{}:user/auditor", call.account));
        });
    }))
}
