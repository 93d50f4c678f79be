//! The metrics for Prometheus at `/metrics`. Names of targets are the only labels that people choose.

use super::auth::Actor;
use super::requests::{BOUNDS, Requests};
use super::state::Service;
use crate::store::{RunCosts, RunCount, StoreError};
use jiff::Timestamp;
use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Milliseconds in a second.
const SECOND: f64 = 1000.0;
/// Metrics in the text format of Prometheus:
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    /// Begins a metric: its name without the prefix, its type and what it means.
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.0,
            "# HELP sixpillars_{name} {help}\n# TYPE sixpillars_{name} {kind}"
        );
    }

    /// A value of it.
    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.0, "sixpillars_{name}{labels} {value}");
    }
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// A counter: its name, its meaning, and its value of one target.
type Counter = (&'static str, &'static str, fn(&RunCosts) -> i64);

/// All metrics, of the targets that the caller sees.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn exposition(service: &Service, by: &Actor) -> Result<String, StoreError> {
    let mut out = Exposition::default();
    out.metric("build_info", "gauge", "The version of this process.");
    out.value("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    queue(service, &mut out).await?;
    runs(service, by, &mut out).await?;
    findings(service, by, &mut out).await?;
    let (waiting, given_up) = service.database.outbox_length().await?;
    out.metric("messages_waiting", "gauge", "Messages waiting to be sent.");
    out.value("messages_waiting", &[], waiting);
    out.metric("messages_given_up", "gauge", "Messages that never arrived.");
    out.value("messages_given_up", &[], given_up);
    requests(&service.requests, &mut out);
    Ok(out.0)
}

async fn queue(service: &Service, out: &mut Exposition) -> Result<(), StoreError> {
    let (queued, running) = service.database.queue_length().await?;
    out.metric("audits_queued", "gauge", "Audits that wait.");
    out.value("audits_queued", &[], queued);
    out.metric(
        "audits_running",
        "gauge",
        "Audits that run, in all processes.",
    );
    out.value("audits_running", &[], running);
    let now = Timestamp::now();
    let oldest = service.database.oldest_queued(now).await?;
    let waits = oldest.map_or(0, |since| (now.as_millisecond() - since).max(0));
    out.metric(
        "audits_oldest_queued_seconds",
        "gauge",
        "How long the oldest queued audit that may start has waited; 0 if there is none.",
    );
    out.value("audits_oldest_queued_seconds", &[], seconds(waits));
    Ok(())
}

async fn runs(service: &Service, by: &Actor, out: &mut Exposition) -> Result<(), StoreError> {
    let mut counts = service.database.run_counts().await?;
    counts.retain(|count| by.sees(&count.target));
    endings(&counts, out);
    let mut costs = service.database.run_costs().await?;
    costs.retain(|cost| by.sees(&cost.target));
    durations(&costs, out);
    use_of_aws(&costs, out);
    Ok(())
}

/// How audits ended, and how often they began.
fn endings(counts: &[RunCount], out: &mut Exposition) {
    out.metric(
        "audits_total",
        "counter",
        "Audits that are over, by how they ended.",
    );
    for count in counts {
        let labels = [("target", count.target.as_str()), ("state", &count.state)];
        out.value("audits_total", &labels, count.runs);
    }
    out.metric(
        "audit_attempts_total",
        "counter",
        "How often audits that are over began or were taken over from a worker that was gone.",
    );
    for count in counts {
        let labels = [("target", count.target.as_str()), ("state", &count.state)];
        out.value("audit_attempts_total", &labels, count.attempts);
    }
}

/// How long finished audits took, and when the last one ended.
fn durations(costs: &[RunCosts], out: &mut Exposition) {
    out.metric(
        "audit_duration_seconds",
        "summary",
        "From the first start of a finished audit to its end.",
    );
    for cost in costs {
        let labels = [("target", cost.target.as_str())];
        out.value("audit_duration_seconds_sum", &labels, seconds(cost.ms));
        out.value("audit_duration_seconds_count", &labels, cost.runs);
    }
    out.metric(
        "audit_last_finished_timestamp_seconds",
        "gauge",
        "When the last finished audit ended.",
    );
    for cost in costs {
        let labels = [("target", cost.target.as_str())];
        let ended = seconds(cost.last_ended);
        out.value("audit_last_finished_timestamp_seconds", &labels, ended);
    }
}

/// What finished audits asked AWS, and what that cost.
fn use_of_aws(costs: &[RunCosts], out: &mut Exposition) {
    let counters: [Counter; 3] = [
        (
            "aws_calls_total",
            "Calls of AWS by finished audits.",
            |cost| cost.calls,
        ),
        (
            "aws_throttled_total",
            "Requests of finished audits that AWS throttled.",
            |cost| cost.throttled,
        ),
        (
            "aws_denied_total",
            "Requests of finished audits that AWS denied.",
            |cost| cost.denied,
        ),
    ];
    for (name, help, of) in counters {
        out.metric(name, "counter", help);
        for cost in costs {
            out.value(name, &[("target", cost.target.as_str())], of(cost));
        }
    }
    out.metric(
        "aws_spent_usd_total",
        "counter",
        "What billed reads of finished audits cost, in US dollars.",
    );
    for cost in costs {
        let labels = [("target", cost.target.as_str())];
        out.value("aws_spent_usd_total", &labels, cost.spent_usd);
    }
}

async fn findings(service: &Service, by: &Actor, out: &mut Exposition) -> Result<(), StoreError> {
    let counts = service.database.finding_counts().await?;
    out.metric("findings", "gauge", "Findings that fail or are unknown.");
    for (target, pillar, severity, verdict, findings) in counts {
        if by.sees(&target) {
            let severity = severity.to_string();
            let labels = [
                ("target", target.as_str()),
                ("pillar", &pillar),
                ("severity", &severity),
                ("verdict", &verdict),
            ];
            out.value("findings", &labels, findings);
        }
    }
    Ok(())
}

fn requests(requests: &Requests, out: &mut Exposition) {
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    out.metric(
        "http_requests_total",
        "counter",
        "Requests that this process answered, by the first digit of the status.",
    );
    for (class, count) in requests.by_class.iter().enumerate().skip(1) {
        out.value(
            "http_requests_total",
            &[("status", &format!("{class}xx"))],
            of(count),
        );
    }
    let name = "http_request_duration_seconds";
    out.metric(
        name,
        "histogram",
        "How long requests took until their answer began, in this process.",
    );
    let mut all = 0;
    for (index, count) in requests.by_time.iter().enumerate() {
        all += of(count);
        let bound = BOUNDS.get(index).map_or("+Inf".to_owned(), f64::to_string);
        out.value(&format!("{name}_bucket"), &[("le", &bound)], all);
    }
    let micros = of(&requests.micros);
    let sum = Duration::from_micros(micros).as_secs_f64();
    out.value(&format!("{name}_sum"), &[], sum);
    out.value(&format!("{name}_count"), &[], all);
}

#[allow(clippy::cast_precision_loss, reason = "a time of this century")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_labels_cannot_be_broken_out_of() {
        let counted = Requests::default();
        counted.count(200, Duration::from_millis(10));
        counted.count(503, Duration::from_mins(1));
        let mut out = Exposition::default();
        requests(&counted, &mut out);
        let has = |line: &str| assert!(out.0.lines().any(|l| l == line), "{line}: {}", out.0);
        has("sixpillars_http_requests_total{status=\"2xx\"} 1");
        has("sixpillars_http_request_duration_seconds_bucket{le=\"0.01\"} 1");
        has("sixpillars_http_request_duration_seconds_bucket{le=\"10\"} 1");
        has("sixpillars_http_request_duration_seconds_bucket{le=\"+Inf\"} 2");
        has("sixpillars_http_request_duration_seconds_count 2");
        assert_eq!(escaped("a\"b\\c\n"), "a\\\"b\\\\c\\n");
    }
}
