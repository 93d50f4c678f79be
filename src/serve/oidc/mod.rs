//! Logging in with a provider of OpenID Connect: the authorization code flow with PKCE
//! (<https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth>,
//! <https://www.rfc-editor.org/rfc/rfc9700>).

mod error;
mod person;
mod provider;
mod token;
mod transport;

pub(super) use error::LoginError;
pub(super) use person::Person;

use super::auth::hash;
use super::config::Oidc as Config;
use crate::aws::http::Network;
use error::{describe, exchange_error};
use openidconnect::core::{CoreAuthenticationFlow, CoreIdToken};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken, IssuerUrl, LogoutRequest,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    Scope, SignatureVerificationError, TokenResponse,
};
use provider::{Client, check, client};
use std::sync::Arc;
use std::time::{Duration, Instant};
use token::claims;
use tokio::sync::Mutex;
use transport::Http;

/// How long the provider's metadata is used before it is requested again.
const METADATA_MAX_AGE: Duration = Duration::from_hours(1);

/// A login that begins.
#[derive(Debug)]
pub(super) struct Begun {
    /// Where the browser goes.
    pub(super) address: String,
    /// The `state` that it comes back with.
    pub(super) state: String,
    /// The `nonce` that the token has to contain.
    pub(super) nonce: String,
    /// The code verifier of PKCE.
    pub(super) verifier: String,
}

/// The provider that people log in with.
pub(super) struct Oidc {
    config: Config,
    http: Http,
    /// The address of the service, without a slash at the end.
    base: String,
    known: Mutex<Option<(Arc<ProviderMetadataWithLogout>, Instant)>>,
}

impl Oidc {
    /// The provider of a configuration, for a service at an address.
    pub(super) fn new(config: Config, network: &Network, base: String) -> Self {
        Self {
            config,
            http: Http::new(network),
            base,
            known: Mutex::default(),
        }
    }

    /// The provider as its tokens name it.
    pub(super) fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// How long a login lasts, and how long unused.
    pub(super) fn lasts(&self) -> (jiff::SignedDuration, jiff::SignedDuration) {
        (self.config.session, self.config.idle)
    }

    /// Identifies what the configuration says about logins. A session that began under another
    /// configuration is invalid.
    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&self.config)
    }

    /// Begins a login.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    pub(super) async fn begin(&self) -> Result<Begun, LoginError> {
        let provider = self.provider().await?;
        let client = self.client(&provider)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new_random_len(32),
            || Nonce::new_random_len(32),
        );
        let scopes = self.config.scopes.iter().cloned().map(Scope::new);
        let (address, state, nonce) = request
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        Ok(Begun {
            address: address.to_string(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        })
    }

    /// Ends a login: exchanges the code for a token at the provider, and reads the token.
    ///
    /// # Errors
    /// [`LoginError`].
    pub(super) async fn end(
        &self,
        code: String,
        nonce: String,
        verifier: String,
    ) -> Result<Person, LoginError> {
        let provider = self.provider().await?;
        let client = self.client(&provider)?;
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| LoginError::Provider(describe(&error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let answer = request.request_async(&self.http).await;
        let answer = answer.map_err(|error| exchange_error(&error))?;
        let token = answer
            .id_token()
            .ok_or_else(|| LoginError::Token("there is none".to_owned()))?;
        let nonce = Nonce::new(nonce);
        let claims = match claims(&client, &answer, token, &nonce) {
            // The provider may have new keys.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let provider = self.ask().await?;
                let client = self.client(&provider)?;
                claims(&client, &answer, token, &nonce)
            }
            result => result,
        };
        let claims = claims.map_err(|error| LoginError::Token(describe(&error)))?;
        person::person(&self.config, &self.http, &client, &answer, token, claims).await
    }

    /// Where a browser goes to log out of the provider too, if it has such a place.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    pub(super) async fn end_session(&self, id_token: &str) -> Result<Option<String>, LoginError> {
        let provider = self.provider().await?;
        let Some(address) = provider.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        let mut request = LogoutRequest::from(address)
            .set_client_id(ClientId::new(self.config.client_id.clone()));
        if let Ok(token) = id_token.parse::<CoreIdToken>() {
            request = request.set_id_token_hint(&token);
        }
        if let Ok(back) = PostLogoutRedirectUrl::new(format!("{}/", self.base)) {
            request = request.set_post_logout_redirect_uri(back);
        }
        Ok(Some(request.http_get_url().to_string()))
    }

    /// The provider's metadata.
    async fn provider(&self) -> Result<Arc<ProviderMetadataWithLogout>, LoginError> {
        let known = self.known.lock().await.clone();
        match known {
            Some((provider, at)) if at.elapsed() < METADATA_MAX_AGE => Ok(provider),
            _ => self.ask().await,
        }
    }

    /// Requests the provider's metadata and its keys.
    async fn ask(&self) -> Result<Arc<ProviderMetadataWithLogout>, LoginError> {
        let issuer = IssuerUrl::new(self.config.issuer.clone());
        let issuer = issuer.map_err(|error| LoginError::Provider(describe(&error)))?;
        let asked = ProviderMetadataWithLogout::discover_async(issuer, &self.http).await;
        let provider = asked.map_err(|error| LoginError::Provider(describe(&error)))?;
        check(&self.config, &provider)?;
        let provider = Arc::new(provider);
        *self.known.lock().await = Some((Arc::clone(&provider), Instant::now()));
        tracing::info!(
            issuer = self.config.issuer,
            keys = provider.jwks().keys().len(),
            "provider asked"
        );
        Ok(provider)
    }

    fn client(&self, provider: &ProviderMetadataWithLogout) -> Result<Client, LoginError> {
        client(&self.config, &self.base, provider)
    }
}

fn fingerprint(config: &Config) -> String {
    let roles = config.roles.iter();
    let roles: Vec<(&String, String)> = roles
        .map(|(value, role)| (value, role.to_string()))
        .collect();
    let Config {
        issuer,
        client_id,
        role_claim,
        ..
    } = config;
    let text = serde_json::json!([issuer, client_id, role_claim, roles]);
    hash(&text.to_string())
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use super::person::tests::config;

    #[test]
    fn another_configuration_ends_sessions() {
        assert_eq!(fingerprint(&config("a")), fingerprint(&config("a")));
        assert_ne!(fingerprint(&config("a")), fingerprint(&config("b")));
    }
}
