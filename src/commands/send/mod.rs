//! `send`: sends a finished report to another service.

mod access;
mod security_hub;

use super::output::print_json;
use super::report::read_report;
use super::{CommandError, ExitStatus};
use crate::aws::http::Network;
use crate::aws::session::{self, Login, Regions};
use crate::cli::{SendCommand, SnsArgs, WEBHOOK_VARIABLE, WebhookArgs};
use crate::config;
use crate::report::sanitize::clean_lines;
use crate::send::sns::{self, Message, Topic};
use crate::send::webhook::Webhook;
use crate::send::{Summary, slack};
use access::{policy, session_policy};
use serde_json::json;

/// `send`: sends a report.json.
///
/// # Errors
/// [`CommandError`].
pub async fn run(command: &SendCommand) -> Result<ExitStatus, CommandError> {
    match command {
        SendCommand::SecurityHub(args) => Box::pin(security_hub::send(args)).await,
        SendCommand::Webhook(args) => webhook(args).await,
        SendCommand::Sns(args) => Box::pin(sns(args)).await,
    }
}

async fn webhook(args: &WebhookArgs) -> Result<ExitStatus, CommandError> {
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
        let network = Network::from_env().map_err(|bad| CommandError::Usage(bad.to_string()))?;
        let posted = address.post(&network, &message).await;
        posted.map_err(|error| CommandError::NotSent(format!("not posted: {error}")))?;
        return Ok(ExitStatus::Done);
    }
    print_json(&message)
}

/// The address to post to. No error message repeats it, since it is a secret.
fn address(typed: Option<&str>, variable: Option<&str>) -> Result<Webhook, CommandError> {
    let (place, url) = match (typed, variable) {
        (Some(typed), _) => ("URL", typed),
        (None, Some(url)) => (WEBHOOK_VARIABLE, url),
        (None, None) => {
            return Err(CommandError::Usage(format!(
                "no address to post to was given\n  help: give it as URL, or set {WEBHOOK_VARIABLE}"
            )));
        }
    };
    Webhook::parse(url).map_err(|error| CommandError::Usage(format!("{place} {error}")))
}

async fn sns(args: &SnsArgs) -> Result<ExitStatus, CommandError> {
    let topic = Topic::parse(&args.topic_arn);
    let topic = topic.map_err(|error| format!("TOPIC_ARN is {error}"));
    let topic = topic.and_then(|topic| {
        let exists = config::one_region(&topic.region);
        exists.map_err(|why| format!("TOPIC_ARN: {why}"))?;
        Ok(topic)
    });
    let topic = topic.map_err(CommandError::Usage);
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
    let network = Network::from_env().map_err(|bad| CommandError::Usage(bad.to_string()))?;
    let gate = session::gate(None, [&sns::PUBLISH]);
    let regions = Regions::Named(vec![topic.region.clone()]);
    let unsent = |why: String| CommandError::NotSent(format!("not published: {why}"));
    let session = Box::pin(session::open(&login, &regions, &network, &gate)).await;
    let session = session.and_then(|session| session.in_partition().map(|()| session));
    let session = session.map_err(|error| unsent(clean_lines(&error.to_string())))?;
    let published = sns::publish(&session, &topic, &message).await;
    published.map_err(|error| unsent(error.to_string()))?;
    Ok(ExitStatus::Done)
}

/// Both, or what is wrong with either.
fn both<A, B>(
    a: Result<A, CommandError>,
    b: Result<B, CommandError>,
) -> Result<(A, B), CommandError> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(a), Err(b)) => Err(CommandError::Usage(format!("{a}\n{b}"))),
    }
}
