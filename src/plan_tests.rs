use super::*;

static REPORT: Call = crate::call!("iam", "GetCredentialReport").shared();
static LIST: Call = crate::call!("iam", "GetAccountAuthorizationDetails");

#[test]
fn what_kinds_share_is_counted_once_for_each_account() {
    let mut calls = Calls::new();
    for call in [&REPORT, &LIST] {
        count(&mut calls, call, 2, None, None);
        count(&mut calls, call, 2, None, None);
    }
    let each = Some(Share {
        each: "each account".to_owned(),
        calls: 1,
        of: 1,
    });
    count(&mut calls, &REPORT, 2, each, Some(2));
    let counted: Vec<_> = calls
        .values()
        .map(|call| {
            (
                call.operation,
                call.at_least,
                call.and_for.len(),
                call.expected,
            )
        })
        .collect();
    let expected = [
        ("GetAccountAuthorizationDetails", 4, 0, Some(4)),
        ("GetCredentialReport", 2, 0, Some(2)),
    ];
    assert_eq!(counted, expected);
}

#[test]
fn alarms_on_what_has_no_region_are_listed_where_they_are() {
    let elsewhere = needs_of_regions(derivations().into_iter());
    let alarms = BTreeSet::from(["cloudwatch.alarm"]);
    assert_eq!(elsewhere, BTreeMap::from([("us-east-1", alarms)]));
    let target = |account: &str, regions: &[&str]| Target {
        account: account.to_owned(),
        regions: regions.iter().map(|region| (*region).to_owned()).collect(),
    };
    let targets = [
        target("one", &["eu-west-1"]),
        target("audited there", &["eu-west-1", "us-east-1"]),
        target("other partition", &["cn-north-1"]),
        target("no regions", &[]),
    ];
    assert_eq!(
        unaudited_places("cloudwatch.alarm", &elsewhere, &targets),
        [("one".to_owned(), "us-east-1".to_owned())]
    );
    assert!(unaudited_places("ec2.volume", &elsewhere, &targets).is_empty());
}
