//! The HTTP client of the process: proxies, trusted certificates, and why a connection failed.
//!
//! Every request goes through it: API calls, requests for credentials, and webhooks.

mod failure;
mod public;
mod resolver;
mod trust;

use super::connection_error::{Cause, TrustSource};
use super::proxy::{Proxies, Proxy};
use super::settings::{BadSettings, CaBundle};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_types::os_shim_internal::Env;
use failure::{FailedRequest, Kind, target};
use http::Uri;
pub use public::Reach;
use resolver::{Resolver, resolve};
use std::collections::HashMap;
#[cfg(feature = "serve")]
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use trust::Trust;

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
            reach: Reach::Anywhere,
        });
        clients.insert(ca.cloned(), client.clone());
        Ok(client)
    }

    /// A connector for what is no call of AWS. It trusts the certificates of the system.
    ///
    /// # Errors
    /// A proxy that cannot be used.
    pub fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        self.connector_with(settings, Trust::system(), Reach::Anywhere)
    }

    /// The same, for addresses of which not everyone may be reached. A name is resolved once, and the
    /// connection goes to what it was resolved to. Behind a proxy the proxy resolves it as well; what
    /// this machine knows to be private is refused all the same.
    ///
    /// # Errors
    /// As [`Network::connector`].
    pub fn connector_to(
        &self,
        settings: &HttpConnectorSettings,
        reach: Reach,
    ) -> SharedHttpConnector {
        self.connector_with(settings, Trust::system(), reach)
    }

    /// A connector for what is no call of AWS. It trusts the CA certificates of a file and no others;
    /// `place` is the setting that names the file.
    ///
    /// # Errors
    /// A file that holds no certificates.
    pub fn connector_trusting(
        &self,
        settings: &HttpConnectorSettings,
        path: &Path,
        place: &str,
    ) -> Result<SharedHttpConnector, BadSettings> {
        let trust = Trust::read(&CaBundle {
            path: path.to_owned(),
            place: place.to_owned(),
        })?;
        Ok(self.connector_with(settings, trust, Reach::Anywhere))
    }

    fn connector_with(
        &self,
        settings: &HttpConnectorSettings,
        trust: Trust,
        reach: Reach,
    ) -> SharedHttpConnector {
        let client = Client {
            proxies: Arc::clone(&self.proxies),
            has_worked: Arc::clone(&self.has_worked),
            trust,
            connectors: Mutex::default(),
            reach,
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
        reach: Reach::Anywhere,
    })
}

/// The addresses of a host, or why none of them may be reached. For what is not spoken to by HTTP.
///
/// # Errors
/// In words.
#[cfg(feature = "serve")]
pub(crate) async fn addresses(host: &str, reach: Reach) -> Result<Vec<IpAddr>, String> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let found = match host.parse() {
        Ok(ip) => vec![ip],
        Err(_) => resolve(host).await.map_err(|error| error.to_string())?,
    };
    reach
        .check(host, &found)
        .map_err(|error| error.to_string())?;
    Ok(found)
}

type Timeouts = (Option<Duration>, Option<Duration>);

#[derive(Debug)]
struct Client {
    proxies: Arc<Proxies>,
    has_worked: Arc<AtomicBool>,
    trust: Trust,
    connectors: Mutex<HashMap<Timeouts, SharedHttpConnector>>,
    reach: Reach,
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
        let direct = self.route(settings, None, self.reach);
        let by_proxy = self.proxies.all().map(|proxy| {
            let config = proxy_config(proxy);
            // The name that it resolves is the proxy's.
            let route = self.route(settings, Some(config), Reach::Anywhere);
            (proxy.clone(), route)
        });
        Routes {
            proxies: Arc::clone(&self.proxies),
            has_worked: Arc::clone(&self.has_worked),
            trust: self.trust.source.clone(),
            connect_timeout: settings.connect_timeout(),
            reach: self.reach,
            direct,
            by_proxy: by_proxy.collect(),
        }
    }

    fn route(
        &self,
        settings: &HttpConnectorSettings,
        proxy: Option<ProxyConfig>,
        reach: Reach,
    ) -> Connector {
        let mode = tls::rustls_provider::CryptoMode::AwsLc;
        let mut builder = Connector::builder()
            .connector_settings(settings.clone())
            .tls_provider(tls::Provider::Rustls(mode))
            .tls_context(self.trust.context.clone());
        builder.set_proxy_config(proxy);
        builder.build_with_resolver(Resolver(reach))
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
    reach: Reach,
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
        self.check(&address).await?;
        let is_custom = request.extension::<CustomEndpoint>().is_some();
        let proxy = self.proxies.of(&address);
        let connector = proxy
            .and_then(|proxy| self.by_proxy.iter().find(|(p, _)| p == proxy))
            .map_or(&self.direct, |(_, connector)| connector);
        let failed = FailedRequest {
            connect_timeout: self.connect_timeout,
            trust: &self.trust,
            has_worked: &self.has_worked,
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

    /// Refuses an address that may not be reached, where no resolver does: an IP address is not
    /// resolved, and behind a proxy only the proxy's name is.
    async fn check(&self, address: &Uri) -> Result<(), ConnectorError> {
        if self.reach == Reach::Anywhere {
            return Ok(());
        }
        let host = address.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = match host.parse() {
            Ok(ip) => vec![ip],
            // What cannot be resolved here, the proxy may be able to.
            Err(_) if self.proxies.of(address).is_some() => resolve(host).await.unwrap_or_default(),
            Err(_) => return Ok(()),
        };
        let checked = self.reach.check(host, &found);
        checked.map_err(|refused| ConnectorError::other(refused.into(), None))
    }
}
