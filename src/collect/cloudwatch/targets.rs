//! The targets of alarm actions.

use crate::aws::dynamic::object;
use crate::aws::error::{malformed, optional_answer};
use crate::call;
use crate::collect::Job;
use crate::kinds::model::Projection;
use crate::model::kinds::cloudwatch::{Alarm, Target};
use crate::model::{Call, Gap, Part, Resource};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TOPIC: Call =
    call!("sns", "GetTopicAttributes", absent: ["NotFound", "NotFoundException"]);

/// The SNS topics that the alarms of a region notify, looked up once each.
pub(super) struct Topics {
    wanted: bool,
    /// Confirmed subscriptions of each topic; `None` if it no longer exists.
    confirmed: BTreeMap<String, Result<Option<i64>, Gap>>,
}

impl Topics {
    pub(super) async fn read(job: &Job, listed: &[(Resource, Alarm)]) -> Self {
        let wanted = job.wants("targets");
        let arns: BTreeSet<String> = listed
            .iter()
            .flat_map(|(_, alarm)| &alarm.alarm_actions)
            .filter(|arn| wanted && service(arn) == "sns")
            .cloned()
            .collect();
        let calls: Vec<_> = arns
            .into_iter()
            .map(|arn| async move {
                let confirmed = confirmed(job, &arn).await;
                (arn, confirmed)
            })
            .collect();
        let confirmed = futures::future::join_all(calls).await;
        Self {
            wanted,
            confirmed: confirmed.into_iter().collect(),
        }
    }

    pub(super) fn of(&self, alarm: &Alarm) -> Part<Vec<Target>> {
        if !self.wanted {
            return Part::Unread;
        }
        let arns: BTreeSet<&String> = alarm.alarm_actions.iter().collect();
        let targets: Result<Vec<Target>, Gap> =
            arns.into_iter().map(|arn| self.target(arn)).collect();
        targets.into()
    }

    fn target(&self, arn: &str) -> Result<Target, Gap> {
        let confirmed = self.confirmed.get(arn).cloned().transpose()?;
        Ok(Target {
            arn: arn.to_owned(),
            service: service(arn).to_owned(),
            exists: confirmed.map(|topic| topic.is_some()),
            confirmed_subscriptions: confirmed.flatten(),
        })
    }
}

/// The service of an ARN; empty for other text.
fn service(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

/// How many subscriptions of a topic are confirmed; `None` if the topic no longer exists.
async fn confirmed(job: &Job, arn: &str) -> Result<Option<i64>, Gap> {
    // An alarm and its topic are in the same region.
    let request = async {
        let client = job.aws.modelled("sns", &job.region)?;
        let input = object([("TopicArn", arn.into())]);
        client
            .call(TOPIC.operation, input, &Projection::of(["Attributes"]))
            .await
    };
    let Some(answer) = optional_answer(&TOPIC, request).await? else {
        return Ok(None);
    };
    let count = answer["Attributes"]["SubscriptionsConfirmed"]
        .as_str()
        .and_then(|count| count.parse().ok());
    count
        .map(Some)
        .ok_or_else(|| malformed(&TOPIC, "SubscriptionsConfirmed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_of_an_arn() {
        assert_eq!(service("arn:aws:sns:eu-west-1:111122223333:ops"), "sns");
        assert_eq!(service("arn:aws:automate:eu-west-1:ec2:stop"), "automate");
        assert_eq!(service("nonsense"), "");
    }

    fn alarm_with(actions: &[&str]) -> Alarm {
        Alarm {
            alarm_type: "metric".to_owned(),
            state_value: "OK".to_owned(),
            state_updated_timestamp: jiff::Timestamp::UNIX_EPOCH,
            state_transitioned_timestamp: None,
            configuration_updated_timestamp: None,
            actions_enabled: true,
            alarm_actions: actions.iter().map(|arn| (*arn).to_owned()).collect(),
            ok_actions: Vec::new(),
            insufficient_data_actions: Vec::new(),
            has_description: false,
            has_link: false,
            metrics: Vec::new(),
            uses_expression: false,
            period: None,
            evaluation_periods: None,
            datapoints_to_alarm: None,
            threshold: None,
            comparison_operator: None,
            treat_missing_data: None,
            children: Vec::new(),
            targets: Part::Unread,
            dead_targets: Part::Unread,
            in_composite: Part::Unread,
        }
    }

    #[test]
    fn a_topic_that_could_not_be_read_hides_the_targets() {
        let gap = Gap::new(
            TOPIC.action,
            crate::model::Cause::Denied,
            "AuthorizationError",
        );
        let topics = Topics {
            wanted: true,
            confirmed: BTreeMap::from([
                ("arn:aws:sns:r:1:gone".to_owned(), Ok(None)),
                ("arn:aws:sns:r:1:live".to_owned(), Ok(Some(2))),
                ("arn:aws:sns:r:2:far".to_owned(), Err(gap.clone())),
            ]),
        };
        let read = |actions: &[&str]| topics.of(&alarm_with(actions));
        assert_eq!(read(&["arn:aws:sns:r:2:far"]), Part::Gap(gap));
        let Part::Read(targets) = read(&[
            "arn:aws:sns:r:1:live",
            "arn:aws:sns:r:1:gone",
            "arn:aws:automate:r:ec2:stop",
        ]) else {
            panic!("all of these were read");
        };
        let of: Vec<_> = targets
            .iter()
            .map(|t| (t.exists, t.confirmed_subscriptions))
            .collect();
        assert_eq!(
            of,
            [(None, None), (Some(false), None), (Some(true), Some(2))]
        );
    }
}
