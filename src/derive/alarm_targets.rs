//! Whether the targets of alarms still exist.

use super::{Derivation, Need, World, part};
use crate::model::kinds::cloudwatch::{Alarm, Target};
use crate::model::kinds::lambda::Function;
use crate::model::{Cause, Gap, Part, TypedDocument};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    kind: Alarm::KIND,
    part: "dead_targets",
    needs: &[
        Need {
            kind: Alarm::KIND,
            parts: &["targets"],
        },
        Need {
            kind: Function::KIND,
            parts: &[],
        },
    ],
    run: &dead_targets,
}];

/// The functions of an account and region, as far as they were read.
struct Functions {
    arns: BTreeSet<String>,
    /// Set when there may be more.
    hidden: Option<Gap>,
}

fn dead_targets(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let (known, hidden) = world.seen::<Function>(region);
    let functions = Functions {
        arns: known.into_iter().filter_map(|(r, _)| r.arn).collect(),
        hidden,
    };
    let alarms = world.known::<Alarm>(region).unwrap_or_default();
    alarms
        .into_iter()
        .map(|(resource, alarm)| {
            let dead = dead(&alarm, &functions, region, &resource.account);
            (resource.id, part(dead))
        })
        .collect()
}

/// Which targets no longer exist. If one does not, unknown ones do not matter.
fn dead(
    alarm: &Alarm,
    functions: &Functions,
    region: &str,
    account: &str,
) -> Result<Vec<String>, Gap> {
    let mut dead = Vec::new();
    let mut unknown = None;
    for target in alarm.targets.get()? {
        match is_dead(target, functions, region, account) {
            Ok(true) => dead.push(target.arn.clone()),
            Ok(false) => {}
            Err(gap) => unknown = unknown.or(Some(gap)),
        }
    }
    match unknown {
        Some(gap) if dead.is_empty() => Err(gap),
        _ => Ok(dead),
    }
}

fn is_dead(
    target: &Target,
    functions: &Functions,
    region: &str,
    account: &str,
) -> Result<bool, Gap> {
    match (target.exists, target.confirmed_subscriptions) {
        (Some(false), _) | (_, Some(0)) => return Ok(true),
        (Some(true), _) => return Ok(false),
        (None, _) => {}
    }
    if target.service == "lambda" {
        return functions.lack(&target.arn, region, account);
    }
    if is_built_in(target) || is_policy_here(target, region, account) {
        return Ok(false);
    }
    Err(unasked(&target.service))
}

/// Actions that are not resources of the account: EC2's own (`automate`, and `swf` in its first
/// form) and `OpsItems` of Systems Manager.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn is_built_in(target: &Target) -> bool {
    match target.service.as_str() {
        "automate" => true,
        "swf" => target.arn.contains(":action/actions/AWS_EC2."),
        "ssm" => target.arn.split(':').nth(5) == Some("opsitem"),
        _ => false,
    }
}

/// A scaling policy of the account and region. When one is deleted, Auto Scaling takes it out of the
/// actions of its alarms, so that an alarm does not lead to one that is gone.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeletePolicy.html>,
/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html>
fn is_policy_here(target: &Target, region: &str, account: &str) -> bool {
    let fields: Vec<&str> = target.arn.split(':').collect();
    matches!(fields.as_slice(), [_, _, "autoscaling", place, owner, "scalingPolicy", _, ..]
        if *place == region && *owner == account)
}

impl Functions {
    /// Whether the function of an ARN is none of the account's and region's. A version or an alias
    /// may be gone although its function is there.
    fn lack(&self, arn: &str, region: &str, account: &str) -> Result<bool, Gap> {
        let fields: Vec<&str> = arn.split(':').collect();
        let [_, _, _, place, owner, "function", _, qualifier @ ..] = fields.as_slice() else {
            return Err(unasked("lambda"));
        };
        if *place != region || *owner != account {
            return Err(unasked("lambda"));
        }
        let function = fields[..7].join(":");
        match (self.arns.contains(&function), &self.hidden) {
            (true, _) if qualifier.is_empty() => Ok(false),
            (true, _) => Err(unasked("lambda")),
            (false, None) => Ok(true),
            (false, Some(gap)) => Err(gap.clone()),
        }
    }
}

/// A target that no call was made for.
fn unasked(service: &str) -> Gap {
    let known = ["autoscaling", "lambda", "ssm", "ssm-incidents", "aiops"];
    let what = known.iter().find(|known| **known == service);
    let detail = match what {
        Some(service) => format!("not checked whether a target of {service} exists"),
        None => "not checked whether a target exists".to_owned(),
    };
    Gap::new("", Cause::Undecided, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "eu-west-1";
    const ACCOUNT: &str = "111122223333";

    fn target(arn: &str, exists: Option<bool>, confirmed: Option<i64>) -> Target {
        Target {
            arn: arn.to_owned(),
            service: arn.split(':').nth(2).unwrap_or_default().to_owned(),
            exists,
            confirmed_subscriptions: confirmed,
        }
    }

    fn unasked_for(arn: &str) -> Target {
        target(arn, None, None)
    }

    fn functions(hidden: Option<Gap>) -> Functions {
        let page = "arn:aws:lambda:eu-west-1:111122223333:function:page";
        Functions {
            arns: BTreeSet::from([page.to_owned()]),
            hidden,
        }
    }

    fn state(target: &Target) -> Option<bool> {
        is_dead(target, &functions(None), REGION, ACCOUNT).ok()
    }

    #[test]
    fn topics_tell_themselves() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:ops";
        assert_eq!(state(&target(topic, Some(true), Some(2))), Some(false));
        assert_eq!(state(&target(topic, Some(true), Some(0))), Some(true));
        assert_eq!(state(&target(topic, Some(false), None)), Some(true));
    }

    #[test]
    fn functions_are_looked_up() {
        let here = |rest: &str| {
            let arn = format!("arn:aws:lambda:eu-west-1:111122223333:function:{rest}");
            state(&unasked_for(&arn))
        };
        assert_eq!(here("page"), Some(false));
        assert_eq!(here("gone"), Some(true));
        assert_eq!(here("gone:live"), Some(true));
        assert_eq!(here("page:live"), None);
        let elsewhere = "arn:aws:lambda:eu-west-1:444455556666:function:page";
        assert_eq!(state(&unasked_for(elsewhere)), None);

        let gap = Gap::new("lambda:ListFunctions", Cause::Denied, "AccessDenied");
        let gone = unasked_for("arn:aws:lambda:eu-west-1:111122223333:function:gone");
        let hidden = functions(Some(gap.clone()));
        assert_eq!(is_dead(&gone, &hidden, REGION, ACCOUNT), Err(gap));
    }

    #[test]
    fn one_dead_target_is_enough() {
        let arns = |targets: &[Target]| {
            let alarm = serde_json::json!({
                "alarm_type": "metric", "state_value": "OK",
                "state_updated_timestamp": "2026-03-01T00:00:00Z", "actions_enabled": true,
                "alarm_actions": [], "ok_actions": [], "insufficient_data_actions": [],
                "has_description": false, "has_link": false, "metrics": [],
                "uses_expression": false, "children": [], "targets": targets,
            });
            let alarm: Alarm = serde_json::from_value(alarm).unwrap();
            dead(&alarm, &functions(None), REGION, ACCOUNT)
        };
        let gone = target("arn:aws:sns:eu-west-1:111122223333:gone", Some(false), None);
        let plan = unasked_for("arn:aws:ssm-incidents::111122223333:response-plan/p");
        assert_eq!(arns(&[]), Ok(Vec::new()));
        assert!(arns(std::slice::from_ref(&plan)).is_err());
        assert_eq!(arns(&[gone.clone(), plan]), Ok(vec![gone.arn]));
    }

    #[test]
    fn what_was_not_asked_is_unknown() {
        for (arn, expected) in [
            ("arn:aws:automate:eu-west-1:ec2:recover", Some(false)),
            (
                "arn:aws:swf:eu-west-1:111122223333:action/actions/AWS_EC2.InstanceId.Stop/1.0",
                Some(false),
            ),
            (
                "arn:aws:ssm:eu-west-1:111122223333:opsitem:2#CATEGORY=Cost",
                Some(false),
            ),
            ("arn:aws:ssm-incidents::111122223333:response-plan/p", None),
            (
                "arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1:x",
                Some(false),
            ),
            (
                "arn:aws:autoscaling:eu-west-1:444455556666:scalingPolicy:1:x",
                None,
            ),
            ("arn:aws:of-tomorrow:eu-west-1:111122223333:x", None),
            ("", None),
        ] {
            assert_eq!(state(&unasked_for(arn)), expected, "{arn}");
        }
    }
}
