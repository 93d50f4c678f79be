//! Why AWS rejects credentials, and what to do about it.

use super::super::exchange::Exchange;
use super::chain::Place;
use super::clock;
use super::diagnosis::Diagnosis;
use super::profiles::{Base, Origin, Profiles};
use regex::Regex;
use std::sync::LazyLock;

/// Who may not do what, in AWS's words.
static WHO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"User: (arn:[a-z0-9-]+:(?:iam|sts)::\d*:[\w+=,.@/:-]+) is not authorized")
});
/// Which of the policies refuses, in AWS's words
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
static WHY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(because no [a-z -]+ policy allows the [\w:]+ action|with an explicit deny in an? [a-z -]+)",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a pattern: {error}"))
}

/// Credentials that AWS was shown.
#[derive(Debug, Clone)]
pub(super) struct Shown<'a> {
    /// The id of the access key, where it is known.
    pub(super) access_key: Option<&'a str>,
    /// Where they come from.
    pub(super) place: Option<Place>,
    /// The profile that they come from in the end.
    pub(super) base: Option<&'a Base>,
    /// The configuration files.
    pub(super) profiles: &'a Profiles,
    /// The region of the call, and the setting that names it.
    pub(super) sts_region: &'a str,
}

impl Shown<'_> {
    /// `the access key that ends in MPLE, from the environment`.
    fn key(&self) -> String {
        let origin = self.origin();
        match self.access_key.map(last_four) {
            Some(end) => format!("the access key that ends in {end}, {origin},"),
            None => format!("the access key {origin}"),
        }
    }

    /// Where the credentials come from, after "credentials".
    pub(super) fn origin(&self) -> String {
        match (self.place, self.base) {
            (Some(Place::Environment), _) => "from AWS_ACCESS_KEY_ID in the environment".to_owned(),
            (Some(Place::WebIdentity), _) => "from AWS_WEB_IDENTITY_TOKEN_FILE".to_owned(),
            (Some(Place::Container), _) => "of the container".to_owned(),
            (Some(Place::Instance), _) => "of this EC2 instance's role".to_owned(),
            (_, Some(base)) => {
                let profile = &base.profile;
                match &base.origin {
                    Origin::Sso { .. } => format!("that SSO gave profile `{profile}`"),
                    Origin::Process { .. } => {
                        format!("that the credential_process of profile `{profile}` gave")
                    }
                    Origin::Source(source) => {
                        format!("that credential_source {source} gave profile `{profile}`")
                    }
                    _ => format!("of profile `{profile}`"),
                }
            }
            (_, None) => format!("of profile `{}`", self.profiles.selected()),
        }
    }

    /// How to get others.
    fn renew(&self) -> String {
        match (self.place, self.base) {
            (Some(Place::Environment), _) => {
                "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew, or unset them and \
                 name a profile with --profile"
                    .to_owned()
            }
            (Some(Place::Container | Place::Instance | Place::WebIdentity), _) => {
                "they are renewed from outside; look there".to_owned()
            }
            (_, Some(base)) => match &base.origin {
                Origin::Sso { .. } => {
                    format!("sign in with `aws sso login --profile {}`", base.profile)
                }
                Origin::Process { program } => format!("see why {program} gives them"),
                Origin::Login => format!("sign in with `aws login --profile {}`", base.profile),
                _ => format!(
                    "write new ones into the profile, such as with `aws configure --profile {}`",
                    base.profile
                ),
            },
            (_, None) => "name a profile with --profile".to_owned(),
        }
    }
}

/// The end of an access key's id, which is enough to know it by.
fn last_four(access_key: &str) -> String {
    let length = access_key.chars().count();
    access_key.chars().skip(length.saturating_sub(4)).collect()
}

/// Whether AWS does not know the access key, or not in this region.
pub(super) fn is_unknown_key(exchange: &Exchange) -> bool {
    let code = exchange.code.as_deref().unwrap_or_default();
    [
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    ]
    .contains(&code)
}

/// What an error of STS means, for any operation. `None` if it does not concern the
/// credentials.
pub(super) fn of_credentials(exchange: &Exchange, shown: &Shown<'_>) -> Option<Diagnosis> {
    if let Some(wrong) = clock::diagnose(exchange) {
        return Some(wrong);
    }
    let code = exchange.code.as_deref()?;
    let renew = shown.renew();
    Some(match code {
        _ if is_unknown_key(exchange) => {
            let region = shown.sts_region;
            Diagnosis::new(format!(
                "AWS does not know {} in {region} ({code})",
                shown.key().trim_end_matches(',')
            ))
            .with_help(format!(
                "it may be deleted, inactive, or of another partition than {region}; {renew}"
            ))
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => {
            Diagnosis::new(format!(
                "the secret does not belong to {} ({code})",
                shown.key().trim_end_matches(',')
            ))
            .with_help(format!(
                "look for a character that was lost or added when it was copied; {renew}"
            ))
        }
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired" => {
            let origin = shown.origin();
            Diagnosis::new(format!("the credentials {origin} have expired ({code})"))
                .with_help(renew)
        }
        _ => return None,
    })
}

/// What it means that a role was not given.
pub(super) fn of_role(exchange: &Exchange, shown: &Shown<'_>) -> Diagnosis {
    if let Some(error) = &exchange.connection {
        return Diagnosis::unreachable(error);
    }
    if let Some(of_credentials) = of_credentials(exchange, shown) {
        return of_credentials;
    }
    let role = exchange.role_arn.as_deref().unwrap_or("the role");
    let message = exchange.message.as_deref().unwrap_or_default();
    let code = exchange
        .code
        .clone()
        .or(exchange.status.map(|s| format!("HTTP {s}")));
    let code = code.unwrap_or_else(|| "no answer".to_owned());
    let who = WHO.captures(message);
    let who = match &who {
        Some(who) => who[1].to_owned(),
        None => format!("whoever has the credentials {}", shown.origin()),
    };
    if !code.starts_with("AccessDenied") {
        return Diagnosis::new(format!("role {role} was not given to {who}: {code}"))
            .with_maybe_help(of_code(&code));
    }
    let why = WHY.find(message).map(|why| format!(", {}", why.as_str()));
    Diagnosis::new(format!(
        "{who} may not assume role {role} ({code}{})",
        why.unwrap_or_default()
    ))
    .with_help(second_factor(shown).unwrap_or_else(|| format!(
        "the role's trust policy has to name {who}, with the --external-id that it asks for, and {who} \
         needs sts:AssumeRole on the role; a role that does not exist is refused in the same words"
    )))
}

/// What helps if a profile needs a second factor. The program does not ask for its code.
fn second_factor(shown: &Shown<'_>) -> Option<String> {
    let profile = shown.profiles.needs_mfa()?;
    Some(format!(
        "profile `{profile}` has mfa_serial, and no code can be typed here: let the AWS CLI ask for it, and \
         take what `aws configure export-credentials --profile {profile} --format env` prints into the \
         environment"
    ))
}

/// What helps against the other errors of AssumeRole.
fn of_code(code: &str) -> Option<String> {
    let help = match code {
        "PackedPolicyTooLarge" | "MalformedPolicyDocument" => {
            "the session policy that keeps the role to reads is too large beside its tags; select fewer \
             checks with --services or --checks"
        }
        "RegionDisabledException" => {
            "STS is not active in that region; set AWS_REGION to one where it is"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// What it means that a role was not given for a web identity token.
pub(super) fn of_web_identity(exchange: &Exchange) -> Diagnosis {
    if let Some(error) = &exchange.connection {
        return Diagnosis::unreachable(error);
    }
    if let Some(wrong) = clock::diagnose(exchange) {
        return wrong;
    }
    let role = exchange.role_arn.as_deref().unwrap_or("the role");
    let code = exchange.code.as_deref().unwrap_or("no answer");
    let help = match code {
        "ExpiredTokenException" | "ExpiredToken" => "the token has expired: get a new one",
        "AccessDenied" => {
            "the role's trust policy has to name the token's provider, and its conditions have to fit the \
             token"
        }
        "InvalidIdentityToken" | "IDPRejectedClaim" => {
            "the account has no identity provider for the token's issuer, or the token is not meant for AWS"
        }
        _ => "look at AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN",
    };
    Diagnosis::new(format!(
        "role {role} was not given for the web identity token ({code})"
    ))
    .with_help(help)
}
