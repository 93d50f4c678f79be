//! The HTTP client of the process: proxies, trusted certificates, and why a connection failed.
//!
//! Everything that is sent goes through it: calls, what credentials take, and webhooks.

use super::connection_error::{Cause, ConnectionError, TrustSource, Untrusted};
use super::proxy::{Proxies, Proxy};
use super::settings::{BadSetting, BadSettings, CaBundle};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, HttpClientError};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::os_shim_internal::Env;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use percent_encoding::percent_decode_str;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::collections::HashMap;
use std::error::Error;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// So long a name server is waited for. One that works answers at once; the system itself would wait
/// for longer than a connection may take.
const DNS: Duration = Duration::from_millis(1_800);
/// So long a proxy that refused is waited for to say with which status.
const STATUS: Duration = Duration::from_secs(1);

/// How this process reaches the network. Clients that trust the same certificates share their
/// connections.
#[derive(Debug)]
pub struct Network {
    proxies: Arc<Proxies>,
    /// Whether anything ever answered.
    has_worked: Arc<AtomicBool>,
    clients: Mutex<HashMap<Option<CaBundle>, SharedHttpClient>>,
}

impl Network {
    /// Reads the proxies of the environment.
    ///
    /// # Errors
    /// Each variable that names no proxy.
    pub fn from_env() -> Result<Self, BadSettings> {
        let proxies = Proxies::from_env(&Env::real()).map_err(BadSettings)?;
        Ok(Self {
            proxies: Arc::new(proxies),
            has_worked: Arc::default(),
            clients: Mutex::default(),
        })
    }

    /// The client that trusts the certificates of a file, or those of the system.
    pub(super) fn client(&self, ca: Option<&CaBundle>) -> Result<SharedHttpClient, BadSettings> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&ca.cloned()) {
            return Ok(client.clone());
        }
        let client = SharedHttpClient::new(Client {
            proxies: Arc::clone(&self.proxies),
            has_worked: Arc::clone(&self.has_worked),
            trust: ca.map_or_else(|| Ok(Trust::system()), Trust::read)?,
            connectors: Mutex::default(),
        });
        clients.insert(ca.cloned(), client.clone());
        Ok(client)
    }

    /// A connector for what is no call of AWS. It trusts the certificates of the system.
    ///
    /// # Errors
    /// A proxy that cannot be used.
    pub fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let client = Client {
            proxies: Arc::clone(&self.proxies),
            has_worked: Arc::clone(&self.has_worked),
            trust: Trust::system(),
            connectors: Mutex::default(),
        };
        client.connector(settings)
    }
}

/// A client without a proxy, which trusts the certificates of the system.
pub(super) fn direct() -> SharedHttpClient {
    SharedHttpClient::new(Client {
        proxies: Arc::default(),
        has_worked: Arc::default(),
        trust: Trust::system(),
        connectors: Mutex::default(),
    })
}

/// Whose certificates are trusted.
#[derive(Debug)]
struct Trust {
    context: TlsContext,
    source: TrustSource,
}

impl Trust {
    fn system() -> Self {
        Self {
            context: TlsContext::default(),
            source: TrustSource::System,
        }
    }

    /// Those of a file and no others, as the AWS CLI has it. The HTTP client panics over what is no
    /// certificate, so it gets only what is one.
    fn read(bundle: &CaBundle) -> Result<Self, BadSettings> {
        let CaBundle { path, place } = bundle;
        let path = path.display().to_string();
        let bad = |why: String| {
            let help = "name a file with the CA certificates to trust, in PEM form";
            BadSettings(vec![BadSetting::new(place, why, help)])
        };
        let pem = std::fs::read(&bundle.path)
            .map_err(|e| bad(format!("names {path}, which cannot be read: {e}")))?;
        let mut roots = RootCertStore::empty();
        let mut store = TrustStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| {
                bad(format!(
                    "names {path}, which is not a PEM file of certificates"
                ))
            })?;
            let text = BASE64_STANDARD.encode(&certificate);
            // Old certificates that nothing could be checked against are passed over.
            if roots.add(certificate).is_ok() {
                store.add_pem_certificate(format!(
                    "-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"
                ));
            }
        }
        if roots.is_empty() {
            return Err(bad(format!("names {path}, which holds no certificate")));
        }
        let context = TlsContext::builder().with_trust_store(store).build();
        let context = context.map_err(|e: HttpClientError| bad(format!("cannot be used: {e}")))?;
        let place = place.clone();
        Ok(Self {
            context,
            source: TrustSource::File { path, place },
        })
    }
}

type Timeouts = (Option<Duration>, Option<Duration>);

#[derive(Debug)]
struct Client {
    proxies: Arc<Proxies>,
    has_worked: Arc<AtomicBool>,
    trust: Trust,
    connectors: Mutex<HashMap<Timeouts, SharedHttpConnector>>,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector(settings)
    }
}

impl Client {
    fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        let connectors = self.connectors.lock();
        let mut connectors = connectors.unwrap_or_else(PoisonError::into_inner);
        let connector = connectors
            .entry(timeouts)
            .or_insert_with(|| SharedHttpConnector::new(Router(Arc::new(self.routes(settings)))));
        connector.clone()
    }

    fn routes(&self, settings: &HttpConnectorSettings) -> Routes {
        let direct = self.route(settings, None);
        let by_proxy = self.proxies.all().map(|proxy| {
            let config = proxy_config(proxy);
            (proxy.clone(), self.route(settings, Some(config)))
        });
        Routes {
            proxies: Arc::clone(&self.proxies),
            has_worked: Arc::clone(&self.has_worked),
            trust: self.trust.source.clone(),
            connect_timeout: settings.connect_timeout(),
            direct,
            by_proxy: by_proxy.collect(),
        }
    }

    fn route(&self, settings: &HttpConnectorSettings, proxy: Option<ProxyConfig>) -> Connector {
        let mode = tls::rustls_provider::CryptoMode::AwsLc;
        let mut builder = Connector::builder()
            .connector_settings(settings.clone())
            .tls_provider(tls::Provider::Rustls(mode))
            .tls_context(self.trust.context.clone());
        builder.set_proxy_config(proxy);
        builder.build_with_resolver(Resolver)
    }
}

/// Which requests go through it is decided here, so the client takes it for all of them.
fn proxy_config(proxy: &Proxy) -> ProxyConfig {
    ProxyConfig::all(proxy.address().clone())
        .unwrap_or_else(|_| unreachable!("a proxy has a scheme and a host"))
}

#[derive(Debug, Clone)]
struct Router(Arc<Routes>);

/// The ways that requests take.
#[derive(Debug)]
struct Routes {
    proxies: Arc<Proxies>,
    has_worked: Arc<AtomicBool>,
    trust: TrustSource,
    connect_timeout: Option<Duration>,
    direct: Connector,
    by_proxy: Vec<(Proxy, Connector)>,
}

/// Marks a request that goes to an endpoint URL of the user's configuration, and what answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CustomEndpoint;

/// The endpoint URL that an answer comes from: host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnsweredBy(pub(super) String);

impl HttpConnector for Router {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let routes = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move { routes.send(request).await })
    }
}

impl Routes {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let address: Uri = request
            .uri()
            .parse()
            .map_err(|e: http::uri::InvalidUri| ConnectorError::user(e.into()))?;
        let is_custom = request.extension::<CustomEndpoint>().is_some();
        let proxy = self.proxies.of(&address);
        let connector = proxy
            .and_then(|proxy| self.by_proxy.iter().find(|(p, _)| p == proxy))
            .map_or(&self.direct, |(_, connector)| connector);
        let failed = Failed {
            routes: self,
            address: &address,
            proxy,
            is_custom,
        };
        match connector.call(request).await {
            Ok(response) if response.status().as_u16() == 407 && proxy.is_some() => {
                Err(failed.error(Cause::ProxyAuthentication, true, Kind::Io))
            }
            Ok(mut response) => {
                self.has_worked.store(true, Ordering::Relaxed);
                if is_custom {
                    response.add_extension(AnsweredBy(target(&address)));
                }
                Ok(response)
            }
            Err(error) => Err(failed.explain(error).await),
        }
    }
}

/// How the SDK takes an error that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Io,
    Timeout,
}

/// A request that came to no answer.
struct Failed<'r> {
    routes: &'r Routes,
    address: &'r Uri,
    proxy: Option<&'r Proxy>,
    is_custom: bool,
}

impl Failed<'_> {
    /// Says why, if known.
    async fn explain(&self, error: ConnectorError) -> ConnectorError {
        tracing::debug!(error = %DisplayErrorContext(&error), "no connection");
        let Some((cause, at_proxy)) = cause(&error, self.routes.connect_timeout) else {
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

    fn error(&self, cause: Cause, at_proxy: bool, kind: Kind) -> ConnectorError {
        let error = ConnectionError {
            cause,
            target: target(self.address),
            proxy: self.proxy.cloned(),
            at_proxy,
            trust: self.routes.trust.clone(),
            is_custom: self.is_custom,
        };
        let has_worked = self.routes.has_worked.load(Ordering::Relaxed);
        match kind {
            // Of kind "other", which the SDK does not try again.
            _ if error.is_final(has_worked) => ConnectorError::other(error.into(), None),
            Kind::Timeout => ConnectorError::timeout(error.into()),
            Kind::Io => ConnectorError::io(error.into()),
        }
    }
}

/// Host and port.
fn target(address: &Uri) -> String {
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

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
#[error("{name} has no address: {why:?}")]
struct LookupError {
    name: String,
    why: Lookup,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lookup {
    /// There is no such name.
    Unknown,
    /// It may be known later.
    Passing,
    /// Nobody says in time.
    TimedOut,
}

/// The system's resolver, except that every name below `localhost` is this machine (RFC 6761,
/// section 6.3). Not every system's resolver knows, and S3 Control puts the account's id before
/// the host name: `111122223333.localhost`.
#[derive(Debug, Clone)]
struct Resolver;

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            if name == "localhost" || name.ends_with(".localhost") {
                return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
            }
            let error = |why| {
                let name = name.to_owned();
                ResolveDnsError::new(LookupError { name, why })
            };
            let found = tokio::time::timeout(DNS, tokio::net::lookup_host((name, 0))).await;
            let found = found.map_err(|_| error(Lookup::TimedOut))?;
            let found = found.map_err(|e| error(lookup(&e)))?;
            let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
            if found.is_empty() {
                return Err(error(Lookup::Unknown));
            }
            Ok(found)
        })
    }
}

/// The system says what it means only in words: those of `EAI_AGAIN`, in several C libraries.
fn lookup(error: &std::io::Error) -> Lookup {
    let words = error.to_string().to_lowercase();
    if words.contains("temporary failure") || words.contains("try again") {
        Lookup::Passing
    } else {
        Lookup::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(text: &str) -> Result<Trust, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, text).expect("a file");
        let place = "AWS_CA_BUNDLE".to_owned();
        Trust::read(&CaBundle { path, place }).map_err(|bad| bad.to_string())
    }

    #[test]
    fn what_is_no_certificate_is_told() {
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n";
        let no_base64 = "-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n";
        let no_certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        for bad in ["", "not PEM", cut, no_base64, no_certificate] {
            let error = bundle(bad).expect_err(bad);
            assert!(error.starts_with("AWS_CA_BUNDLE names "), "{error}");
            assert!(error.contains("ca.pem, which "), "{error}");
        }
        let place = "ca_bundle of profile audit".to_owned();
        let path = "/nowhere/ca.pem".into();
        let error = Trust::read(&CaBundle { path, place }).expect_err("no file");
        let error = error.to_string();
        let begin = "ca_bundle of profile audit names /nowhere/ca.pem, which cannot be read: ";
        assert!(error.starts_with(begin), "{error}");
    }

    #[test]
    fn the_system_says_in_words_what_may_pass() {
        let of = |words: &str| lookup(&std::io::Error::other(words.to_owned()));
        let prefix = "failed to lookup address information: ";
        let passing = format!("{prefix}Temporary failure in name resolution");
        assert_eq!(of(&passing), Lookup::Passing);
        assert_eq!(of(&format!("{prefix}Try again")), Lookup::Passing);
        let unknown = format!("{prefix}Name or service not known");
        assert_eq!(of(&unknown), Lookup::Unknown);
    }
}
