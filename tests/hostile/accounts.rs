//! Several accounts in one scan: what befalls one is nothing to the others.

use crate::endpoint::{CallKey, Effect, Ending, Endpoint, Refusal, Rule, Wait};
use crate::roles::assumable;
use crate::scan::{REGIONS, Scan, account, assert_same, new_gaps};
use crate::verdicts::Verdicts;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The one that is in trouble, and the one that is not.
const TROUBLED: &str = "111111111111";
const OTHER: &str = "222222222222";

async fn endpoint() -> Endpoint {
    Endpoint::start(assumable(account(), |_| ())).await
}

fn both(endpoint: &Endpoint) -> Scan {
    let role = |id| format!("arn:aws:iam::{id}:role/audit");
    let scan = Scan::of(endpoint);
    scan.arguments(["--role-arn", &role(TROUBLED), "--role-arn", &role(OTHER)])
}

/// The findings of one account.
fn of(report: &Value, account: &str) -> Value {
    let findings = report["findings"].as_array().expect("findings").iter();
    let own = findings.filter(|finding| finding["resource"]["account"] == account);
    json!({ "findings": own.collect::<Vec<_>>() })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_credentials_expire_is_paused_and_the_other_is_read() {
    let endpoint = endpoint().await;
    let whole = both(&endpoint).run().await.with(0).report();
    let calls = endpoint.take_counts();
    let calls = calls.of(|call_key| call_key.account == TROUBLED) as u64;
    let expired = Rule::new(Effect::Refuse(Refusal::Expired));
    endpoint.rule(expired.account(TROUBLED).after(calls / 2));
    let ended = both(&endpoint).run().await.with(3);
    let report = ended.report();

    assert_same(&of(&whole, OTHER), &of(&report, OTHER));
    let (before, after) = (of(&whole, TROUBLED), of(&report, TROUBLED));
    let wrong = Verdicts::of(&before).flipped(&Verdicts::of(&after));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let gaps = new_gaps(&whole, &report);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_accounts: BTreeSet<_> = gaps.iter().map(|gap| text(&gap["account"])).collect();
    let causes: BTreeSet<_> = gaps.iter().map(|gap| text(&gap["cause"])).collect();
    assert_eq!(of_accounts, BTreeSet::from([TROUBLED.to_owned()]));
    assert_eq!(causes, BTreeSet::from(["expired".to_owned()]));
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0]["message"].to_string().contains(TROUBLED));

    endpoint.without_rules();
    endpoint.take_counts();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(&whole["findings"], &resumed.report()["findings"]);
    let counts = endpoint.counts();
    let again = |call_key: &CallKey| call_key.account == OTHER && call_key.service != "sts";
    assert_eq!(counts.of(again), 0, "the other account is read again");
}

/// How long AWS asks the one account to wait.
const ASKED: Duration = Duration::from_secs(8);

/// Of one service in one region, the first call of one account is throttled: its others wait as long
/// as they are asked to. Those of the other account, half of which are not even known yet, do not.
#[tokio::test(flavor = "multi_thread")]
async fn one_throttled_account_slows_no_other() {
    let [region, _] = REGIONS;
    let endpoint = endpoint().await;
    let whole = both(&endpoint).run().await.with(0).report();
    endpoint.take_counts();
    let throttled = Effect::Refuse(Refusal::Throttled(Wait::AmzRetryAfter(ASKED)));
    let throttled = Rule::new(throttled).services(["ec2"]).region(region);
    endpoint.rule(throttled.account(TROUBLED).first(1));
    let late = Rule::new(Effect::Delay(Duration::from_secs(1)));
    let late = late.operation("ec2", "DescribeInstances").region(region);
    endpoint.rule(late.account(OTHER));
    let report = both(&endpoint).run().await.with(0).report();
    assert_same(&whole["findings"], &report["findings"]);

    let counts = endpoint.counts();
    let arrived = |account: &str, pick: &dyn Fn(&CallKey) -> bool| {
        let here = |call_key: &CallKey| call_key.account == account && call_key.region == region;
        let by_call = counts
            .by_call
            .iter()
            .filter(|(call_key, _)| here(call_key) && pick(call_key));
        let mut arrived: Vec<Instant> = by_call.flat_map(|(_, c)| c.arrived.clone()).collect();
        arrived.sort();
        arrived
    };
    let said_no = counts
        .by_call
        .iter()
        .find_map(|(_, count)| count.throttled.first());
    let until = *said_no.expect("one is throttled") + ASKED;
    // What was on its way when AWS said so is no concern.
    let troubled = arrived(TROUBLED, &|call_key| call_key.service == "ec2");
    assert!(troubled.iter().any(|at| *at >= until));
    let after = arrived(OTHER, &|call_key| {
        call_key.is("ec2", "DescribeInstanceAttribute")
    });
    assert!(!after.is_empty());
    assert!(
        after.iter().all(|at| *at < until),
        "the other account waited"
    );
    for call in report["calls"].as_array().unwrap() {
        assert!(
            call["account"] == TROUBLED || call["throttled"] == 0,
            "{call}"
        );
    }
    assert_eq!(counts.ended(Ending::Throttled), 1);
}
