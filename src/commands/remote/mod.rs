//! `remote`: the client of a standing service.

mod audits;
mod lists;
mod place;
mod report;
mod sessions;
mod watch;

use super::{CommandError, ExitStatus};
use crate::aws::http::Network;
use crate::cli::{
    AuditsCommand, FindingsCommand, RemoteArgs, RemoteCommand, ServiceArgs, SessionsCommand,
    TOKEN_VARIABLE, TargetsCommand,
};
use crate::remote::{Address, RemoteError, Service, Token};
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use std::fs;
use std::time::Duration;

/// How long a connection and the beginning of an answer may take.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(65);

impl From<RemoteError> for CommandError {
    fn from(error: RemoteError) -> Self {
        match &error {
            // Another attempt would fail too.
            RemoteError::Refused(refusal) if !refusal.is_temporary() => {
                Self::Usage(error.to_string())
            }
            RemoteError::Unreachable { .. } => Self::Remote(format!(
                "{error}\n  help: is the service running, and is its address right? --url or \
                 SIXPILLARS_URL names it"
            )),
            _ => Self::Remote(error.to_string()),
        }
    }
}

/// `remote`: asks a standing service.
///
/// # Errors
/// [`CommandError`].
pub async fn run(args: &RemoteArgs) -> Result<ExitStatus, CommandError> {
    let service = service(&args.service)?;
    match &args.command {
        RemoteCommand::Audits(AuditsCommand::Start(args)) => audits::start(&service, args).await,
        RemoteCommand::Audits(AuditsCommand::Wait { id, wait }) => {
            audits::wait(&service, id, wait).await
        }
        RemoteCommand::Audits(AuditsCommand::List {
            target,
            state,
            schedule,
            limit,
            format,
        }) => {
            let which = lists::Which {
                target: target.as_deref(),
                state: *state,
                schedule: schedule.as_deref(),
            };
            lists::audits(&service, &which, *limit, *format).await
        }
        RemoteCommand::Audits(AuditsCommand::Show { id, format }) => {
            audits::show(&service, id, *format).await
        }
        RemoteCommand::Audits(AuditsCommand::Cancel { id }) => audits::cancel(&service, id).await,
        RemoteCommand::Findings(FindingsCommand::List(args)) => {
            lists::findings(&service, args).await
        }
        RemoteCommand::Targets(TargetsCommand::List { format }) => {
            lists::targets(&service, *format).await
        }
        RemoteCommand::Report(args) => report::fetch(&service, args).await,
        RemoteCommand::Sessions(SessionsCommand::List { format }) => {
            sessions::list(&service, *format).await
        }
        RemoteCommand::Sessions(SessionsCommand::End { subject }) => {
            sessions::end(&service, subject).await
        }
    }
}

/// The service that the user named. All problems with it are reported at once.
fn service(args: &ServiceArgs) -> Result<Service, CommandError> {
    let mut problems = Vec::new();
    let address = Address::parse(&args.url);
    let address = address.map_err(|bad| problems.push(format!("--url {bad}")));
    let token = token(args).map_err(|why| problems.push(why));
    let network = Network::from_env().map_err(|bad| problems.push(bad.to_string()));
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT)
        .read_timeout(ANSWER)
        .build();
    let connector = network.and_then(|network| match &args.ca_file {
        None => Ok(network.connector(&settings)),
        Some(path) => network
            .connector_trusting(&settings, path, "--ca-file")
            .map_err(|bad| problems.push(bad.to_string())),
    });
    match (address, token, connector) {
        (Ok(address), Ok(token), Ok(connector)) => Ok(Service::new(address, token, connector)),
        _ => Err(CommandError::Usage(problems.join("\n"))),
    }
}

/// The token of the file, else of the environment.
fn token(args: &ServiceArgs) -> Result<Option<Token>, String> {
    let not_one = |place: String| {
        format!(
            "{place} holds no token\n  help: a token is one word, as `sixpillars serve token` prints it"
        )
    };
    if let Some(path) = &args.token_file {
        let place = format!("--token-file {}", path.display());
        let text = fs::read_to_string(path).map_err(|e| format!("{place} cannot be read: {e}"))?;
        return Token::new(&text).map(Some).ok_or_else(|| not_one(place));
    }
    match std::env::var(TOKEN_VARIABLE) {
        Ok(text) if !text.trim().is_empty() => Token::new(&text)
            .map(Some)
            .ok_or_else(|| not_one(TOKEN_VARIABLE.to_owned())),
        _ => Ok(None),
    }
}
