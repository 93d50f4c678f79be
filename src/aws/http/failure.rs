//! Why a request got no answer.

use super::public::NotPublic;
use super::resolver::{Lookup, LookupError};
use crate::aws::connection_error::{Cause, ConnectionError, TrustSource, Untrusted};
use crate::aws::proxy::Proxy;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::display::DisplayErrorContext;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use percent_encoding::percent_decode_str;
use std::error::Error;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long to wait for a proxy that refused to say with which status.
const STATUS: Duration = Duration::from_secs(1);

/// How the SDK takes an error that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Io,
    Timeout,
}

/// A request that came to no answer.
pub(super) struct FailedRequest<'r> {
    pub(super) connect_timeout: Option<Duration>,
    pub(super) trust: &'r TrustSource,
    pub(super) has_worked: &'r AtomicBool,
    pub(super) address: &'r Uri,
    pub(super) proxy: Option<&'r Proxy>,
    pub(super) is_custom: bool,
}

impl FailedRequest<'_> {
    /// Says why, if known.
    pub(super) async fn explain(&self, error: ConnectorError) -> ConnectorError {
        tracing::debug!(error = %DisplayErrorContext(&error), "no connection");
        if let Some(refused) = chain(&error).find_map(|e| e.downcast_ref::<NotPublic>()) {
            return ConnectorError::other(refused.clone().into(), None);
        }
        let Some((cause, at_proxy)) = cause(&error, self.connect_timeout) else {
            return error;
        };
        let cause = match (cause, self.proxy) {
            (Cause::ProxyRejected(None), Some(proxy)) => {
                let target = target(self.address);
                let status = connect_status(proxy, &target);
                let status = tokio::time::timeout(STATUS, status).await;
                Cause::ProxyRejected(status.ok().flatten())
            }
            (cause, _) => cause,
        };
        let kind = if error.is_timeout() {
            Kind::Timeout
        } else {
            Kind::Io
        };
        self.error(cause, at_proxy, kind)
    }

    pub(super) fn error(&self, cause: Cause, at_proxy: bool, kind: Kind) -> ConnectorError {
        let error = ConnectionError {
            cause,
            target: target(self.address),
            proxy: self.proxy.cloned(),
            at_proxy,
            trust: self.trust.clone(),
            is_custom: self.is_custom,
        };
        let has_worked = self.has_worked.load(Ordering::Relaxed);
        match kind {
            // Of kind "other", which the SDK does not try again.
            _ if error.is_final(has_worked) => ConnectorError::other(error.into(), None),
            Kind::Timeout => ConnectorError::timeout(error.into()),
            Kind::Io => ConnectorError::io(error.into()),
        }
    }
}

/// Host and port.
pub(super) fn target(address: &Uri) -> String {
    let host = address.host().unwrap_or_default();
    let usual = if address.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    format!("{host}:{}", address.port_u16().unwrap_or(usual))
}

/// Why a request came to no answer, and whether that was at the proxy; `None` if a connection was
/// made and the answer took too long.
fn cause(error: &ConnectorError, connect_timeout: Option<Duration>) -> Option<(Cause, bool)> {
    if error.is_user() {
        return None;
    }
    let mut found = None;
    let mut at_proxy = false;
    for error in chain(error) {
        // The HTTP client keeps the types of these to itself: only the words are known.
        let words = error.to_string();
        if let Some(tunnel) = words.strip_prefix("tunnel error: ") {
            at_proxy = true;
            found = Some(match tunnel {
                "proxy authorization required" => Cause::ProxyAuthentication,
                "unsuccessful" => Cause::ProxyRejected(None),
                _ => Cause::ProxyClosed,
            });
        }
        if words.starts_with("HTTP connect timeout") {
            found = Some(Cause::TimedOut(connect_timeout));
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            found = Some(match error {
                rustls::Error::InvalidCertificate(why) => Cause::Untrusted(Untrusted::of(why)),
                _ => Cause::NoTls,
            });
        }
        if let Some(LookupError { name, why }) = error.downcast_ref() {
            let name = name.clone();
            found = Some(match why {
                Lookup::Unknown => Cause::UnknownHost(name),
                Lookup::Passing => Cause::NoAnswerFromDns(name),
                Lookup::TimedOut => Cause::NoNameServer(name),
            });
        }
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            found = match error.kind() {
                ErrorKind::ConnectionRefused => Some(Cause::Refused),
                ErrorKind::NetworkUnreachable
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkDown => Some(Cause::NoNetwork),
                _ => found,
            };
        }
    }
    match found {
        Some(cause) => Some((cause, at_proxy)),
        None if error.is_timeout() => None,
        None => Some((Cause::Broken, at_proxy)),
    }
}

/// An error and what led to it. What an [`std::io::Error`] holds is not its source, but is one here.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|held| held as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// With which HTTP status a proxy refuses to connect to a target. The HTTP client only says that it
/// did, so it is asked once more. `None` if the proxy is spoken to by TLS.
async fn connect_status(proxy: &Proxy, target: &str) -> Option<u16> {
    if proxy.is_tls() {
        return None;
    }
    let host = proxy.host().trim_start_matches('[').trim_end_matches(']');
    let mut stream = TcpStream::connect((host, proxy.port())).await.ok()?;
    let user = proxy.user().map(|user| {
        let user = percent_decode_str(user).collect::<Vec<u8>>();
        let user = BASE64_STANDARD.encode(user);
        format!("Proxy-Authorization: Basic {user}\r\n")
    });
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n",
        user.unwrap_or_default()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    // `HTTP/1.1 403`
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.ok()?;
    let line = std::str::from_utf8(&line).ok()?;
    line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
}
