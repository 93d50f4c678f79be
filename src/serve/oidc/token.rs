//! Verifies that an ID token is from the provider and for this login, and reads its claims.

use super::provider::Client;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use openidconnect::core::{CoreIdToken, CoreJwsSigningAlgorithm, CoreTokenResponse};
use openidconnect::{AccessTokenHash, ClaimsVerificationError, Nonce, OAuth2TokenResponse};
use serde_json::{Map, Value};
use std::time::{Duration, SystemTime};

/// How far the clocks of provider and service may differ.
const MAX_CLOCK_SKEW: Duration = Duration::from_mins(1);
/// A token that was made longer ago was not made for this login.
const MAX_TOKEN_AGE: Duration = Duration::from_mins(10);

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

/// The claims of a token, once it is known to be from the provider and for this login.
pub(super) fn claims(
    client: &Client,
    answer: &CoreTokenResponse,
    token: &CoreIdToken,
    nonce: &Nonce,
) -> Result<Map<String, Value>, ClaimsVerificationError> {
    let skew = i64::try_from(MAX_CLOCK_SKEW.as_secs()).unwrap_or(0);
    let fresh = i64::try_from(MAX_TOKEN_AGE.as_secs()).unwrap_or(0);
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(SIGNED_BY_PROVIDER)
        .set_time_fn(|| (SystemTime::now() - MAX_CLOCK_SKEW).into())
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

/// The fields of a verified token, also those that OpenID Connect does not name.
fn payload(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = token.to_string();
    let payload = text.split('.').nth(1)?;
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}
