//! Putting an event on a bus of Amazon EventBridge.
//!
//! Limits: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>.

use crate::aws::dynamic::object;
use crate::aws::required_answer;
use crate::aws::session::Session;
use crate::kinds::model::Projection;
use crate::model::Call;
use crate::report::sanitize::clean_short;
use serde_json::{Value, json};

/// The one operation that this sends.
pub const PUT_EVENTS: Call = crate::call!("events", "PutEvents");

/// The source that rules match by.
pub const SOURCE: &str = "sixpillars";

/// Characters of an answer that are shown.
const MAX_SHOWN: usize = 200;

/// An event bus, by its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bus {
    arn: String,
    /// The region it lives in.
    pub region: String,
}

impl Bus {
    /// Reads an ARN, `arn:aws:events:eu-west-1:111122223333:event-bus/audits`.
    ///
    /// # Errors
    /// When it is no ARN of an event bus.
    pub fn parse(arn: &str) -> Result<Self, &'static str> {
        let plain = |text: &str, more: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        let pieces: Vec<&str> = arn.split(':').collect();
        match pieces.as_slice() {
            ["arn", partition, "events", region, account, name]
                if partition.starts_with("aws")
                    && plain(partition, "-")
                    && plain(region, "-")
                    && account.len() == 12
                    && account.bytes().all(|b| b.is_ascii_digit())
                    && name
                        .strip_prefix("event-bus/")
                        .is_some_and(|name| plain(name, "/._-") && name.len() <= 256) =>
            {
                Ok(Self {
                    arn: arn.to_owned(),
                    region: (*region).to_owned(),
                })
            }
            _ => Err(
                "not the ARN of an event bus, such as arn:aws:events:eu-west-1:111122223333:event-bus/audits",
            ),
        }
    }
}

/// Puts an event on a bus. Tried again as all calls are, so it may arrive twice; `detail` is to have an
/// id.
///
/// # Errors
/// Why AWS did not take it.
pub async fn put(
    session: &Session,
    bus: &Bus,
    detail_type: &str,
    detail: &Value,
) -> Result<(), String> {
    let entry = json!({
        "Source": SOURCE,
        "DetailType": detail_type,
        "Detail": detail.to_string(),
        "EventBusName": bus.arn,
    });
    let input = object([("Entries", Value::Array(vec![entry]))]);
    let keep = Projection::of([
        "FailedEntryCount",
        "Entries.ErrorCode",
        "Entries.ErrorMessage",
    ]);
    let request = async {
        let client = session.clients.modelled("events", &bus.region)?;
        client.call(PUT_EVENTS.operation, input, &keep).await
    };
    let answer = required_answer(&PUT_EVENTS, request).await;
    taken(&answer.map_err(|gap| gap.to_string())?)
}

/// EventBridge answers 200 for events that it did not take.
fn taken(answer: &Value) -> Result<(), String> {
    if answer["FailedEntryCount"].as_u64() == Some(0) {
        return Ok(());
    }
    let entry = &answer["Entries"][0];
    let text = |name: &str| entry[name].as_str().unwrap_or("no reason given");
    let why = format!("{}: {}", text("ErrorCode"), text("ErrorMessage"));
    Err(format!(
        "EventBridge did not take the event: {}",
        clean_short(&why, MAX_SHOWN)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_an_arn_with_a_region() {
        let bus = Bus::parse("arn:aws:events:eu-west-1:111122223333:event-bus/audits").unwrap();
        assert_eq!(bus.region, "eu-west-1");
        for wrong in [
            "audits",
            "arn:aws:events:eu-west-1:111122223333:rule/audits",
            "arn:aws:events::111122223333:event-bus/audits",
            "arn:aws:events:evil.example/:111122223333:event-bus/audits",
            "arn:aws:events:eu-west-1:1111:event-bus/audits",
            "arn:aws:events:eu-west-1:111122223333:event-bus/",
        ] {
            assert!(Bus::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_answer_without_the_count_is_no_success() {
        assert_eq!(taken(&json!({"FailedEntryCount": 0})), Ok(()));
        assert!(taken(&json!({})).is_err());
        let failed = json!({"FailedEntryCount": 1, "Entries": [
            {"ErrorCode": "InternalFailure", "ErrorMessage": "try\nagain"}
        ]});
        let why = taken(&failed).unwrap_err();
        assert!(why.contains("InternalFailure: try"), "{why}");
        assert!(!why.contains('\n'), "{why}");
    }
}
