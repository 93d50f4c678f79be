//! Metrics, read as Prometheus reads them.

use super::exposition::read;
use super::*;

#[test]
fn prometheus_has_no_resources_and_counts_everything() {
    let report = hostile_report();
    let text = written(write_prometheus, &report);
    assert!(!text.contains("vol-") && !text.contains("cmd("));
    let metrics = read(&text).unwrap();
    for metric in &metrics {
        assert_eq!(metric.kind.as_deref(), Some("gauge"), "{}", metric.name);
        assert!(metric.help.is_some(), "{}", metric.name);
        assert!(metric.samples.iter().all(|(_, value)| value.is_finite()));
    }
    let of = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap();
    let findings = &of("sixpillars_findings").samples;
    let sum: f64 = findings.iter().map(|(_, value)| value).sum();
    assert_eq!(sum.to_string(), report.findings.len().to_string());
    let failed = "sixpillars_findings{account=\"111122223333\",pillar=\"cost-optimization\",\
                  severity=\"medium\",verdict=\"fail\"} 5\n";
    assert!(text.contains(failed));
    assert!(text.contains("sixpillars_api_throttled{service=\"ec2\"} 1\n"));
    assert!(text.contains("sixpillars_scan_duration_seconds 65.5\n"));
    // Nothing was decided there, so there is no score.
    assert!(!text.contains("sixpillars_score{pillar=\"reliability\"}"));
}

#[test]
fn prometheus_labels_are_escaped() {
    let mut inputs = inputs_of(Vec::new());
    inputs.calls[0].service = "a\"b\\c\nd".to_owned();
    let text = written(write_prometheus, &build(inputs));
    assert!(
        text.contains("sixpillars_api_calls{service=\"a\\\"b\\\\c d\"} 1\n"),
        "{text}"
    );
    let metrics = read(&text).unwrap();
    let calls = metrics.iter().find(|m| m.name == "sixpillars_api_calls");
    let (labels, _) = &calls.unwrap().samples[0];
    assert_eq!(labels["service"], "a\"b\\c d");
}
