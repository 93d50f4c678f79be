//! Exemptions: what they match, and until when.

use super::*;

#[test]
fn an_exemption_goes_by_check_resource_tag_or_finding_alone() {
    let found = finding(Verdict::Fail, tagged("env", "dev"));
    let id = &found.id.0;
    for (selector, other) in [
        ("checks: [ec2/volume-unattached]", "checks: [s3/*]"),
        ("resources: [vol-*]", "resources: [snap-*]"),
        ("tags: {env: dev}", "tags: {env: prod}"),
        (
            format!("findings: [{id}]").as_str(),
            "findings: [000000000000000000000000]",
        ),
    ] {
        let exempt = |selector| {
            let policy = policy(&[&exemption_of(selector, "2026-11-01")]);
            policy.exempt(&found, TODAY).is_some()
        };
        assert!(exempt(selector), "{selector}");
        assert!(!exempt(other), "{other}");
    }
    let by_tag = policy(&[&exemption_of("tags: {env: dev}", "2026-11-01")]);
    assert!(by_tag.needs_tags("s3/bucket-public"));
}

#[test]
fn only_failures_are_exempt_and_only_until_the_last_day() {
    let run = |text: &str, verdict: Verdict| {
        let policy = policy(&[text]);
        let mut finding = finding(verdict, tagged("env", "dev"));
        let mut uses = ExemptionUses::default();
        policy.apply_exemptions(&mut finding, TODAY, &mut uses);
        let notices = policy.exemption_notices(&uses, TODAY);
        let kinds: Vec<String> = notices.into_iter().map(|n| n.kind).collect();
        (finding.verdict, kinds)
    };
    let none = Vec::<String>::new();
    for selector in [
        "resources: ['*volume/vol-?']",
        "resources: [data]",
        "tags: {ENV: d*}",
        "accounts: [111122223333]",
        "regions: [eu-*]",
    ] {
        let text = exemption(selector, "2026-11-01");
        assert_eq!(
            run(&text, Verdict::Fail),
            (Verdict::Exempt, none.clone()),
            "{selector}"
        );
        assert_eq!(
            run(&text, Verdict::Unknown),
            (Verdict::Unknown, none.clone())
        );
        let unused = vec!["exemption_unused".to_owned()];
        assert_eq!(run(&text, Verdict::Pass), (Verdict::Pass, unused));
    }
    let expired = exemption("regions: [eu-*]", "2026-10-31");
    let notice = vec!["exemption_expired".to_owned()];
    assert_eq!(run(&expired, Verdict::Fail), (Verdict::Fail, notice));
    let other = exemption("regions: [us-*]", "2026-11-01");
    assert_eq!(run(&other, Verdict::Fail).0, Verdict::Fail);
}

#[test]
fn an_exemption_that_one_of_two_threads_needed_is_used() {
    let policy = policy(&[&exemption("regions: [eu-*]", "2026-11-01")]);
    let mut needed = ExemptionUses::default();
    let mut failed = finding(Verdict::Fail, Part::Unread);
    policy.apply_exemptions(&mut failed, TODAY, &mut needed);
    for (mut one, other) in [
        (needed.clone(), ExemptionUses::default()),
        (ExemptionUses::default(), needed.clone()),
    ] {
        one.merge(&other);
        assert_eq!(policy.exemption_notices(&one, TODAY), []);
    }
    assert_eq!(
        policy
            .exemption_notices(&ExemptionUses::default(), TODAY)
            .len(),
        1
    );
}

#[test]
fn an_exemption_by_tag_does_not_hold_where_tags_are_unreadable() {
    let gap = Gap::new("ec2:DescribeTags", Cause::Denied, "AccessDenied");
    let unread = finding(Verdict::Fail, Part::Gap(gap));
    let policy = policy(&[&exemption("tags: {env: '*'}", "2026-11-01")]);
    assert_eq!(policy.exempt(&unread, TODAY), None);
}
