//! The HTTP client of the process: proxies, trusted certificates, and why a connection failed.
//!
//! Everything that is sent goes through it: calls, what credentials take, and webhooks.

mod failure;
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
use resolver::Resolver;
use std::collections::HashMap;
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
}
