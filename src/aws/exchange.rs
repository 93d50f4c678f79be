//! The answers to requests for credentials and for the caller identity, kept so that a
//! failure can be explained. The SDK's errors hide it behind types that it does not export, and the
//! circuit breaker takes its place.
//!
//! Only refusals are kept, and of them only the code, the message and the time.

use super::ConnectionError;
use super::body::{BodyMemory, read_body};
use super::outcome::code;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::SignedDuration;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Older failures say nothing about the last one.
const MAX: usize = 16;

/// One request that was rejected or not answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exchange {
    /// Where it went.
    pub(super) host: String,
    /// The path, without the query.
    pub(super) path: String,
    /// The operation, where AWS's query protocol names one: `AssumeRole`.
    pub(super) action: Option<String>,
    /// The requested role.
    pub(super) role_arn: Option<String>,
    /// The HTTP status; none without an answer.
    pub(super) status: Option<u16>,
    /// AWS's error code.
    pub(super) code: Option<String>,
    /// AWS's message. It holds names that strangers chose.
    pub(super) message: Option<String>,
    /// How far AWS's clock is ahead of this machine's.
    pub(super) skew: Option<SignedDuration>,
    /// Why there was no answer.
    pub(super) connection: Option<ConnectionError>,
}

impl Exchange {
    fn of(request: &HttpRequest) -> Self {
        let uri = request.uri();
        let (_, rest) = uri.split_once("://").unwrap_or(("", uri));
        let (host, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let path = path.split('?').next().unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        Self {
            host: host.to_owned(),
            path: path.to_owned(),
            action: parameter(body, "Action"),
            role_arn: parameter(body, "RoleArn"),
            ..Self::default()
        }
    }

    /// Adds what came back; false where there is nothing to explain.
    fn answered(
        &mut self,
        result: &Result<HttpResponse, ConnectorError>,
        sent: SystemTime,
    ) -> bool {
        let response = match result {
            Ok(response) => response,
            Err(error) => {
                let causes =
                    std::iter::successors(Some(error as &(dyn Error + 'static)), |&error| {
                        error.source()
                    });
                let mut reasons = causes.filter_map(|cause| cause.downcast_ref());
                self.connection = reasons.next().cloned();
                return true;
            }
        };
        let status = response.status().as_u16();
        if status < 400 {
            return false;
        }
        self.status = Some(status);
        self.code = code(response);
        self.message = message(response.body().bytes().unwrap_or_default());
        self.skew = skew(response, sent);
        true
    }
}

/// A parameter of AWS's query protocol.
fn parameter(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let value = text.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    })?;
    let value = value.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&value).decode_utf8();
    decoded.ok().map(std::borrow::Cow::into_owned)
}

fn message(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if text.trim_start().starts_with('{') {
        let body: serde_json::Value = serde_json::from_str(text).ok()?;
        let names = ["message", "Message", "error_description"];
        let found = names.iter().find_map(|name| body.get(name)?.as_str());
        return found.map(ToOwned::to_owned);
    }
    let (_, after) = text.split_once("<Message>")?;
    let (message, _) = after.split_once("</Message>")?;
    Some(unescape(message))
}

/// The five entities that XML knows.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

/// What the answer's `Date` header says, against the middle of the time that the request took.
fn skew(response: &HttpResponse, sent: SystemTime) -> Option<SignedDuration> {
    let date = response.headers().get("date")?;
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?;
    let theirs = SystemTime::try_from(theirs).ok()?;
    let elapsed = sent.elapsed().unwrap_or_default();
    let ours = sent.checked_add(elapsed / 2)?;
    match theirs.duration_since(ours) {
        Ok(ahead) => SignedDuration::try_from(ahead).ok(),
        Err(behind) => Some(-SignedDuration::try_from(behind.duration()).ok()?),
    }
}

/// The failures of one login, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct ExchangeLog(Arc<Mutex<Vec<Exchange>>>);

/// A request that is on its way.
#[derive(Debug)]
pub(super) struct Pending {
    log: ExchangeLog,
    exchange: Exchange,
    sent: SystemTime,
}

impl Pending {
    /// Keeps the exchange, if it is a failure.
    pub(super) fn finish(mut self, result: &Result<HttpResponse, ConnectorError>) {
        if self.exchange.answered(result, self.sent) {
            self.log.push(self.exchange);
        }
    }
}

impl ExchangeLog {
    fn push(&self, exchange: Exchange) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MAX {
            kept.remove(0);
        }
        kept.push(exchange);
    }

    /// The last failure that fits.
    pub(super) fn last(&self, fits: impl Fn(&Exchange) -> bool) -> Option<Exchange> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().find(|exchange| fits(exchange)).cloned()
    }

    fn begin(&self, request: &HttpRequest) -> Pending {
        Pending {
            log: self.clone(),
            exchange: Exchange::of(request),
            sent: SystemTime::now(),
        }
    }

    /// An HTTP client that keeps what fails.
    pub(super) fn client(&self, inner: &SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Logged {
            log: self.clone(),
            inner: inner.clone(),
        })
    }

    /// Lets the gate keep what fails of one call: see [`begin`].
    pub(super) fn interceptor(&self) -> Attach {
        Attach(self.clone())
    }
}

/// Where the request's failure is to be kept, if it is.
pub(super) fn begin(request: &HttpRequest) -> Option<Pending> {
    let log = request.extension::<ExchangeLog>()?;
    Some(log.begin(request))
}

/// Puts the log on the request.
#[derive(Debug)]
pub(super) struct Attach(ExchangeLog);

impl Intercept for Attach {
    fn name(&self) -> &'static str {
        "Attach"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().add_extension(self.0.clone());
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct Logged {
    log: ExchangeLog,
    inner: SharedHttpClient,
}

impl HttpClient for Logged {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(LoggedConnector {
            log: self.log.clone(),
            inner: self.inner.http_connector(settings, components),
        })
    }
}

#[derive(Debug, Clone)]
struct LoggedConnector {
    log: ExchangeLog,
    inner: SharedHttpConnector,
}

impl HttpConnector for LoggedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let pending = self.log.begin(&request);
        let sent = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let result = read_body(sent, &BodyMemory::default()).await;
            let nobody_there = result.is_err() && is_metadata(&pending.exchange.host);
            pending.finish(&result);
            match result {
                // A metadata service that does not answer at once is not there: to ask it again
                // costs seconds, on every machine that is none of AWS's.
                Err(error) if nobody_there => Err(ConnectorError::other(error.into(), None)),
                result => result,
            }
        })
    }
}

/// Whether a host is one of those that give credentials to instances and containers, which are on the
/// machine or its hypervisor.
pub(super) fn is_metadata(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.starts_with("169.254.") || name.starts_with("[fd00:ec2:") || name.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    fn refused(status: u16, body: &str, headers: &[(&'static str, String)]) -> Exchange {
        let mut request = HttpRequest::new(SdkBody::from(
            "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Faudit",
        ));
        request
            .set_uri("https://sts.eu-west-1.amazonaws.com/?x")
            .unwrap();
        let log = ExchangeLog::default();
        let status = status.try_into().unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.clone());
        }
        log.begin(&request).finish(&Ok(response));
        log.last(|_| true).unwrap_or_default()
    }

    #[test]
    fn a_refusal_is_kept_with_what_was_asked() {
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code>\
                    <Message>User: &quot;a&amp;b&quot; may not</Message></Error></ErrorResponse>";
        let exchange = refused(403, body, &[]);
        assert_eq!(exchange.host, "sts.eu-west-1.amazonaws.com");
        assert_eq!(exchange.action.as_deref(), Some("AssumeRole"));
        let role = "arn:aws:iam::111122223333:role/audit";
        assert_eq!(exchange.role_arn.as_deref(), Some(role));
        assert_eq!(exchange.code.as_deref(), Some("AccessDenied"));
        assert_eq!(exchange.message.as_deref(), Some("User: \"a&b\" may not"));
        assert_eq!(refused(200, body, &[]), Exchange::default());
    }

    #[test]
    fn json_says_its_message_in_several_ways() {
        let exchange = refused(401, r#"{"message":"Session token not found"}"#, &[]);
        let message = exchange.message.as_deref();
        assert_eq!(message, Some("Session token not found"));
        let exchange = refused(
            400,
            r#"{"error":"invalid_grant","error_description":"x"}"#,
            &[],
        );
        assert_eq!(exchange.message.as_deref(), Some("x"));
    }

    #[test]
    fn the_date_tells_how_far_the_clocks_are_apart() {
        let ahead = jiff::Timestamp::now() + SignedDuration::from_hours(2);
        let date = ahead.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let skew = refused(403, "", &[("date", date)]).skew.unwrap();
        let off = skew - SignedDuration::from_hours(2);
        assert!(off.abs() < SignedDuration::from_secs(3), "{skew:?}");
        assert_eq!(refused(403, "", &[("date", "soon".to_owned())]).skew, None);
    }

    #[test]
    fn metadata_services_are_near() {
        for host in [
            "169.254.169.254",
            "169.254.170.2",
            "[fd00:ec2::254]",
            "127.0.0.1:80",
        ] {
            assert!(is_metadata(host), "{host}");
        }
        assert!(!is_metadata("sts.amazonaws.com") && !is_metadata("127x.example"));
    }
}
