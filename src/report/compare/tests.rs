//! Pairs of reports: what is called fixed was read again, and nothing is lost.

use super::*;
use crate::model::{Cause, Finding, Gap};
use crate::report::sample::{checks, earlier, finding, inputs_of, report};
use crate::report::{
    Diff, Findings, Inputs, ReadRow, TextOptions, build, diff_markdown, diff_text, json, markdown,
    read, read_from, text, write_diff_json,
};
use crate::yaml::assert_schema_is_current;
use proptest::prelude::*;

fn changes(report: &Report) -> Vec<(String, Change)> {
    let comparison = report.comparison.as_ref().unwrap();
    let of = |id: &FindingId| {
        let old = earlier();
        let all = report.findings.iter().chain(old.findings.iter());
        let mut all = all.map(Result::unwrap);
        let finding = all.find(|finding| finding.id == *id).unwrap();
        let name: String = finding.resource.id.chars().take(8).collect();
        format!("{} {name}", finding.check)
    };
    let mut changes: Vec<_> = comparison
        .findings
        .iter()
        .map(|(id, change)| (of(id), *change))
        .collect();
    changes.sort();
    changes
}

#[test]
fn what_was_not_read_again_is_neither_fixed_nor_gone() {
    use Change::{BecameUnknown, Changed, Fixed, Gone, New, StillFailing};
    let report = report().since(&earlier()).unwrap();
    let expected = [
        ("ec2/dropped vol-1", Changed),
        ("ec2/volume-unattached vol-1", StillFailing),
        ("ec2/volume-unattached vol-2", New),
        ("ec2/volume-unattached vol-3", New),
        ("ec2/volume-unattached vol-4", New),
        ("ec2/volume-unattached vol-5", New),
        ("ec2/volume-unattached vol-7", Gone),
        ("rds/backup-missing db\u{1b}[31mr", BecameUnknown),
        ("s3/bucket-public closed", Fixed),
        ("s3/bucket-public open", New),
        ("s3/bucket-public secret-1", BecameUnknown),
        ("s3/bucket-public secret-2", BecameUnknown),
        ("s3/bucket-public website", Changed),
    ];
    let expected = expected.map(|(name, change)| (name.to_owned(), change));
    assert_eq!(changes(&report), expected);
    assert_eq!(report.failed_at_least(Severity::Critical), 1);
    assert_eq!(report.failed_at_least(Severity::Medium), 5);
}

#[test]
fn the_first_day_of_a_failure_is_carried_from_baseline_to_baseline() {
    let day = |report: &Report, id: &str| {
        let resource = finding(&checks()[2], id, "data", Verdict::Fail).id;
        let comparison = report.comparison.as_ref().unwrap();
        comparison
            .first_failed
            .get(&resource)
            .map(ToString::to_string)
    };
    let first = report().since(&earlier()).unwrap();
    assert_eq!(day(&first, "vol-1").as_deref(), Some("2026-10-01"));
    assert_eq!(day(&first, "vol-3").as_deref(), Some("2026-11-01"));
    assert_eq!(day(&first, "vol-7"), None);
    let mut later = report();
    later.scan.started = "2026-12-01T12:00:00Z".parse().unwrap();
    let later = later.since(&first).unwrap();
    assert_eq!(day(&later, "vol-1").as_deref(), Some("2026-10-01"));
    assert_eq!(day(&later, "vol-3").as_deref(), Some("2026-11-01"));
    // What could not be read for a while has failed since.
    let mut unread = inputs_of(vec![finding(&checks()[2], "vol-1", "", Verdict::Unknown)]);
    unread.scan.started = "2026-11-15T12:00:00Z".parse().unwrap();
    let unread = build(unread).since(&first).unwrap();
    let again = later.clone().since(&unread).unwrap();
    assert_eq!(day(&again, "vol-1").as_deref(), Some("2026-10-01"));
    assert_eq!(day(&again, "vol-3").as_deref(), Some("2026-12-01"));
}

#[test]
fn a_verdict_by_another_rule_is_no_fix() {
    let [public, ..] = &checks()[..] else {
        unreachable!("there are four")
    };
    let of = |rule: Option<&str>, version: &str, verdict| {
        let mut inputs = inputs_of(vec![finding(public, "b", "b", verdict)]);
        inputs.checks[0].rule = rule.map(str::to_owned);
        inputs.scan.tool.version = version.to_owned();
        build(inputs)
    };
    let change = |old: &Report, new: Report| {
        let counts = new.since(old).unwrap().comparison.unwrap().counts;
        (counts.fixed, counts.changed)
    };
    let old = of(Some("a"), "1", Verdict::Fail);
    assert_eq!(change(&old, of(Some("a"), "2", Verdict::Pass)), (1, 0));
    assert_eq!(
        change(&old, of(Some("a"), "1", Verdict::NotApplicable)),
        (1, 0)
    );
    assert_eq!(change(&old, of(Some("b"), "1", Verdict::Pass)), (0, 1));
    // A report of before there were rules: only the same version judges alike for sure.
    assert_eq!(change(&old, of(None, "1", Verdict::Pass)), (1, 0));
    assert_eq!(change(&old, of(None, "2", Verdict::Pass)), (0, 1));
}

#[test]
fn reports_that_do_not_belong_together_are_refused() {
    let newer = earlier().since(&report()).unwrap_err().to_string();
    assert!(newer.starts_with("the baseline is newer"), "{newer}");
    let mut other = earlier();
    other.scan.accounts[0].id = "999999999999".to_owned();
    let accounts = report().since(&other).unwrap_err().to_string();
    assert!(accounts.contains("of account 999999999999, and this is account 111122223333"));
}

fn diff() -> Diff {
    let old = earlier();
    let new = report().since(&old).unwrap();
    Diff { old, new }
}

#[test]
fn golden_files_of_a_diff() {
    let diff = diff();
    let mut json = Vec::new();
    write_diff_json(&diff, &mut json).unwrap();
    insta::assert_snapshot!("diff-json", String::from_utf8(json).unwrap());
    insta::assert_snapshot!("diff-markdown", diff_markdown(&diff).unwrap());
    let page = diff_text(&diff, TextOptions::default()).unwrap();
    insta::assert_snapshot!("diff-text", page);
}

#[test]
fn hostile_names_do_nothing_in_a_diff() {
    let diff = diff();
    for width in [60, 80, 100] {
        let page = diff_text(
            &diff,
            TextOptions {
                width,
                color: false,
            },
        )
        .unwrap();
        assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
        assert!(!page.contains('\u{202e}'));
        let wide = page.lines().find(|line| line.chars().count() > width);
        assert_eq!(wide, None, "at {width}");
    }
    let page = diff_markdown(&diff).unwrap();
    assert!(!page.contains("<script>") && !page.contains("@admin"));
    let mut json = Vec::new();
    write_diff_json(&diff, &mut json).unwrap();
    let json = String::from_utf8(json).unwrap();
    assert!(!json.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!json.contains('\u{202e}'));
}

#[test]
fn the_schema_of_a_diff_is_current() {
    use crate::report::{DiffFile, diff_schema};
    assert_schema_is_current("diff", &diff_schema());
    let mut json = Vec::new();
    write_diff_json(&diff(), &mut json).unwrap();
    let file: DiffFile = serde_json::from_slice(&json).unwrap();
    assert_eq!(file.counts.new, 5);
    assert_eq!(file.differences.len(), 13);
}

#[test]
fn pages_with_a_baseline_show_only_what_is_new() {
    let report = report().since(&earlier()).unwrap();
    let page = text(&report, TextOptions::default());
    insta::assert_snapshot!("text-since", page);
    insta::assert_snapshot!("markdown-since", markdown(&report));
    // The same from the file, which holds all of it.
    let file = json(&report).unwrap();
    let again = read(&file).unwrap();
    assert_eq!(again, report);
    assert_eq!(text(&again, TextOptions::default()), page);
    assert_eq!(again.findings.len(), report.findings.len());
}

#[test]
fn a_report_read_from_a_file_is_the_one_that_was_written() {
    for report in [report(), report().since(&earlier()).unwrap()] {
        let file = json(&report).unwrap();
        let store = crate::scan::external_sort::ExternalSorter::new(1);
        assert_eq!(read_from(file.as_bytes(), &store).unwrap(), report);
        // Cut off anywhere it is no report, and never a smaller one.
        for at in (0..file.trim_end().len()).step_by(997) {
            let store = crate::scan::external_sort::ExternalSorter::new(1);
            assert!(read_from(&file.as_bytes()[..at], &store).is_err(), "{at}");
        }
    }
    let without = r#"{"schema": "sixpillars/report/99", "findings": 3}"#;
    let store = crate::scan::external_sort::ExternalSorter::default();
    let error = read_from(without.as_bytes(), &store).unwrap_err();
    assert!(error.to_string().contains("sixpillars/report/99"));
}

const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "global"];

/// An evaluation as it was and as it is: check, region, resource and both verdicts.
type Pair = (usize, usize, u8, Option<Verdict>, Option<Verdict>);

fn pair() -> impl Strategy<Value = Pair> {
    let verdict = || prop::option::weighted(0.8, prop::sample::select(Verdict::ALL.to_vec()));
    (0..4usize, 0..REGIONS.len(), 0..4u8, verdict(), verdict())
}

/// What the later scan looked at.
#[derive(Debug, Clone)]
struct LaterScan {
    /// Of each check, whether it was run.
    checks: [bool; 4],
    /// Of each check, whether its rule is the same.
    rules: [bool; 4],
    /// Of each kind and region, whether its list is there, and read to its end.
    lists: [Option<bool>; 12],
    regions: [bool; 2],
    tags: bool,
    account: bool,
}

fn later_scan() -> impl Strategy<Value = LaterScan> {
    let often = || prop::bool::weighted(0.8);
    (
        prop::array::uniform4(often()),
        prop::array::uniform4(often()),
        prop::array::uniform12(prop::option::weighted(0.8, often())),
        prop::array::uniform2(often()),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.95),
    )
        .prop_map(|(checks, rules, lists, regions, tags, account)| LaterScan {
            checks,
            rules,
            lists,
            regions,
            tags,
            account,
        })
}

fn evaluation(pair: &Pair, verdict: Verdict) -> Finding {
    let (check, region, id, ..) = pair;
    let mut finding = finding(&checks()[*check], &format!("r-{id}"), "r", verdict);
    finding.resource.region = REGIONS[*region].to_owned();
    finding.id = FindingId::of(&finding.check, &finding.resource);
    finding
}

fn of(pairs: &[Pair], pick: impl Fn(&Pair) -> Option<Verdict>) -> Vec<Finding> {
    let evaluations = pairs.iter();
    let findings = evaluations.filter_map(|pair| Some(evaluation(pair, pick(pair)?)));
    findings.collect()
}

fn later_report(pairs: &[Pair], later: &LaterScan) -> Report {
    let findings = of(pairs, |pair| pair.4.filter(|_| later.checks[pair.0]));
    let mut inputs: Inputs = inputs_of(findings);
    let mut number = 0;
    inputs.checks.retain_mut(|check| {
        check.rule = Some(later.rules[number].to_string());
        number += 1;
        later.checks[number - 1]
    });
    let gap = Gap::new("a:List", Cause::Denied, "AccessDenied");
    inputs.reads = (0..12)
        .filter_map(|at| {
            Some(ReadRow {
                account: "111122223333".to_owned(),
                region: REGIONS[at % 3].to_owned(),
                kind: checks()[at / 3].resource.clone(),
                resources: 0,
                gap: (!later.lists[at]?).then(|| gap.clone()),
            })
        })
        .collect();
    let account = &mut inputs.scan.accounts[0];
    account.regions = (0..2)
        .filter(|at| later.regions[*at])
        .map(|at| REGIONS[at].to_owned())
        .collect();
    if !later.account {
        // Two accounts, of which the one with the findings was not scanned.
        account.id = "444455556666".to_owned();
    }
    if later.tags {
        let tags = &mut inputs.scan.selection.tags;
        tags.insert("team".to_owned(), "web".to_owned());
    }
    build(inputs)
}

proptest! {
    #[test]
    fn fixed_was_read_gone_was_listed_and_no_failure_is_lost(
        pairs in prop::collection::vec(pair(), 0..30), later in later_scan(),
    ) {
        let mut pairs = pairs;
        pairs.sort_by_key(|(check, region, id, ..)| (*check, *region, *id));
        pairs.dedup_by_key(|(check, region, id, ..)| (*check, *region, *id));
        let mut inputs = inputs_of(of(&pairs, |pair| pair.3));
        for check in &mut inputs.checks {
            check.rule = Some(true.to_string());
        }
        inputs.scan.started = "2026-10-01T00:00:00Z".parse().unwrap();
        let mut other = inputs.scan.accounts[0].clone();
        other.id = "444455556666".to_owned();
        inputs.scan.accounts.push(other);
        let old = build(inputs);
        let new = later_report(&pairs, &later).since(&old).unwrap();
        let comparison = new.comparison.as_ref().unwrap();
        let mut seen = 0;
        for pair in &pairs {
            let (check, region, ..) = *pair;
            let (was, is) = (pair.3, pair.4.filter(|_| later.checks[check]));
            let id = evaluation(pair, Verdict::Pass).id;
            let change = comparison.findings.get(&id).copied();
            seen += usize::from(change.is_some());
            let answered = matches!(is, Some(Verdict::Pass | Verdict::NotApplicable));
            match change {
                Some(Change::Fixed) => {
                    prop_assert!(answered && later.rules[check] && was == Some(Verdict::Fail));
                }
                Some(Change::Gone) => {
                    let at = check * 3;
                    let lists = [later.lists[at + region], later.lists[at + 2]];
                    prop_assert!(is.is_none() && was == Some(Verdict::Fail));
                    prop_assert!(later.checks[check] && later.account && !later.tags);
                    prop_assert!(region == 2 || later.regions[region]);
                    prop_assert!(lists.contains(&Some(true)) && !lists.contains(&Some(false)));
                }
                Some(Change::New) => prop_assert!(was != Some(Verdict::Fail)),
                Some(Change::StillFailing) => prop_assert!(was == Some(Verdict::Fail)),
                Some(Change::BecameUnknown) => {
                    prop_assert!(matches!(is, None | Some(Verdict::Unknown)));
                    prop_assert!(was.is_some_and(|was| was != Verdict::Unknown));
                }
                Some(Change::Changed) => prop_assert!(was == Some(Verdict::Fail)),
                None => prop_assert!(was != Some(Verdict::Fail)),
            }
            // Everything that fails is either new or was there.
            let fails = matches!(change, Some(Change::New | Change::StillFailing));
            prop_assert_eq!(fails, is == Some(Verdict::Fail));
            prop_assert!(!fails || comparison.first_failed.contains_key(&id));
        }
        prop_assert_eq!(seen, comparison.findings.len());
        let counted: u64 = Change::ALL.iter().map(|change| comparison.counts.get(*change)).sum();
        prop_assert_eq!(counted, comparison.findings.len() as u64);
        // What pages show and --fail-on counts is what a gate for new failures counts.
        prop_assert_eq!(new.failed_at_least(Severity::Info), comparison.counts.new);
        let before = old.failing().unwrap();
        let fails = new.failing().unwrap();
        prop_assert_eq!(fails.difference(&before).count() as u64, comparison.counts.new);
    }
}

#[test]
fn a_resource_that_was_listed_twice_counts_once_by_what_is_worse() {
    let check = &checks()[2];
    let twice = |one, two| {
        let findings = vec![
            finding(check, "vol-1", "", one),
            finding(check, "vol-1", "", two),
        ];
        let mut inputs = inputs_of(Vec::new());
        inputs.findings = Findings::try_from(findings).unwrap();
        build(inputs)
    };
    let counts = |old: Report, new: Report| new.since(&old).unwrap().comparison.unwrap().counts;
    let counted = counts(
        twice(Verdict::Pass, Verdict::Fail),
        build(inputs_of(vec![finding(check, "vol-1", "", Verdict::Fail)])),
    );
    assert_eq!((counted.still_failing, counted.gone), (1, 0));
    let counted = counts(
        build(inputs_of(vec![finding(check, "vol-1", "", Verdict::Fail)])),
        twice(Verdict::Pass, Verdict::Unknown),
    );
    assert_eq!((counted.became_unknown, counted.fixed), (1, 0));
}
