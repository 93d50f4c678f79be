//! Why the credentials chain found no credentials: each place that was tried, or the one that failed.

use super::super::exchange::{Exchange, ExchangeLog};
use super::chain::{Failed, Place};
use super::diagnosis::{Attempt, Diagnosis};
use super::profiles::{Base, Origin, Profiles};
use super::redact::redact;
use super::refusal::{self, Shown};
use aws_credential_types::provider::error::CredentialsError;
use std::error::Error;
use std::io::ErrorKind;

/// The prefix of the SDK's message about a `credential_process` that failed.
const PROCESS: &str = "Error retrieving credentials";

/// Why there are no credentials.
pub(super) fn diagnose(
    error: &CredentialsError,
    profiles: &Profiles,
    log: &ExchangeLog,
    sts_region: &str,
) -> Diagnosis {
    let base = profiles.base();
    let shown = Shown {
        access_key: None,
        place: None,
        base: base.as_ref(),
        profiles,
        sts_region,
    };
    let failed = causes(error).find_map(|cause| cause.downcast_ref::<Failed>());
    match failed {
        Some(failed) => match failed.place {
            Place::Profile => of_profile(&failed.source, &shown, log),
            Place::WebIdentity => of_token(&failed.source, log),
            Place::Container => of_container(log),
            Place::Environment => {
                Diagnosis::new("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not text")
                    .with_help("set them anew")
            }
            Place::Instance => none(profiles, base.as_ref(), log),
        },
        None if matches!(error, CredentialsError::ProviderTimedOut(_)) => Diagnosis::new(format!(
            "the credentials {} did not come in a minute",
            shown.origin()
        ))
        .with_help("find out what hangs with `aws sts get-caller-identity`"),
        None => none(profiles, base.as_ref(), log),
    }
}

/// No place of the chain has credentials.
fn none(profiles: &Profiles, base: Option<&Base>, log: &ExchangeLog) -> Diagnosis {
    let attempt = |place: &str, result: String| Attempt {
        place: place.to_owned(),
        result,
    };
    let mut tried = Vec::new();
    let selected = profiles.selected();
    let (of_profile, sso, process) = match base {
        // A profile with credentials does not get here.
        Some(base) if base.origin == Origin::Nothing => {
            let name = &base.profile;
            (
                "it has neither access keys nor a role".to_owned(),
                format!("profile `{name}` names no sso_session"),
                format!("profile `{name}` names none"),
            )
        }
        Some(_) => (
            "its credentials could not be used".to_owned(),
            "not signed in".to_owned(),
            "not asked".to_owned(),
        ),
        None => (
            profiles.looked_in(),
            "there is no profile that names an sso_session".to_owned(),
            "there is no profile that names one".to_owned(),
        ),
    };
    if !profiles.is_typed() {
        tried.push(attempt("environment", environment()));
    }
    tried.push(attempt(&format!("profile `{selected}`"), of_profile));
    tried.push(attempt("SSO", sso));
    tried.push(attempt("credential_process", process));
    if !profiles.is_typed() {
        tried.push(attempt("web identity", web_identity()));
    }
    tried.push(attempt(
        "ECS container",
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
            .to_owned(),
    ));
    tried.push(attempt("EC2 instance metadata", metadata(log)));
    let help = if profiles.is_typed() {
        format!(
            "give it credentials with `aws configure sso --profile {selected}` or `aws configure \
             --profile {selected}`, or name another profile"
        )
    } else {
        "sign in with `aws configure sso` or `aws configure` and name the profile with --profile, or set \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            .to_owned()
    };
    Diagnosis {
        cause: "no credentials were found".to_owned(),
        tried,
        help: Some(help),
    }
}

fn is_set(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| !value.trim().is_empty())
}

fn environment() -> String {
    if is_set("AWS_ACCESS_KEY_ID") {
        "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not".to_owned()
    } else {
        "AWS_ACCESS_KEY_ID is not set".to_owned()
    }
}

fn web_identity() -> String {
    if is_set("AWS_WEB_IDENTITY_TOKEN_FILE") {
        "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not".to_owned()
    } else {
        "AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned()
    }
}

fn metadata(log: &ExchangeLog) -> String {
    let off = std::env::var("AWS_EC2_METADATA_DISABLED");
    if off.is_ok_and(|off| off.eq_ignore_ascii_case("true")) {
        return "switched off by AWS_EC2_METADATA_DISABLED".to_owned();
    }
    match log.last(|exchange| exchange.path.starts_with("/latest/")) {
        Some(Exchange {
            status: Some(404),
            host,
            ..
        }) => format!("{host} says that the instance has no role"),
        Some(Exchange {
            status: Some(status),
            host,
            ..
        }) => format!("{host} answers HTTP {status}"),
        Some(Exchange { host, .. }) => format!("{host} does not answer; this is no EC2 instance"),
        None => "not there".to_owned(),
    }
}

/// A profile has credentials, and they cannot be had.
fn of_profile(error: &CredentialsError, shown: &Shown<'_>, log: &ExchangeLog) -> Diagnosis {
    let profile = shown.profiles.selected();
    if let Some(refused) = log.last(|exchange| exchange.action.as_deref() == Some("AssumeRole")) {
        return refusal::of_role(&refused, shown);
    }
    let web = |exchange: &Exchange| exchange.action.as_deref() == Some("AssumeRoleWithWebIdentity");
    if let Some(refused) = log.last(web) {
        return refusal::of_web_identity(&refused);
    }
    let messages = texts(error);
    match shown.base.map(|base| (base, &base.origin)) {
        Some((base, Origin::Sso { session })) => of_sso(error, base, session.as_deref(), log),
        Some((base, Origin::Process { program })) => {
            let message = messages.iter().find(|message| message.starts_with(PROCESS));
            of_process(message.map_or("", String::as_str), &base.profile, program)
        }
        Some((base, Origin::Login)) => Diagnosis::new(format!(
            "profile `{}` signs in with `aws login`, which this program does not read",
            base.profile
        ))
        .with_help(format!(
            "hand its credentials over: eval \"$(aws configure export-credentials --profile {} \
             --format env)\"",
            base.profile
        )),
        _ => {
            let why = messages.last().map_or("it gave no reason", String::as_str);
            let why = why.rsplit("could not be built: ").next().unwrap_or(why);
            Diagnosis::new(format!(
                "profile `{profile}` cannot be used: {}",
                redact(why)
            ))
            .with_help(format!(
                "mend it, and try `aws sts get-caller-identity --profile {profile}`"
            ))
        }
    }
}

/// What an error and its causes say, outermost first.
fn texts(error: &CredentialsError) -> Vec<String> {
    causes(error).map(ToString::to_string).collect()
}

/// An error, what caused it, and so on.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The error message of the program, without secrets, and its exit code.
fn of_process(message: &str, profile: &str, program: &str) -> Diagnosis {
    let exit = message.split("exited with code ").nth(1);
    let cause = match exit {
        Some(exit) => {
            let (status, words) = exit.split_once(". Stderr: ").unwrap_or((exit, ""));
            let status = status.replace("exit status: ", "exit code ");
            let words = match redact(words) {
                words if words.is_empty() => "it said nothing on standard error".to_owned(),
                words => format!("it said: {words}"),
            };
            format!(
                "the credential_process of profile `{profile}` ({program}) failed with {status}; {words}"
            )
        }
        None => format!(
            "the credential_process of profile `{profile}` ({program}) gave no credentials: its standard \
             output is not the JSON that AWS documents"
        ),
    };
    Diagnosis::new(cause).with_help(format!(
        "run the credential_process of the profile by itself; `aws sts get-caller-identity --profile \
         {profile}` has to work first"
    ))
}

/// Why a profile cannot sign in by SSO.
fn of_sso(
    error: &CredentialsError,
    base: &Base,
    session: Option<&str>,
    log: &ExchangeLog,
) -> Diagnosis {
    let profile = &base.profile;
    let session = match session {
        Some(session) => format!("the SSO session `{session}` of profile `{profile}`"),
        None => format!("the SSO session of profile `{profile}`"),
    };
    let sign_in = format!("sign in with `aws sso login --profile {profile}`");
    if let Some(answer) = log.last(|exchange| exchange.path.starts_with("/federation/credentials"))
    {
        return of_sso_portal(answer, profile, &session, sign_in);
    }
    if is_missing_file(error) {
        return Diagnosis::new(format!("nobody has signed in to {session} on this machine"))
            .with_help(sign_in);
    }
    if texts(error)
        .iter()
        .any(|message| message.contains("expired"))
    {
        return Diagnosis::new(format!("{session} has expired")).with_help(sign_in);
    }
    let why = texts(error).pop().unwrap_or_default();
    Diagnosis::new(format!("{session} cannot be used: {}", redact(&why))).with_help(sign_in)
}

/// Why the SSO portal gives a profile no credentials for its role.
fn of_sso_portal(answer: Exchange, profile: &str, session: &str, sign_in: String) -> Diagnosis {
    match answer {
        Exchange {
            status: Some(401), ..
        } => Diagnosis::new(format!("{session} has expired or was ended")).with_help(sign_in),
        Exchange {
            status: Some(403), ..
        } => Diagnosis::new(format!(
            "SSO does not give profile `{profile}` its role: nobody assigned sso_role_name in sso_account_id \
             to the user who signed in (ForbiddenException)"
        ))
        .with_help(format!(
            "correct sso_account_id and sso_role_name of the profile, or have it assigned in IAM Identity \
             Center; to be another user, {sign_in}"
        )),
        Exchange {
            status: Some(404), ..
        } => Diagnosis::new(format!(
            "SSO knows no such role or account: sso_role_name and sso_account_id of profile `{profile}`"
        ))
        .with_help("correct them"),
        Exchange {
            status: Some(status),
            code,
            ..
        } => {
            let code = code.map_or_else(|| format!("HTTP {status}"), |code| redact(&code));
            Diagnosis::new(format!("SSO gave profile `{profile}` no credentials ({code})"))
                .with_help(sign_in)
        }
        Exchange {
            connection: Some(error),
            ..
        } => Diagnosis::unreachable(&error),
        Exchange { host, .. } => Diagnosis::new(format!(
            "the SSO portal of profile `{profile}` ({host}) does not answer"
        ))
        .with_help("check sso_region of the profile, and the network"),
    }
}

/// Whether a file that is not there is the cause.
fn is_missing_file(error: &CredentialsError) -> bool {
    let is = |error: &(dyn Error + 'static)| {
        let file = error.downcast_ref::<std::io::Error>();
        file.is_some_and(|error| error.kind() == ErrorKind::NotFound)
    };
    causes(error).any(|cause| {
        // The SDK's error of an SSO token has its cause where it was before `source`.
        #[allow(deprecated)]
        let before = cause.cause().and_then(Error::source);
        is(cause) || before.is_some_and(is)
    })
}

/// Why a role cannot be assumed with a token in a file.
fn of_token(error: &CredentialsError, log: &ExchangeLog) -> Diagnosis {
    let web = |exchange: &Exchange| exchange.action.as_deref() == Some("AssumeRoleWithWebIdentity");
    if let Some(refused) = log.last(web) {
        return refusal::of_web_identity(&refused);
    }
    let file = std::env::var("AWS_WEB_IDENTITY_TOKEN_FILE").unwrap_or_default();
    let why = causes(error).find_map(|cause| cause.downcast_ref::<std::io::Error>());
    let why = why.map_or_else(
        || "is not text".to_owned(),
        |why| format!("cannot be read: {why}"),
    );
    Diagnosis::new(format!(
        "the web identity token in {file} (AWS_WEB_IDENTITY_TOKEN_FILE) {why}"
    ))
    .with_help("name the file that holds the token, or unset the variable")
}

/// A container's credentials service.
fn of_container(log: &ExchangeLog) -> Diagnosis {
    let variable = [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ]
    .into_iter()
    .find(|variable| is_set(variable))
    .unwrap_or_default();
    let why = match log.last(|exchange| !exchange.path.starts_with("/latest/")) {
        Some(Exchange {
            status: Some(status),
            host,
            ..
        }) => format!("{host} answers HTTP {status}"),
        Some(Exchange { host, .. }) => format!("{host} does not answer"),
        None => "its address or its authorization token cannot be used".to_owned(),
    };
    Diagnosis::new(format!(
        "the container's credentials service, which {variable} names, gave no credentials: {why}"
    ))
    .with_help(
        "give the task or pod a role; outside of a container unset the variable, or name a profile with \
         --profile",
    )
}
