//! AWS Systems Manager: which instances it manages.

use super::form::Page;
use super::{Account, Answer, Call, answer as respond, error};
use axum::http::StatusCode;
use serde_json::{Value, json};

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    if call.operation != "DescribeInstanceInformation" {
        return None;
    }
    let asked: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let size = asked["MaxResults"]
        .as_u64()
        .and_then(|n| usize::try_from(n).ok());
    // Every third instance is not managed, so three numbers hold two of them.
    let managed = account.size.instances * 2 / 3;
    let token = asked["NextToken"].as_str();
    let Some(page) = Page::of(managed, size.unwrap_or(50), token) else {
        return Some(error::respond(
            call,
            StatusCode::BAD_REQUEST,
            "InvalidNextToken",
        ));
    };
    let instances: Vec<Value> = page
        .range
        .map(|n| {
            let item = account.item("instance", call.region, n / 2 * 3 + n % 2);
            let old = item.one_in(4, "agent");
            json!({
                "InstanceId": item.id("i"),
                "PingStatus": if old { "ConnectionLost" } else { "Online" },
                "LastPingDateTime": item.past("ping", if old { 60 } else { 2 }).as_second(),
                "AgentVersion": "3.3.987.0",
                "IsLatestVersion": !old,
                "PlatformType": "Linux",
                "PlatformName": if old { "Amazon Linux" } else { "Ubuntu" },
                "PlatformVersion": if old { "2018.03" } else { "24.04" },
            })
        })
        .collect();
    let body = json!({"InstanceInformationList": instances, "NextToken": page.next});
    let kind = "application/x-amz-json-1.1";
    Some(respond(StatusCode::OK, kind, body.to_string()))
}
