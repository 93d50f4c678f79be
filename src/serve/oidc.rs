//! Logging in with a provider of OpenID Connect: the authorization code flow with PKCE
//! (<https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth>,
//! <https://www.rfc-editor.org/rfc/rfc9700>).

use super::auth::{Role, hash};
use super::config::Oidc as Config;
use crate::aws::http::Network;
use crate::report::sanitize::clean_short;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest as Sent;
use aws_smithy_types::body::SdkBody;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http_body_util::{BodyExt, Limited};
use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreIdToken,
    CoreJwsSigningAlgorithm, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AsyncHttpClient, AuthType, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndSessionUrl, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    StandardErrorResponse, SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// How long a connection and an answer of the provider may take.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const MAX_ANSWER: usize = 1 << 20;
/// So long what the provider says of itself is not asked for again.
const KNOWN: Duration = Duration::from_hours(1);
/// So far the clocks of provider and service may differ.
const SKEW: Duration = Duration::from_mins(1);
/// A token that was made longer ago was not made for this login.
const FRESH: Duration = Duration::from_mins(10);
/// The longest name to show, and the longest name of the provider's, in characters.
const LONGEST_NAME: usize = 100;
const LONGEST_SUBJECT: usize = 255;
/// The longest ID token that is kept, in bytes.
const LONGEST_TOKEN: usize = 16 << 10;

/// The algorithms that a token may be signed with: those whose keys the provider alone has. A
/// signature by the client's secret or none proves less.
const SIGNED_BY_PROVIDER: [CoreJwsSigningAlgorithm; 10] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EcdsaP521Sha512,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why somebody could not log in.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoginError {
    /// The provider cannot be asked, or does not answer as OpenID Connect has it.
    #[error("the provider: {0}")]
    Provider(String),
    /// The provider does not take the code.
    #[error("the provider refuses the code: {0}")]
    Code(String),
    /// The token is not one for this login.
    #[error("the ID token: {0}")]
    Token(String),
}

/// Somebody whom the provider vouches for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Person {
    /// The provider's name for them.
    pub(super) subject: String,
    /// The name to show.
    pub(super) name: String,
    /// What they may do, if anything.
    pub(super) role: Option<Role>,
    /// The token that says so.
    pub(super) id_token: String,
}

/// A login that begins.
#[derive(Debug)]
pub(super) struct Begun {
    /// Where the browser goes.
    pub(super) address: String,
    /// What it comes back with.
    pub(super) state: String,
    /// What the token has to contain.
    pub(super) nonce: String,
    /// The code verifier of PKCE.
    pub(super) verifier: String,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider that people log in with.
pub(super) struct Oidc {
    config: Config,
    http: Http,
    /// Where the service is, without a slash at the end.
    base: String,
    known: Mutex<Option<(Arc<ProviderMetadataWithLogout>, Instant)>>,
}

impl Oidc {
    /// The provider of a configuration, for a service at an address.
    pub(super) fn new(config: Config, network: &Network, base: String) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT)
            .read_timeout(ANSWER)
            .build();
        Self {
            config,
            http: Http(network.connector(&settings)),
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

    /// Stands for what the configuration says of logins: a session that was begun under another one
    /// is none.
    pub(super) fn fingerprint(&self) -> String {
        let Config {
            issuer,
            client_id,
            role_claim,
            roles,
            ..
        } = &self.config;
        let roles: Vec<(&String, String)> = roles
            .iter()
            .map(|(value, role)| (value, role.to_string()))
            .collect();
        let text = serde_json::json!([issuer, client_id, role_claim, roles]);
        hash(&text.to_string())
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

    /// Ends a login: gives the provider the code for a token, and reads the token.
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
            .map_err(|error| LoginError::Provider(told(&error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let answer = request.request_async(&self.http).await;
        let answer = answer.map_err(|error| exchange_error(&error))?;
        let token = answer
            .id_token()
            .ok_or_else(|| LoginError::Token("there is none".to_owned()))?;
        let nonce = Nonce::new(nonce);
        let claims = match Self::claims(&client, &answer, token, &nonce) {
            // The provider has another key by now.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let provider = self.ask().await?;
                let client = self.client(&provider)?;
                Self::claims(&client, &answer, token, &nonce)
            }
            result => result,
        };
        let claims = claims.map_err(|error| LoginError::Token(told(&error)))?;
        self.person(&client, &answer, token, claims).await
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

    /// What the provider says of itself.
    async fn provider(&self) -> Result<Arc<ProviderMetadataWithLogout>, LoginError> {
        let known = self.known.lock().await.clone();
        match known {
            Some((provider, at)) if at.elapsed() < KNOWN => Ok(provider),
            _ => self.ask().await,
        }
    }

    /// Asks the provider for what it says of itself, and for its keys.
    async fn ask(&self) -> Result<Arc<ProviderMetadataWithLogout>, LoginError> {
        let issuer = IssuerUrl::new(self.config.issuer.clone());
        let issuer = issuer.map_err(|error| LoginError::Provider(told(&error)))?;
        let asked = ProviderMetadataWithLogout::discover_async(issuer, &self.http).await;
        let provider = asked.map_err(|error| LoginError::Provider(told(&error)))?;
        self.check(&provider)?;
        let provider = Arc::new(provider);
        *self.known.lock().await = Some((Arc::clone(&provider), Instant::now()));
        tracing::info!(
            issuer = self.config.issuer,
            keys = provider.jwks().keys().len(),
            "provider asked"
        );
        Ok(provider)
    }

    /// Refuses a provider that would have secrets sent in the clear.
    fn check(&self, provider: &ProviderMetadataWithLogout) -> Result<(), LoginError> {
        let token = provider.token_endpoint().ok_or_else(|| {
            LoginError::Provider("it has no address to give a code to".to_owned())
        })?;
        let user = provider.userinfo_endpoint().map(UserInfoUrl::url);
        let end = &provider.additional_metadata().end_session_endpoint;
        let mut addresses = vec![
            provider.authorization_endpoint().url(),
            token.url(),
            provider.jwks_uri().url(),
        ];
        addresses.extend(user);
        addresses.extend(end.as_ref().map(EndSessionUrl::url));
        let scheme = self.config.issuer.split(':').next();
        if addresses
            .iter()
            .any(|address| address.scheme() != "https" && Some(address.scheme()) != scheme)
        {
            let why = "it has addresses that are not https";
            return Err(LoginError::Provider(why.to_owned()));
        }
        Ok(())
    }

    fn client(&self, provider: &ProviderMetadataWithLogout) -> Result<Client, LoginError> {
        let back = RedirectUrl::new(format!("{}/auth/callback", self.base));
        let back = back.map_err(|error| LoginError::Provider(told(&error)))?;
        let secret = self.config.client_secret.clone().map(ClientSecret::new);
        let id = ClientId::new(self.config.client_id.clone());
        let methods = provider.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic)
            && takes(CoreClientAuthMethod::ClientSecretPost);
        let client = CoreClient::from_provider_metadata(provider.clone(), id, secret)
            .set_redirect_uri(back)
            .set_auth_type(if in_body {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            });
        Ok(client)
    }

    /// What a token says, once it is known to be the provider's and for this login.
    fn claims(
        client: &Client,
        answer: &CoreTokenResponse,
        token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<Map<String, Value>, ClaimsVerificationError> {
        let skew = i64::try_from(SKEW.as_secs()).unwrap_or(0);
        let fresh = i64::try_from(FRESH.as_secs()).unwrap_or(0);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNED_BY_PROVIDER)
            .set_time_fn(|| (SystemTime::now() - SKEW).into())
            .set_issue_time_verifier_fn(move |made| {
                let age = Timestamp::now().as_second() - made.timestamp();
                if age < -skew {
                    Err("it was made in the future; compare the clocks".to_owned())
                } else if age > fresh + skew {
                    Err("it was made too long ago".to_owned())
                } else {
                    Ok(())
                }
            });
        let claims = token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let actual = token
                .signing_alg()
                .and_then(|alg| Ok((alg, token.signing_key(&verifier)?)));
            let (alg, key) = actual.map_err(ClaimsVerificationError::SignatureVerification)?;
            let actual = AccessTokenHash::from_token(answer.access_token(), alg, key)
                .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
            if actual != *expected {
                let why = "it belongs to another access token";
                return Err(ClaimsVerificationError::Other(why.to_owned()));
            }
        }
        payload(token).ok_or_else(|| {
            ClaimsVerificationError::Other("it has no fields that can be read".to_owned())
        })
    }

    /// Who a verified token is about. Many providers put roles into their answer about the user only.
    async fn person(
        &self,
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
            claim(claims, &self.config.role_claim).is_none() || self.name(claims).is_none()
        };
        if lacks(&claims) && client.user_info_url().is_some() {
            let expected = Some(SubjectIdentifier::new(subject.clone()));
            let request = client.user_info(answer.access_token().clone(), expected);
            let request = request.map_err(|error| LoginError::Provider(told(&error)))?;
            let told_more: Result<UserInfoClaims<Others, CoreGenderClaim>, _> =
                request.request_async(&self.http).await;
            let more = told_more.map_err(|error| LoginError::Provider(told(&error)))?;
            if let Ok(Value::Object(more)) = serde_json::to_value(&more) {
                for (name, value) in more {
                    claims.entry(name).or_insert(value);
                }
            }
        }
        let id_token = token.to_string();
        Ok(Person {
            name: self.name(&claims).unwrap_or_else(|| shown(&subject)),
            role: self.role(&claims),
            subject: subject_of(&subject),
            id_token: if id_token.len() > LONGEST_TOKEN {
                String::new()
            } else {
                id_token
            },
        })
    }

    /// The name to show. People may write what they like into it.
    fn name(&self, claims: &Map<String, Value>) -> Option<String> {
        let mut names = self.config.name_claims.iter();
        names.find_map(|name| {
            let name = shown(claim(claims, name)?.as_str()?);
            (!name.is_empty()).then_some(name)
        })
    }

    /// The greatest role that a value of the claim gives.
    fn role(&self, claims: &Map<String, Value>) -> Option<Role> {
        let values = match claim(claims, &self.config.role_claim)? {
            Value::String(value) => std::slice::from_ref(value).to_vec(),
            Value::Array(values) => values
                .iter()
                .filter_map(|value| value.as_str().map(ToOwned::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        let roles = values
            .iter()
            .filter_map(|value| self.config.roles.get(value));
        roles.max().map(|role| Role::from(*role))
    }
}

/// A claim by its name, or by the path to it. Names may have dots themselves.
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

/// The provider's name for a person, in brackets behind the name to show.
fn subject_of(subject: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')');
    subject
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect()
}

/// The fields of a verified token, also those that OpenID Connect does not name.
fn payload(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = token.to_string();
    let payload = text.split('.').nth(1)?;
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Claims that OpenID Connect does not name.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(transparent)]
struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

type ExchangeError =
    RequestTokenError<HttpError, StandardErrorResponse<openidconnect::core::CoreErrorResponseType>>;

fn exchange_error(error: &ExchangeError) -> LoginError {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            LoginError::Code(clean_short(answer.error().as_ref(), LONGEST_NAME))
        }
        // The answer itself may contain tokens.
        RequestTokenError::Parse(..) => {
            LoginError::Provider("its answer to the code cannot be understood".to_owned())
        }
        other => LoginError::Provider(told(other)),
    }
}

/// An error and its innermost cause, without anything that an answer contained.
fn told(error: &dyn Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let (outer, inner) = (error.to_string(), inner.to_string());
    let text = if outer == inner {
        outer
    } else {
        format!("{outer}: {inner}")
    };
    clean_short(&text, 3 * LONGEST_NAME)
}

/// The HTTP client of this process, for the provider. It follows no redirects.
#[derive(Debug, Clone)]
struct Http(SharedHttpConnector);

/// Why the provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// There was no answer.
    #[error("{0}")]
    Failed(String),
    /// The answer took too long.
    #[error("no answer in time")]
    Late,
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = tokio::time::timeout(ANSWER, self.send(request)).await;
            answer.unwrap_or(Err(HttpError::Late))
        })
    }
}

impl Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |error: &dyn fmt::Display| HttpError::Failed(error.to_string());
        let request = Sent::try_from(request.map(SdkBody::from)).map_err(|error| failed(&error))?;
        let answer = self.0.call(request).await;
        let mut answer = answer.map_err(|error| HttpError::Failed(told(&error)))?;
        let body = Limited::new(answer.take_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| failed(&error))?.to_bytes().to_vec();
        let mut response = http::Response::builder().status(answer.status().as_u16());
        if let Some(kind) = answer.headers().get(http::header::CONTENT_TYPE.as_str()) {
            response = response.header(http::header::CONTENT_TYPE, kind);
        }
        response.body(body).map_err(|error| failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::TokenRole;
    use jiff::SignedDuration;
    use serde_json::json;

    fn oidc(role_claim: &str) -> Oidc {
        let roles = [
            ("all", TokenRole::Viewer),
            ("ops", TokenRole::Operator),
            ("root", TokenRole::Admin),
        ];
        let config = Config {
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
        };
        let network = Network::from_env().unwrap();
        Oidc::new(config, &network, "https://audits.example.com".to_owned())
    }

    fn claims(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }

    #[test]
    fn the_greatest_role_of_a_claim_counts_and_no_other_value_gives_one() {
        let role = |name: &str, value: Value| oidc(name).role(&claims(value));
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
        let name = |value: Value| oidc("groups").name(&claims(value));
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
        assert_eq!(subject_of("auth0|5 (x)\u{202e}"), "auth0|5__x__");
    }

    #[test]
    fn another_configuration_ends_sessions() {
        assert_eq!(oidc("a").fingerprint(), oidc("a").fingerprint());
        assert_ne!(oidc("a").fingerprint(), oidc("b").fingerprint());
    }
}
