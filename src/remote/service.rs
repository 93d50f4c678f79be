//! Requests to the service.

use super::events::Events;
use super::{Address, Refusal, RemoteError};
use crate::report::sanitize::clean_short;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::Method;
use http_body_util::{BodyExt, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::error::Error;
use std::fmt;
use std::io::Write;
use std::time::Duration;

/// How often a request that may be repeated is tried.
const ATTEMPTS: u32 = 4;
/// The wait before the second attempt; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that a `Retry-After` can cause.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The longest answer that is held in memory, in bytes, and the longest one of an error.
const MAX_ANSWER: usize = 64 << 20;
const MAX_PROBLEM: usize = 64 << 10;
/// The longest wait for the next piece of a download, and for the whole of any other answer.
const SILENCE_TIMEOUT: Duration = Duration::from_mins(1);
/// Characters of a cause that are shown.
const MAX_SHOWN: usize = 200;

/// What is escaped in a query or a path: everything but the unreserved characters of RFC 3986.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A token. It is never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Reads a token and drops the spaces around it. `None` if the text cannot be a token.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        plain.then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// A standing service.
#[derive(Debug)]
pub struct Service {
    address: Address,
    token: Option<Token>,
    connector: SharedHttpConnector,
}

/// A path with a query of the values that are present and not empty.
#[must_use]
pub fn query(path: &str, values: &[(&str, Option<String>)]) -> String {
    let values = values.iter().filter_map(|(name, value)| {
        let value = value.as_ref().filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", utf8_percent_encode(value, PLAIN)))
    });
    let values: Vec<String> = values.collect();
    if values.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", values.join("&"))
    }
}

/// A path with one more segment, which may contain any character.
#[must_use]
pub fn path(path: &str, piece: &str) -> String {
    format!("{path}/{}", utf8_percent_encode(piece, PLAIN))
}

impl Service {
    /// The service at an address.
    #[must_use]
    pub fn new(address: Address, token: Option<Token>, connector: SharedHttpConnector) -> Self {
        Self {
            address,
            token,
            connector,
        }
    }

    /// Its host, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        self.address.host()
    }

    /// Reads JSON. Retries while the service is busy or away.
    ///
    /// # Errors
    /// [`RemoteError`], of the last attempt.
    pub async fn get(&self, path: &str) -> Result<Value, RemoteError> {
        let (_, body) = self.send((&Method::GET, path), None, &[]).await?;
        self.json(&body)
    }

    /// Posts JSON under a key that makes the request safe to repeat, so it is retried as well.
    ///
    /// # Errors
    /// [`RemoteError`], of the last attempt.
    pub async fn post(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&'static str, String)],
    ) -> Result<(u16, Value), RemoteError> {
        let text = body.to_string();
        let sent = self.send((&Method::POST, path), Some(&text), headers).await;
        let (status, body) = sent?;
        Ok((status, self.json(&body)?))
    }

    /// Removes something. Removing it twice does no harm, so this is retried as well.
    ///
    /// # Errors
    /// [`RemoteError`], of the last attempt.
    pub async fn delete(&self, path: &str) -> Result<Value, RemoteError> {
        let (_, body) = self.send((&Method::DELETE, path), None, &[]).await?;
        self.json(&body)
    }

    /// Copies an answer of any size. Retries until its first byte.
    ///
    /// # Errors
    /// [`RemoteError`]; `Ok(Err)` where it cannot be written.
    pub async fn download(
        &self,
        path: &str,
        out: &mut dyn Write,
    ) -> Result<std::io::Result<()>, RemoteError> {
        let request = (&Method::GET, path);
        let mut body = self.answered(request, None, &[]).await?.take_body();
        loop {
            let frame = tokio::time::timeout(SILENCE_TIMEOUT, body.frame()).await;
            let frame = frame.map_err(|_| self.broken("nothing came for a minute"))?;
            let Some(frame) = frame else {
                return Ok(Ok(()));
            };
            let frame = frame.map_err(|error| self.broken(&error.to_string()))?;
            if let Some(bytes) = frame.data_ref()
                && let Err(error) = out.write_all(bytes)
            {
                return Ok(Err(error));
            }
        }
    }

    /// Follows server-sent events.
    ///
    /// # Errors
    /// [`RemoteError`], also if the answer is not a stream of events.
    pub async fn events(&self, path: &str) -> Result<Events, RemoteError> {
        let accept = [("accept", "text/event-stream".to_owned())];
        let response = self.once((&Method::GET, path), None, &accept).await?;
        let mut response = self.accepted(response).await?;
        let kind = response.headers().get("content-type").unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(self.unexpected_answer("no server-sent events"));
        }
        let body = response.take_body();
        Ok(Events::new(self.host(), body))
    }

    async fn send(
        &self,
        request: (&Method, &str),
        body: Option<&str>,
        headers: &[(&'static str, String)],
    ) -> Result<(u16, Vec<u8>), RemoteError> {
        let mut response = self.answered(request, body, headers).await?;
        let status = response.status().as_u16();
        let bytes = self.read(response.take_body(), MAX_ANSWER).await?;
        Ok((status, bytes))
    }

    /// Sends a request, and retries it while the service is busy or away.
    async fn answered(
        &self,
        request: (&Method, &str),
        body: Option<&str>,
        headers: &[(&'static str, String)],
    ) -> Result<HttpResponse, RemoteError> {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let answer = match self.once(request, body, headers).await {
                Ok(response) => self.accepted(response).await,
                Err(error) => Err(error),
            };
            let (error, after) = match answer {
                Ok(response) => return Ok(response),
                Err(RemoteError::Refused(refusal)) if refusal.is_temporary() => {
                    let after = refusal.retry_after.map(Duration::from_secs);
                    (RemoteError::Refused(refusal), after)
                }
                Err(
                    error @ RemoteError::Unreachable {
                        is_final: false, ..
                    },
                ) => (error, None),
                Err(error) => return Err(error),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            tracing::debug!(attempt, %error, "asking again");
            tokio::time::sleep(after.unwrap_or(wait).min(LONGEST_WAIT)).await;
            wait *= 2;
            attempt += 1;
        }
    }

    async fn once(
        &self,
        (method, path): (&Method, &str),
        body: Option<&str>,
        headers: &[(&'static str, String)],
    ) -> Result<HttpResponse, RemoteError> {
        let unsendable = || self.unexpected_answer("the request cannot be made");
        let mut request = http::Request::builder()
            .method(method.clone())
            .uri(self.address.join(path))
            .header(
                http::header::USER_AGENT,
                concat!("sixpillars/", env!("CARGO_PKG_VERSION")),
            );
        if let Some(Token(token)) = &self.token {
            request = request.header(http::header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let body = body.map_or_else(SdkBody::empty, SdkBody::from);
        let request = request.body(body).map_err(|_| unsendable())?;
        let request = HttpRequest::try_from(request).map_err(|_| unsendable())?;
        let answer = self.connector.call(request).await;
        answer.map_err(|error| self.unreachable(&error))
    }

    /// The answer, unless it is a refusal.
    async fn accepted(&self, mut response: HttpResponse) -> Result<HttpResponse, RemoteError> {
        if response.status().is_success() {
            return Ok(response);
        }
        let after = response.headers().get("retry-after");
        let after = after.and_then(|seconds| seconds.trim().parse().ok());
        let status = response.status().as_u16();
        let body = self.read(response.take_body(), MAX_PROBLEM).await;
        let body = body.unwrap_or_default();
        Err(Refusal::read(self.host(), status, after, &body).into())
    }

    async fn read(&self, body: SdkBody, most: usize) -> Result<Vec<u8>, RemoteError> {
        let whole = tokio::time::timeout(SILENCE_TIMEOUT, Limited::new(body, most).collect()).await;
        let whole = whole.map_err(|_| self.broken("the answer does not end"))?;
        let whole = whole.map_err(|error| self.broken(&error.to_string()))?;
        Ok(whole.to_bytes().to_vec())
    }

    fn json(&self, body: &[u8]) -> Result<Value, RemoteError> {
        serde_json::from_slice(body)
            .map_err(|error| self.unexpected_answer(&format!("no JSON: {error}")))
    }

    /// The error for an answer that is not one of the service's.
    #[must_use]
    pub fn unexpected_answer(&self, why: &str) -> RemoteError {
        RemoteError::UnexpectedAnswer {
            host: self.host().to_owned(),
            why: clean_short(why, MAX_SHOWN),
        }
    }

    fn broken(&self, why: &str) -> RemoteError {
        RemoteError::Unreachable {
            host: self.host().to_owned(),
            why: clean_short(why, MAX_SHOWN),
            is_final: false,
        }
    }

    /// The error with the innermost cause, which is about names, sockets or certificates.
    fn unreachable(&self, error: &ConnectorError) -> RemoteError {
        let mut reason: &dyn Error = error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        let why = if error.is_timeout() {
            "no answer in time".to_owned()
        } else {
            clean_short(&reason.to_string(), MAX_SHOWN)
        };
        RemoteError::Unreachable {
            host: self.host().to_owned(),
            why,
            is_final: error.is_other() || error.is_user(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_what_is_there_and_nothing_breaks_out_of_it() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(query("/a", &[("b", None), ("c", some(""))]), "/a");
        assert_eq!(
            query("/a", &[("b", some("x y&c=d#")), ("e", some("1"))]),
            "/a?b=x%20y%26c%3Dd%23&e=1"
        );
    }

    #[test]
    fn a_piece_of_a_path_stays_one() {
        assert_eq!(path("/a", "auth0|7/../x?y"), "/a/auth0%7C7%2F..%2Fx%3Fy");
    }

    #[test]
    fn a_token_is_one_line_and_is_not_printed() {
        let token = Token::new(" sixpillars_abc\n").unwrap();
        assert_eq!(token.0, "sixpillars_abc");
        assert_eq!(format!("{token:?}"), "Token");
        for bad in ["", "  ", "a b", "a\r\nx-header: b", "a\u{e9}"] {
            assert!(Token::new(bad).is_none(), "{bad:?}");
        }
    }
}
