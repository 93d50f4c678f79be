//! Callers, and what they may do.

use crate::cli::TokenRole;
use crate::store::{Database, NewToken, StoreError};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use utoipa::ToSchema;

/// What tokens begin with, so that scanners of secrets find them.
const PREFIX: &str = "sixpillars_";
/// Random bytes of a token.
const BYTES: usize = 32;

/// What somebody may do; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    /// Read.
    Viewer,
    /// Start and cancel audits, change schedules, make milestones, ask for exemptions.
    Operator,
    /// Decide about exemptions, and attest.
    Approver,
    /// Revoke tokens, end sessions, and read the audit log.
    Admin,
}

impl Role {
    /// The role of this name.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let role = serde_json::Value::String(text.to_owned());
        Ok(serde_json::from_value(role)?)
    }
}

impl From<TokenRole> for Role {
    fn from(role: TokenRole) -> Self {
        match role {
            TokenRole::Viewer => Self::Viewer,
            TokenRole::Operator => Self::Operator,
            TokenRole::Approver => Self::Approver,
            TokenRole::Admin => Self::Admin,
        }
    }
}

/// How somebody is identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum How {
    /// By a token in the header `Authorization`.
    Token,
    /// By a cookie, after a login.
    Session,
    /// Not at all: the service answers this machine alone, and nobody has to log in.
    Loopback,
}

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Actor {
    /// Their name in the audit log. Tokens with the same name share it.
    pub(super) name: String,
    /// What they may do.
    pub(super) role: Role,
    /// The targets that they may see; all where the list is empty.
    pub(super) targets: Vec<String>,
    /// How they were identified.
    pub(super) how: How,
    /// The provider's name for a person, which stays when the display name changes.
    pub(super) subject: Option<String>,
}

impl Actor {
    /// Anybody on this machine, if nobody has to log in.
    #[must_use]
    pub(super) fn local() -> Self {
        Self {
            name: "local".to_owned(),
            role: Role::Admin,
            targets: Vec::new(),
            how: How::Loopback,
            subject: None,
        }
    }

    /// Whether they may see a target.
    #[must_use]
    pub(super) fn sees(&self, target: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|own| own == target)
    }

    /// Whether a stored name is theirs. A person who changes their display name stays the same.
    #[must_use]
    pub(super) fn is(&self, kept: &str) -> bool {
        let same_subject = self
            .subject
            .as_ref()
            .is_some_and(|subject| kept.ends_with(&format!(" ({subject})")));
        kept == self.name || same_subject
    }
}

/// Makes a token, and returns it. Only its hash is stored.
///
/// # Errors
/// If a valid token has the name, if it cannot be stored, or the system has no randomness.
pub(super) async fn make_token(
    database: &Database,
    name: &str,
    role: TokenRole,
    targets: Vec<String>,
    valid: SignedDuration,
    by: &str,
) -> Result<String, StoreError> {
    let token = format!("{PREFIX}{}", secret()?);
    let now = Timestamp::now();
    // The audit log and idempotency keys know a token by its name.
    let mut valid_ones = database.tokens().await?.into_iter();
    if valid_ones.any(|row| row.name == name && row.revoked.is_none() && row.expires > now) {
        let why =
            format!("there is a valid token named `{name}`: revoke it, or choose another name");
        return Err(StoreError::Refused(why));
    }
    let new = NewToken {
        name: name.to_owned(),
        hash: hash(&token),
        role: role.to_string(),
        targets,
        made_by: by.to_owned(),
        expires: now.checked_add(valid).unwrap_or(Timestamp::MAX),
    };
    let id = database.add_token(&new, now).await?;
    let detail = serde_json::json!({"name": name, "role": new.role, "targets": new.targets});
    database.log(by, ("token.make", &id), &detail, now).await?;
    Ok(token)
}

/// The caller with this token, if it is valid.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn authenticate_token(
    database: &Database,
    token: &str,
) -> Result<Option<Actor>, StoreError> {
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let row = database.token(&hash(token), Timestamp::now()).await?;
    let actor = row.map(|row| {
        Ok::<_, StoreError>(Actor {
            role: Role::parse(&row.role)?,
            name: format!("token {}", row.name),
            targets: row.targets,
            how: How::Token,
            subject: None,
        })
    });
    actor.transpose()
}

/// 256 random bits, in 43 characters that addresses and cookies can hold.
///
/// # Errors
/// When the system has no randomness.
pub(super) fn secret() -> Result<String, StoreError> {
    let mut random = [0_u8; BYTES];
    getrandom::fill(&mut random).map_err(|_| {
        StoreError::Malformed("the system has no randomness for a secret".to_owned())
    })?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

/// What is stored of a secret. The secret has 256 random bits, so nobody can guess it from a plain hash.
pub(super) fn hash(secret: &str) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(secret) {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_stays_the_same_under_another_name() {
        let person = |name: &str, subject: &str| Actor {
            name: format!("{name} ({subject})"),
            subject: Some(subject.to_owned()),
            how: How::Session,
            ..Actor::local()
        };
        let ada = person("Ada", "u1");
        assert!(ada.is("Ada (u1)") && ada.is("Countess (u1)"));
        assert!(!ada.is("Ada (u2)") && !ada.is("Ada") && !ada.is("local"));
        // A display name is free text, and makes nobody somebody else.
        let other = person("Ada (u1)", "u2");
        assert!(!ada.is(&other.name) && !other.is(&ada.name));
        assert!(Actor::local().is("local"));
    }

    #[test]
    fn secrets_differ_and_their_hashes_tell_nothing() {
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert_ne!(one, other);
        assert_eq!((one.len(), hash(&one).len()), (43, 64));
        assert!(!hash(&one).contains(&one));
    }
}
