//! `remote audits`: start, wait, show, cancel.

use super::place::path;
use super::watch::until_over;
use crate::cli::{ListFormat, StartArgs, WaitArgs};
use crate::commands::output::{print, print_json};
use crate::commands::{CommandError, ExitStatus};
use crate::model::Severity;
use crate::remote::{Service, query};
use crate::report::sanitize::{clean_deep, clean_short};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::fmt::Write;

/// Characters of a text of the service that are shown.
const MAX_SHOWN: usize = 500;

/// `remote audits start`.
pub(super) async fn start(service: &Service, args: &StartArgs) -> Result<ExitStatus, CommandError> {
    if !args.wait && args.until.needs_the_end() {
        // Without it a pipeline would pass whatever the audit finds.
        return Err(CommandError::Usage(
            "--fail-on, --min-coverage and --timeout are about the end of the audit\n  help: add \
             --wait"
                .to_owned(),
        ));
    }
    let key = match &args.idempotency_key {
        Some(key) => key.clone(),
        // Makes the request safe to repeat where its answer is lost.
        None => random_key()?,
    };
    if !(1..=200).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return Err(CommandError::Usage(
            "--idempotency-key takes 1 to 200 characters of ASCII".to_owned(),
        ));
    }
    let body = json!({
        "target": args.target,
        "scope": {
            "services": args.services, "checks": args.checks, "pillars": args.pillars,
            "severity": args.severity,
        },
        "allow_paid_usd": args.allow_paid,
        "deadline": args.deadline.map(|time| format!("{}s", time.as_secs())),
    });
    let headers = [("idempotency-key", key)];
    let (_, audit) = service.post("/api/v1/audits", &body, &headers).await?;
    let id = id_of(service, &audit)?;
    if args.wait {
        return wait(service, &id, &args.until).await;
    }
    match args.until.format {
        ListFormat::Text => print(&format!("{id}\n")),
        ListFormat::Json => print_json(&audit),
    }
}

fn id_of(service: &Service, audit: &Value) -> Result<String, CommandError> {
    let id = audit["id"].as_str().filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| service.unexpected_answer("an audit without an id"))?;
    Ok(id.to_owned())
}

fn random_key() -> Result<String, CommandError> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random)
        .map_err(|e| CommandError::Internal(format!("the system has no randomness: {e}")))?;
    let mut key = String::from("cli-");
    for byte in random {
        // Writing to a string cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    Ok(key)
}

/// `remote audits wait`.
pub(super) async fn wait(
    service: &Service,
    id: &str,
    args: &WaitArgs,
) -> Result<ExitStatus, CommandError> {
    let audit = until_over(service, id, args).await?;
    match args.format {
        ListFormat::Text => print(&text(&audit))?,
        ListFormat::Json => print_json(&audit)?,
    };
    conclude(service, &audit, args).await
}

/// How the end of an audit ends the command.
async fn conclude(
    service: &Service,
    audit: &Value,
    args: &WaitArgs,
) -> Result<ExitStatus, CommandError> {
    if audit["state"] != "finished" {
        // It is printed why.
        return Ok(ExitStatus::Incomplete);
    }
    let result = &audit["result"];
    let exit_code = result["exit_code"].as_i64();
    let exit_code =
        exit_code.ok_or_else(|| service.unexpected_answer("a finished audit without a result"))?;
    let failed = match args.fail_on {
        Some(least) => failed_at_least(service, audit, least).await?,
        None => 0,
    };
    if failed > 0 || exit_code == 1 {
        return Ok(ExitStatus::GateBroken);
    }
    // Where nothing was evaluated, nothing was decided.
    let coverage = result["coverage"].as_f64().unwrap_or(0.0) * 100.0;
    let low = args.min_coverage.is_some_and(|least| coverage < least);
    Ok(if low || exit_code != 0 {
        ExitStatus::Incomplete
    } else {
        ExitStatus::Done
    })
}

/// How many evaluations of an audit failed with a severity or above.
async fn failed_at_least(
    service: &Service,
    audit: &Value,
    least: Severity,
) -> Result<i64, CommandError> {
    let unexpected = |why: &str| service.unexpected_answer(why);
    let target = audit["target"].as_str();
    let target = target.ok_or_else(|| unexpected("an audit without a target"))?;
    let started: Option<Timestamp> = audit["started"].as_str().and_then(|at| at.parse().ok());
    let started = started.ok_or_else(|| unexpected("a finished audit without its beginning"))?;
    let age = Timestamp::now().duration_since(started);
    // One more for clocks that differ.
    let days = (age.max(SignedDuration::ZERO).as_hours() / 24 + 2).min(3660);
    let target = percent_encoding::utf8_percent_encode(target, percent_encoding::NON_ALPHANUMERIC);
    let path = format!("/api/v1/targets/{target}/trend");
    let path = query(&path, &[("days", Some(days.to_string()))]);
    let trend = service.get(&path).await?;
    let points = trend["points"].as_array().into_iter().flatten();
    let own: Vec<&Value> = points.filter(|p| p["audit"] == audit["id"]).collect();
    if own.is_empty() {
        return Err(unexpected("it does not say how severe the failures of the audit are").into());
    }
    let mut failed = 0;
    for point in own {
        for severity in Severity::ALL {
            if severity >= least {
                let count = point["fails"][severity.to_string()].as_i64();
                failed += count.ok_or_else(|| unexpected("a pillar without its failures"))?;
            }
        }
    }
    Ok(failed)
}

/// `remote audits show`.
pub(super) async fn show(
    service: &Service,
    id: &str,
    format: ListFormat,
) -> Result<ExitStatus, CommandError> {
    let audit = service.get(&path(id)).await?;
    match format {
        ListFormat::Text => print(&text(&audit)),
        ListFormat::Json => print_json(&audit),
    }
}

/// `remote audits cancel`.
pub(super) async fn cancel(service: &Service, id: &str) -> Result<ExitStatus, CommandError> {
    let path = format!("{}/cancel", path(id));
    let (_, audit) = service.post(&path, &json!({}), &[]).await?;
    let state = audit["state"].as_str().unwrap_or_default();
    print(&if state == "running" {
        format!("{id} ends within two seconds\n")
    } else {
        format!("{id} is {}\n", clean_short(state, MAX_SHOWN))
    })
}

/// A field as people read it.
fn of(value: &Value) -> String {
    match value {
        Value::String(text) => clean_short(text, MAX_SHOWN),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// An audit as people read it.
pub(super) fn text(audit: &Value) -> String {
    let audit = clean_deep(audit);
    let mut text = format!(
        "audit {} of {}: {}\n",
        of(&audit["id"]),
        of(&audit["target"]),
        of(&audit["state"])
    );
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name:<14} {value}");
        }
    };
    line("requested by", of(&audit["requested_by"]));
    line("queued", of(&audit["queued"]));
    line("started", of(&audit["started"]));
    line("ended", of(&audit["ended"]));
    if audit["state"] == "running" {
        let lists = format!(
            "{} of {}",
            of(&audit["lists_read"]),
            of(&audit["lists_all"])
        );
        line("lists read", lists);
    }
    line("cancelled by", of(&audit["cancelled_by"]));
    line("error", of(&audit["error"]));
    if audit["result"].is_object() {
        for (name, value) in result_lines(&audit["result"]) {
            line(name, value);
        }
    }
    for note in audit["notes"].as_array().into_iter().flatten() {
        line("note", of(note));
    }
    text
}

/// What the result of an audit says, with the name of each line.
fn result_lines(result: &Value) -> [(&'static str, String); 6] {
    let failed = format!(
        "{} ({} new, {} fixed)",
        of(&result["fails"]),
        of(&result["new_fails"]),
        of(&result["fixed"])
    );
    let coverage = result["coverage"].as_f64();
    let coverage = coverage.map_or(String::new(), |share| format!("{:.1} %", share * 100.0));
    let complete = if result["complete"] == true {
        "yes"
    } else {
        "no"
    };
    let spent = result["spent_usd"].as_f64().filter(|usd| *usd > 0.0);
    let spent = spent.map_or(String::new(), |usd| format!("${usd:.4}"));
    [
        ("failed", failed),
        ("unknown", of(&result["unknown"])),
        ("coverage", coverage),
        ("complete", complete.to_owned()),
        ("spent", spent),
        ("exit code", of(&result["exit_code"])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_is_shown_without_escapes_of_strangers() {
        let audit = json!({"id": "1", "target": "shop", "state": "failed",
            "error": "no \u{1b}[31mcredentials\nat all", "notes": ["one"], "result": null});
        let text = text(&audit);
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.starts_with("audit 1 of shop: failed\n"), "{text}");
        assert!(text.contains("  note           one\n"), "{text}");
    }
}
