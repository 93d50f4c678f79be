//! SARIF: places, levels, and what is left out where there is too much.

use super::*;
use crate::report::sarif::limits::Limits;
use crate::report::sarif::write_within;
use flate2::Compression;
use flate2::write::GzEncoder;

#[test]
fn sarif_has_failures_and_unknowns_with_their_places() {
    let sarif = sarif(&hostile_report());
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let levels = |kind: &str| -> Vec<&str> {
        let of = results.iter().filter(|result| result["kind"] == kind);
        of.map(|result| result["level"].as_str().unwrap()).collect()
    };
    assert_eq!(levels("fail").len() + levels("review").len(), results.len());
    assert_eq!(levels("fail").len(), 7);
    assert_eq!(levels("review"), ["none"; 4]);
    for result in results {
        let location = &result["locations"][0];
        let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str();
        let segments: Vec<&str> = uri.unwrap().split('/').collect();
        assert_eq!(segments[..2], ["aws", "111122223333"]);
        assert_eq!(segments.len(), 5, "{segments:?}");
        let safe = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
        assert!(segments[4].chars().all(safe), "{segments:?}");
        // An unescaped bracket would be a link.
        assert!(!result["message"]["text"].as_str().unwrap().contains("n[x]"));
    }
    let open = |r: &&Value| {
        r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "arn:aws:test:::open"
    };
    let open = results.iter().find(open).unwrap();
    assert_eq!(open["level"], "error");
    let rule = &run["tool"]["driver"]["rules"]
        [usize::try_from(open["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], "s3/bucket-public");
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert_eq!(
        run["invocations"][0]["toolExecutionNotifications"],
        json!([])
    );
}

#[test]
fn sarif_that_is_cut_keeps_the_most_severe_and_says_so() {
    let report = report();
    let sarif = within(&report, 7, 5, u64::MAX);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 7);
    assert_eq!(results.iter().filter(|r| r["kind"] == "fail").count(), 6);
    // Of the unknown ones, the critical ones come before the high one.
    let unknown = results.iter().find(|r| r["kind"] == "review").unwrap();
    assert_eq!(unknown["properties"]["severity"], "critical");
    let notices = notices(&sarif);
    assert_eq!(
        notices,
        [
            "2 of 9 results are left out, the least severe: code scanning takes 7. report.json has all of \
             them.",
            "Code scanning shows the 5 most severe of the 7 results here.",
        ]
    );
    let whole = within(&report, 9, 9, u64::MAX);
    assert_eq!(self::notices(&whole), Vec::<String>::new());
}

#[test]
fn sarif_is_cut_to_the_size_that_is_taken() {
    let check = checks().remove(0);
    let many = (0..400).map(|n| finding(&check, &format!("b-{n}"), "", Verdict::Fail));
    let report = build(inputs_of(many.collect()));
    let packed = |sarif: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(sarif).unwrap();
        packed.finish().unwrap().len()
    };
    let most = 10_000;
    let text = bytes_within(&report, 25_000, 5_000, most);
    let results = |sarif: &Value| sarif["runs"][0]["results"].as_array().unwrap().len();
    assert!(packed(&bytes_within(&report, 25_000, 5_000, u64::MAX)) > 10_000);
    assert!(packed(&text) <= 10_000 && packed(&text) > 7_000);
    let sarif: Value = serde_json::from_slice(&text).unwrap();
    let kept = results(&sarif);
    let notices = notices(&sarif);
    let cut = format!(
        "{} of 400 results are left out, the least severe",
        400 - kept
    );
    assert!(notices[0].starts_with(&cut), "{notices:?}");
    assert!(notices[0].contains("MB compressed"), "{notices:?}");
    // Where not even the rules fit, it is a file all the same.
    assert_eq!(results(&within(&report, 25_000, 5_000, 10)), 0);
}

fn bytes_within(report: &Report, results: u64, shown: u64, packed: u64) -> Vec<u8> {
    let limits = Limits {
        results,
        shown,
        packed,
    };
    let mut text = Vec::new();
    write_within(report, limits, &mut text).unwrap();
    text
}

fn within(report: &Report, results: u64, shown: u64, packed: u64) -> Value {
    let sarif = serde_json::from_slice(&bytes_within(report, results, shown, packed)).unwrap();
    let schema = include_str!("../../../tests/schemas/sarif-2.1.0.json");
    assert_eq!(problems(schema, &sarif), NO_PROBLEMS);
    sarif
}

fn notices(sarif: &Value) -> Vec<String> {
    let notices = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    let notices = notices.as_array().unwrap().iter();
    let texts = notices.map(|notice| notice["message"]["text"].as_str().unwrap().to_owned());
    texts.collect()
}
