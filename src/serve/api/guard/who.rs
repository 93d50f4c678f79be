//! Identifies the caller, by a token or by the cookie of a session.

use super::super::problem::Problem;
use super::{Client, Guard, SessionSecret};
use crate::serve::auth::{Actor, authenticate_token};
use crate::serve::session;
use axum::http::{HeaderMap, StatusCode, header};
use axum_extra::extract::cookie::CookieJar;
use jiff::Timestamp;

impl Guard {
    /// The caller, and the secret in their cookie if that identified them.
    pub(super) async fn actor(
        &self,
        client: Client,
        headers: &HeaderMap,
    ) -> Result<(Actor, Option<SessionSecret>), Problem> {
        let config = &self.service.config;
        if !config.has_login() {
            return Ok((Actor::local(), None));
        }
        if let Some(sent) = headers.get(header::AUTHORIZATION) {
            let token = sent.to_str().ok().and_then(bearer);
            return Ok((self.owner(client, token).await?, None));
        }
        if let (Some(oidc), Some(held)) = (
            &self.oidc,
            self.cookies.session(&CookieJar::from_headers(headers)),
        ) {
            let (kept, login) = (session::kept(&held), oidc.fingerprint());
            let (_, idle) = oidc.lasts();
            let database = &self.service.database;
            let found = database
                .session((&kept, &login), idle, Timestamp::now())
                .await?;
            if let Some(found) = found {
                return Ok((session::actor(&found)?, Some(SessionSecret(held))));
            }
        }
        Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            match (config.tokens, &self.oidc) {
                (true, None) => {
                    "send a token: `Authorization: Bearer …`; `sixpillars serve token` makes one"
                }
                (false, Some(_)) => "log in at /login",
                _ => "log in at /login, or send a token: `Authorization: Bearer …`",
            },
        ))
    }

    /// The caller with this token.
    async fn owner(&self, client: Client, token: Option<&str>) -> Result<Actor, Problem> {
        self.check_failures(client)?;
        let owner = match token.filter(|_| self.service.config.tokens) {
            Some(token) => authenticate_token(&self.service.database, token).await?,
            None => None,
        };
        let Some(owner) = owner else {
            tracing::warn!(client = %client.0, "a token was refused");
            self.failed(client)?;
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "this token is not valid: it is unknown, expired or revoked",
            ));
        };
        Ok(owner)
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearers_have_tokens() {
        assert_eq!(bearer("Bearer x"), Some("x"));
        assert_eq!(bearer("bearer  x "), Some("x"));
        for none in ["", "Bearer", "Basic x", "sixpillars_x"] {
            assert_eq!(bearer(none), None, "{none}");
        }
    }
}
