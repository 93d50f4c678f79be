//! Posts to a webhook. Its address is a secret: messages contain only the host.

use crate::aws::http::{Network, Reach};
use crate::report::sanitize::clean_short;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::Uri;
use http_body_util::{BodyExt, Collected, Limited};
use serde_json::Value;
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

/// How often a post is tried.
const ATTEMPTS: u32 = 5;
/// The wait before the second attempt; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that a `Retry-After` can cause.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How long a connection and an answer may take.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read, and characters that are shown.
const MAX_ANSWER: usize = 16 << 10;
const MAX_SHOWN: usize = 200;

/// An address that can be posted to.
#[derive(Clone)]
pub struct Webhook {
    address: Uri,
    host: String,
}

/// Why a text is not the address of a webhook. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is no absolute address.
    #[error("is not an address of the form https://HOST/PATH")]
    Form,
    /// It would be sent in the clear.
    #[error("is not https; http is for this machine only")]
    Clear,
    /// It contains a user name or password, which would not be sent.
    #[error("has a user name or password in it, which webhooks do not take")]
    User,
}

/// Why a post did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The server is somewhere else.
    #[error(
        "{host} answered {status}, a redirect, which is not followed; give the address it leads to"
    )]
    Redirect {
        /// Whom the post was for.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server does not want it.
    #[error("{host} answered {status}{}", quoted(.text))]
    Refused {
        /// Whom the post was for.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The begin of the answer.
        text: String,
    },
    /// There is no answer.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// Whom the post was for.
        host: String,
        /// What went wrong.
        why: String,
    },
}

fn quoted(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(": {text}")
    }
}

impl Webhook {
    /// Reads an address: https, or http to this machine.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let address: Uri = text.trim().parse().map_err(|_| BadAddress::Form)?;
        let authority = address.authority().ok_or(BadAddress::Form)?;
        if authority.as_str().contains('@') {
            return Err(BadAddress::User);
        }
        let host = authority.host().to_owned();
        match address.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(&host) => {}
            Some("http") => return Err(BadAddress::Clear),
            _ => return Err(BadAddress::Form),
        }
        if host.is_empty() {
            return Err(BadAddress::Form);
        }
        Ok(Self { address, host })
    }

    /// Posts JSON. Retries if the server or the connection fails: the message may then arrive
    /// twice, which is better than not at all.
    ///
    /// # Errors
    /// [`PostError`], of the last attempt.
    pub async fn post(&self, network: &Network, message: &Value) -> Result<(), PostError> {
        let connector = connector(network, Reach::Anywhere);
        let body = message.to_string();
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let answer = self.attempt(&connector, &body, &[]).await;
            let (error, again, after) = match answer {
                Ok(reply) if reply.status.is_success() => return Ok(()),
                Ok(reply) => (self.refusal(&reply), reply.is_temporary(), reply.wait()),
                Err(Failure { why, is_final }) => {
                    let host = self.host.clone();
                    (PostError::Unreachable { host, why }, !is_final, None)
                }
            };
            if !again || attempt == ATTEMPTS {
                return Err(error);
            }
            tracing::debug!(attempt, %error, "posting again");
            tokio::time::sleep(after.unwrap_or(wait)).await;
            wait *= 2;
            attempt += 1;
        }
    }

    /// Posts JSON with headers of one's own, once, to where it may go.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn post_once(
        &self,
        (network, reach): (&Network, Reach),
        body: &str,
        headers: &[(&'static str, String)],
    ) -> Result<(), PostError> {
        let connector = connector(network, reach);
        match self.attempt(&connector, body, headers).await {
            Ok(reply) if reply.status.is_success() => Ok(()),
            Ok(reply) => Err(self.refusal(&reply)),
            Err(Failure { why, .. }) => Err(PostError::Unreachable {
                host: self.host.clone(),
                why,
            }),
        }
    }

    /// One post and its answer, or what went wrong on the way.
    async fn attempt(
        &self,
        connector: &SharedHttpConnector,
        body: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Reply, Failure> {
        let mut request = http::Request::post(self.address.clone())
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(
                http::header::USER_AGENT,
                concat!("sixpillars/", env!("CARGO_PKG_VERSION")),
            );
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request
            .body(SdkBody::from(body))
            .map_err(|_| Failure::unsendable())?;
        let request = HttpRequest::try_from(request).map_err(|_| Failure::unsendable())?;
        let read = async {
            let response = connector.call(request).await.map_err(|e| Failure::of(&e))?;
            Ok(self.read(response).await)
        };
        let answer = tokio::time::timeout(ANSWER, read).await;
        answer.unwrap_or_else(|_| Err(Failure::late()))
    }

    /// What an answer says. Its text is only for the message of an error: a broken one does.
    async fn read(&self, mut response: HttpResponse) -> Reply {
        let body = Limited::new(response.take_body(), MAX_ANSWER);
        let text = body.collect().await.map(Collected::to_bytes);
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        // Some servers repeat the request.
        let secret = self.address.path_and_query().map_or("/", |p| p.as_str());
        let text = if secret.len() > 1 {
            text.replace(secret, "…")
        } else {
            text
        };
        let after = response.headers().get("retry-after");
        Reply {
            status: http::StatusCode::from_u16(response.status().as_u16()).unwrap_or_default(),
            text: clean_short(text.trim(), MAX_SHOWN),
            retry_after: after.and_then(|seconds| seconds.trim().parse().ok()),
        }
    }

    fn refusal(&self, reply: &Reply) -> PostError {
        let (host, status) = (self.host.clone(), reply.status.as_u16());
        if reply.status.is_redirection() {
            return PostError::Redirect { host, status };
        }
        let text = reply.text.clone();
        PostError::Refused { host, status, text }
    }
}

/// What a server said.
struct Reply {
    status: http::StatusCode,
    text: String,
    /// Seconds (RFC 9110, section 10.2.3); a date in their place is not read.
    retry_after: Option<u64>,
}

impl Reply {
    /// Whether the server is only busy or broken for now.
    fn is_temporary(&self) -> bool {
        use http::StatusCode as Status;
        match self.status {
            Status::NOT_IMPLEMENTED | Status::HTTP_VERSION_NOT_SUPPORTED => false,
            Status::TOO_MANY_REQUESTS => true,
            status => status.is_server_error(),
        }
    }

    /// How long to wait, where the server says so.
    fn wait(&self) -> Option<Duration> {
        let wait = self.retry_after.map(Duration::from_secs);
        wait.map(|wait| wait.min(LONGEST_WAIT))
    }
}

fn connector(network: &Network, reach: Reach) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT)
        .read_timeout(ANSWER)
        .build();
    network.connector_to(&settings, reach)
}

/// `localhost`, a name below it, or an address of this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// A post that came to no answer.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    why: String,
    /// Whether another attempt cannot succeed either.
    is_final: bool,
}

impl Failure {
    fn unsendable() -> Self {
        Self {
            why: "the request cannot be made".to_owned(),
            is_final: true,
        }
    }

    fn late() -> Self {
        Self {
            why: "no answer in time".to_owned(),
            is_final: false,
        }
    }

    /// The innermost cause of an error, which is about names, sockets or certificates. The client of
    /// this process gives a final one the kind "other"; see [`Network`].
    fn of(error: &ConnectorError) -> Self {
        let is_final = error.is_other() || error.is_user();
        if error.is_timeout() {
            return Self::late();
        }
        let mut reason: &dyn Error = error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        Self {
            why: clean_short(&reason.to_string(), MAX_SHOWN),
            is_final,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_posted_to_in_the_clear() {
        let of = |text| Webhook::parse(text).map(|webhook| webhook.host);
        assert_eq!(
            of("https://hooks.example.com/a/b?c").as_deref(),
            Ok("hooks.example.com")
        );
        assert_eq!(of("http://hooks.example.com/a"), Err(BadAddress::Clear));
        for local in [
            "http://localhost:8080/x",
            "http://127.0.0.1:1/",
            "http://[::1]/x",
        ] {
            assert!(of(local).is_ok(), "{local}");
        }
        for near in [
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
        ] {
            assert_eq!(of(near), Err(BadAddress::Clear));
        }
        assert_eq!(of("https://me:secret@example.com/"), Err(BadAddress::User));
        assert_eq!(of("http://127.0.0.1@example.com/"), Err(BadAddress::User));
        for none in [
            "",
            "hooks.example.com",
            "/a/b",
            "ftp://example.com/",
            "https://",
            "a b",
        ] {
            assert_eq!(of(none), Err(BadAddress::Form), "{none}");
        }
    }

    #[test]
    fn only_a_busy_or_broken_server_is_asked_again() {
        let retry = |status: u16, retry_after| {
            let status = status.try_into().unwrap();
            let text = String::new();
            let reply = Reply {
                status,
                text,
                retry_after,
            };
            (reply.is_temporary(), reply.wait())
        };
        assert_eq!(retry(429, Some(7)), (true, Some(Duration::from_secs(7))));
        assert_eq!(retry(503, Some(86_400)), (true, Some(LONGEST_WAIT)));
        assert_eq!(retry(500, None), (true, None));
        for status in [404, 302, 501, 505] {
            assert!(!retry(status, Some(1)).0, "{status}");
        }
    }
}
