//! Check and document in, verdict and evidence out. Pure.

use crate::check::{Check, NoValue, Scope};
use crate::model::finding::Fix;
use crate::model::{Cause, Document, Finding, FindingId, Gap, Part, Resource, Severity, Verdict};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// What the policy says of a check for one resource.
#[derive(Debug, Clone)]
pub struct CheckSettings<'a> {
    /// Parameters, overrides applied.
    pub parameters: &'a Map<String, Value>,
    /// Severity, overrides applied.
    pub severity: Severity,
}

/// A check whose expression failed although everything was read: a bug in the check that says
/// nothing about the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The check.
    pub check: String,
    /// What went wrong, without values of the document.
    pub message: String,
}

/// Lists in the evidence are truncated to this length.
const MAX_ITEMS: usize = 20;

/// Judges one document.
///
/// # Errors
/// [`Broken`] when the check itself is at fault.
pub fn evaluate(
    check: &Check,
    document: &Document,
    settings: &CheckSettings<'_>,
    now: Timestamp,
) -> Result<Finding, Broken> {
    let scope = Scope {
        document,
        parameters: settings.parameters,
        now,
    };
    let (verdict, mut gaps) = verdict(check, scope)?;
    let mut finding = undecided_finding(check, document, settings, now);
    if verdict == Verdict::NotApplicable
        && let Some(off) = gaps.first()
    {
        finding.say.clone_from(&off.detail);
        gaps.clear();
    }
    let failed = verdict == Verdict::Fail;
    let saves = check.saves.as_ref().filter(|_| failed);
    Ok(Finding {
        verdict,
        gaps,
        fix: failed.then(|| Fix {
            text: check.file.fix.text.clone(),
            cli: check.cli.as_ref().map(|cli| cli.render_shell(scope)),
            terraform: check.file.fix.terraform.clone(),
            effort: check.file.fix.effort,
        }),
        // Savings that cannot be computed are unknown, never zero.
        saves_usd_month: saves
            .and_then(|s| s.number(scope).ok())
            .map(|usd| (usd * 100.0).round() / 100.0),
        ..finding
    })
}

/// A finding without a verdict yet: only what is known of the check and the resource.
#[must_use]
pub fn undecided_finding(
    check: &Check,
    document: &Document,
    settings: &CheckSettings<'_>,
    now: Timestamp,
) -> Finding {
    let scope = Scope {
        document,
        parameters: settings.parameters,
        now,
    };
    Finding {
        id: FindingId::of(&check.id, &document.resource),
        check: check.id.clone(),
        title: check.file.title.clone(),
        pillar: check.file.pillar,
        best_practices: check.file.best_practices.clone(),
        severity: settings.severity,
        verdict: Verdict::Unknown,
        resource: document.resource.clone(),
        say: check.say.render(scope),
        evidence: evidence(check, document),
        gaps: Vec::new(),
        fix: None,
        saves_usd_month: None,
        exemption: None,
    }
}

fn verdict(check: &Check, scope: Scope<'_>) -> Result<(Verdict, Vec<Gap>), Broken> {
    let broken = |message| Broken {
        check: check.id.clone(),
        message,
    };
    let applies = check
        .when
        .as_ref()
        .map_or(Ok(true), |when| when.truth(scope));
    match applies {
        Ok(false) => return Ok((Verdict::NotApplicable, Vec::new())),
        Ok(true) => {}
        // It cannot be decided whether the check applies.
        Err(NoValue::Gaps(gaps)) => return Ok(without_value(gaps)),
        Err(NoValue::Broken(message)) => return Err(broken(format!("when: {message}"))),
    }
    match check.expect.truth(scope) {
        Ok(true) => Ok((Verdict::Pass, Vec::new())),
        Ok(false) => Ok((Verdict::Fail, Vec::new())),
        Err(NoValue::Gaps(gaps)) => Ok(without_value(gaps)),
        Err(NoValue::Broken(message)) => Err(broken(format!("expect: {message}"))),
    }
}

/// The verdict without a value: not applicable if AWS says that the service is not enabled here, otherwise
/// unknown.
fn without_value(gaps: Vec<Gap>) -> (Verdict, Vec<Gap>) {
    let off = !gaps.is_empty() && gaps.iter().all(|gap| gap.cause == Cause::Off);
    let verdict = if off {
        Verdict::NotApplicable
    } else {
        Verdict::Unknown
    };
    (verdict, gaps)
}

/// The fields that the expressions read, as they were, by path.
fn evidence(check: &Check, document: &Document) -> Map<String, Value> {
    let expressions = check.when.iter().chain([&check.expect]);
    expressions
        .flat_map(|expression| expression.values(document))
        .map(|(name, value)| (name.to_owned(), shortened(value)))
        .collect()
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() > MAX_ITEMS => {
            let rest = items.len() - MAX_ITEMS;
            let mut kept: Vec<Value> = items[..MAX_ITEMS].to_vec();
            kept.push(Value::from(format!("… and {rest} more")));
            Value::Array(kept)
        }
        other => other.clone(),
    }
}

/// The finding of a check whose kind could not be listed in an account and region: one unknown
/// finding that represents all resources that were not seen.
#[must_use]
pub fn unlisted_finding(
    check: &Check,
    severity: Severity,
    account: &str,
    region: &str,
    gap: Gap,
) -> Finding {
    let kind = &check.file.resource;
    let resource = Resource {
        kind: kind.clone(),
        id: format!("{kind} in {region}"),
        arn: None,
        name: format!("all of {kind}"),
        account: account.to_owned(),
        region: region.to_owned(),
        tags: Part::Unread,
    };
    let (verdict, say, gaps) = if gap.cause == Cause::Off {
        (Verdict::NotApplicable, gap.detail, Vec::new())
    } else {
        let say = format!("{kind} could not be listed completely");
        (Verdict::Unknown, say, vec![gap])
    };
    Finding {
        id: FindingId::of(&check.id, &resource),
        check: check.id.clone(),
        title: check.file.title.clone(),
        pillar: check.file.pillar,
        best_practices: check.file.best_practices.clone(),
        severity,
        verdict,
        resource,
        say,
        evidence: Map::new(),
        gaps,
        fix: None,
        saves_usd_month: None,
        exemption: None,
    }
}
