//! Who a verified token is about: their display name, and their role.

use super::error::{LoginError, describe};
use super::provider::Client;
use super::transport::Http;
use crate::report::sanitize::clean_short;
use crate::serve::auth::Role;
use crate::serve::config::Oidc as Config;
use openidconnect::core::{CoreGenderClaim, CoreIdToken, CoreTokenResponse};
use openidconnect::{AdditionalClaims, OAuth2TokenResponse, SubjectIdentifier, UserInfoClaims};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest display name, and the longest name of the provider's, in characters.
const LONGEST_NAME: usize = 100;
const LONGEST_SUBJECT: usize = 255;
/// The longest ID token that is kept, in bytes.
const LONGEST_TOKEN: usize = 16 << 10;

/// What is percent-encoded in a provider's name for a person, besides what is not ASCII.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'(').add(b')');

/// Somebody whom the provider vouches for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::serve) struct Person {
    /// The provider's name for them. What could not be shown or told apart in it is percent-encoded.
    pub(in crate::serve) subject: String,
    /// The display name.
    pub(in crate::serve) name: String,
    /// What they may do, if anything.
    pub(in crate::serve) role: Option<Role>,
    /// The token that says so.
    pub(in crate::serve) id_token: String,
}

/// The person of a verified token with its claims. Many providers only return roles from their UserInfo
/// endpoint, so that is asked if a claim is missing.
///
/// # Errors
/// When the token names nobody, or the UserInfo endpoint fails.
pub(super) async fn person(
    config: &Config,
    http: &Http,
    client: &Client,
    answer: &CoreTokenResponse,
    token: &CoreIdToken,
    mut claims: Map<String, Value>,
) -> Result<Person, LoginError> {
    let missing = |why: &str| LoginError::Token(why.to_owned());
    let subject = claims
        .get("sub")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let subject = subject.to_owned();
    if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT {
        return Err(missing("it has no usable `sub`"));
    }
    let lacks = |claims: &Map<String, Value>| {
        claim(claims, &config.role_claim).is_none() || name(config, claims).is_none()
    };
    if lacks(&claims) && client.user_info_url().is_some() {
        let expected = Some(SubjectIdentifier::new(subject.clone()));
        let request = client.user_info(answer.access_token().clone(), expected);
        let request = request.map_err(|error| LoginError::Provider(describe(&error)))?;
        let answer_of_user_info: Result<UserInfoClaims<Others, CoreGenderClaim>, _> =
            request.request_async(http).await;
        let more = answer_of_user_info.map_err(|error| LoginError::Provider(describe(&error)))?;
        if let Ok(Value::Object(more)) = serde_json::to_value(&more) {
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
    }
    let id_token = token.to_string();
    Ok(Person {
        name: name(config, &claims).unwrap_or_else(|| shown(&subject)),
        role: role(config, &claims),
        subject: subject_of(&subject),
        id_token: if id_token.len() > LONGEST_TOKEN {
            String::new()
        } else {
            id_token
        },
    })
}

/// The display name. People may write what they like into it.
fn name(config: &Config, claims: &Map<String, Value>) -> Option<String> {
    let mut names = config.name_claims.iter();
    names.find_map(|name| {
        let name = shown(claim(claims, name)?.as_str()?);
        (!name.is_empty()).then_some(name)
    })
}

/// The greatest role that a value of the claim gives.
fn role(config: &Config, claims: &Map<String, Value>) -> Option<Role> {
    let values = match claim(claims, &config.role_claim)? {
        Value::String(value) => std::slice::from_ref(value).to_vec(),
        Value::Array(values) => values
            .iter()
            .filter_map(|value| value.as_str().map(ToOwned::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    let roles = values.iter().filter_map(|value| config.roles.get(value));
    roles.max().map(|role| Role::from(*role))
}

/// A claim by its name, or by the path to it with dots. A name may have dots itself.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let mut path = name.split('.');
    let first = claims.get(path.next()?)?;
    path.try_fold(first, |value, field| value.get(field))
}

fn shown(name: &str) -> String {
    clean_short(name.trim(), LONGEST_NAME)
}

/// The provider's name for a person as the service knows them: spaces, brackets and what is not printable ASCII are
/// percent-encoded, and so is `%`. Names that differ stay different, and what is shown in brackets after a display
/// name has no brackets itself.
fn subject_of(subject: &str) -> String {
    utf8_percent_encode(subject, ENCODED).to_string()
}

/// Claims that OpenID Connect does not name.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(transparent)]
struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::cli::TokenRole;
    use jiff::SignedDuration;
    use serde_json::json;
    use std::collections::HashSet;

    /// A configuration that takes roles from a claim.
    pub(crate) fn config(role_claim: &str) -> Config {
        let roles = [
            ("all", TokenRole::Viewer),
            ("ops", TokenRole::Operator),
            ("root", TokenRole::Admin),
        ];
        Config {
            issuer: "https://login.example.com".to_owned(),
            client_id: "audits".to_owned(),
            client_secret: None,
            scopes: Vec::new(),
            name_claims: vec!["name".to_owned(), "email".to_owned()],
            role_claim: role_claim.to_owned(),
            roles: roles
                .map(|(value, role)| (value.to_owned(), role))
                .into_iter()
                .collect(),
            session: SignedDuration::from_hours(8),
            idle: SignedDuration::from_hours(1),
        }
    }

    fn claims(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }

    #[test]
    fn the_greatest_role_of_a_claim_counts_and_no_other_value_gives_one() {
        let role = |name: &str, value: Value| role(&config(name), &claims(value));
        assert_eq!(
            role("groups", json!({"groups": ["all", "ops", "x"]})),
            Some(Role::Operator)
        );
        assert_eq!(role("groups", json!({"groups": "root"})), Some(Role::Admin));
        let nested = json!({"realm_access": {"roles": ["all"]}});
        assert_eq!(role("realm_access.roles", nested), Some(Role::Viewer));
        let dotted = json!({"https://a.example/roles": ["all"]});
        assert_eq!(role("https://a.example/roles", dotted), Some(Role::Viewer));
        for none in [
            json!({}),
            json!({"groups": []}),
            json!({"groups": "ROOT"}),
            json!({"groups": "all ops"}),
            json!({"groups": [["root"], {"root": true}, 1, null]}),
            json!({"groups": {"root": true}}),
            json!({"groups": true}),
        ] {
            assert_eq!(role("groups", none.clone()), None, "{none}");
        }
    }

    #[test]
    fn a_name_to_show_is_harmless() {
        let name = |value: Value| name(&config("groups"), &claims(value));
        assert_eq!(
            name(json!({"name": " Ada ", "email": "a@b"})).as_deref(),
            Some("Ada")
        );
        let hostile = "A\u{202e}d\u{1b}[31ma\r\nX: y\0";
        assert_eq!(name(json!({"name": hostile})).as_deref(), Some("Ada  X: y"));
        assert_eq!(
            name(json!({"name": "\u{200b}", "email": "a@b"})).as_deref(),
            Some("a@b")
        );
        assert_eq!(name(json!({"name": 7})), None);
        assert_eq!(
            name(json!({"name": "x".repeat(5000)})).map(|n| n.chars().count()),
            Some(100)
        );
    }

    #[test]
    fn two_people_never_become_one() {
        let alike = [
            "ada",
            "ada ",
            "ada\0",
            "ada\u{200b}",
            "ada\u{202e}",
            "ad\u{430}",
            "ada_",
            "ada%20",
            "ada%2520",
            "ada (x)",
            "ada (x",
            "ada__x_",
            "Ada",
        ];
        let known: HashSet<String> = alike.iter().map(|subject| subject_of(subject)).collect();
        assert_eq!(known.len(), alike.len(), "{known:?}");
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')');
        assert!(known.iter().all(|subject| subject.chars().all(plain)));
        assert_eq!(subject_of("auth0|5-a@b.example"), "auth0|5-a@b.example");
        assert_eq!(subject_of("5 (x)\u{202e}"), "5%20%28x%29%E2%80%AE");
    }
}
