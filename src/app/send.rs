//! `send`: a finished report elsewhere.

mod security_hub;

use super::{AppError, Outcome, read_report};
use crate::aws::session::{self, Login, Regions};
use crate::aws::session_policy;
use crate::cli::{SendCommand, SnsArgs, WEBHOOK_VARIABLE, WebhookArgs};
use crate::model::Call;
use crate::render;
use crate::send::sns::{self, Message, Topic};
use crate::send::webhook::Webhook;
use crate::send::{Summary, slack};
use serde_json::{Value, json};

/// `send`: sends a report.json.
///
/// # Errors
/// [`AppError`].
pub async fn send(command: &SendCommand) -> Result<Outcome, AppError> {
    match command {
        SendCommand::SecurityHub(args) => Box::pin(security_hub::send(args)).await,
        SendCommand::Webhook(args) => webhook(args).await,
        SendCommand::Sns(args) => Box::pin(sns(args)).await,
    }
}

async fn webhook(args: &WebhookArgs) -> Result<Outcome, AppError> {
    let variable = std::env::var(WEBHOOK_VARIABLE);
    let variable = variable.ok().filter(|url| !url.is_empty());
    let (typed, path) = args.split(variable.is_some());
    let address = if args.dry_run {
        Ok(None)
    } else {
        address(typed, variable.as_deref()).map(Some)
    };
    let (report, address) = both(read_report(&path), address)?;
    let message = slack::message(&Summary::of(&report));
    if let Some(address) = address {
        let posted = address.post(&message).await;
        posted.map_err(|error| AppError::NotSent(format!("not posted: {error}")))?;
        return Ok(Outcome::Done);
    }
    print_json(&message)
}

/// Where to post to. No message repeats what was given.
fn address(typed: Option<&str>, variable: Option<&str>) -> Result<Webhook, AppError> {
    let (place, url) = match (typed, variable) {
        (Some(typed), _) => ("URL", typed),
        (None, Some(url)) => (WEBHOOK_VARIABLE, url),
        (None, None) => {
            return Err(AppError::Usage(format!(
                "there is no address to post to\n  help: give it as URL, or set {WEBHOOK_VARIABLE}"
            )));
        }
    };
    Webhook::parse(url).map_err(|error| AppError::Usage(format!("{place} {error}")))
}

async fn sns(args: &SnsArgs) -> Result<Outcome, AppError> {
    let topic = Topic::parse(&args.topic_arn);
    let topic = topic.map_err(|error| AppError::Usage(format!("TOPIC_ARN is {error}")));
    if args.permissions {
        topic?;
        let statement = json!({
            "Effect": "Allow",
            "Action": [sns::PUBLISH.action],
            "Resource": args.topic_arn,
        });
        return print_json(&policy(&[statement]));
    }
    let (topic, report) = both(topic, read_report(&args.report))?;
    let message = Message::of(&Summary::of(&report), &report.scan.id);
    if args.dry_run {
        return print_json(&json!(message));
    }
    let login = Login {
        profile: args.profile.clone(),
        role_arn: args.role_arn.clone(),
        external_id: args.external_id.clone(),
        session_policy: args
            .role_arn
            .as_ref()
            .map(|_| session_policy([&sns::PUBLISH])),
        naming: false,
    };
    let (http, gate) = session::gate(None, [&sns::PUBLISH]);
    let regions = Regions::Named(vec![topic.region.clone()]);
    let unsent = |why: String| AppError::NotSent(format!("not published: {why}"));
    let session = Box::pin(session::open(&login, &regions, &http, &gate)).await;
    let session = session.map_err(|error| unsent(format!("{error}{CREDENTIALS}")))?;
    let published = sns::publish(&session, &topic, &message).await;
    published.map_err(|error| unsent(error.to_string()))?;
    Ok(Outcome::Done)
}

const CREDENTIALS: &str = "\n  help: check the credentials with `aws sts get-caller-identity`, or \
                           name a profile with --profile";

/// A session policy for a role, with which it may do nothing else.
fn session_policy<const N: usize>(calls: [&Call; N]) -> String {
    session_policy::json(&calls.iter().map(|call| call.action).collect())
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn print_json(value: &Value) -> Result<Outcome, AppError> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|e| AppError::Internal(e.to_string()))?;
    render::print(&format!("{text}\n")).map_err(AppError::Write)?;
    Ok(Outcome::Done)
}

/// Both, or what is wrong with either.
fn both<A, B>(a: Result<A, AppError>, b: Result<B, AppError>) -> Result<(A, B), AppError> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(a), Err(b)) => Err(AppError::Usage(format!("{a}\n{b}"))),
    }
}
