//! Listening, with TLS where there is a certificate.

use crate::commands::CommandError;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long a client may take to agree on TLS.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to send the headers of a request, also of the next one on a connection.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(15);
/// The most headers of a request, and the most bytes of its address and headers together.
const MOST_HEADERS: usize = 100;
const LONGEST_HEAD: usize = 64 << 10;
/// The most connections that are served at the same time.
const MAX_CONNECTIONS: usize = 2048;
/// The most connections that have agreed on TLS and wait to be served.
const MAX_WAITING: usize = 64;

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Serves requests until the service stops, and then finishes those in progress.
pub(super) async fn serve<L>(mut listener: L, app: Router, stop: CancellationToken)
where
    L: Listener<Addr = SocketAddr>,
{
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let open = TaskTracker::new();
    loop {
        let accept = async {
            // Connections beyond the limit wait in the system's queue. The semaphore is never closed.
            let permit = Arc::clone(&free).acquire_owned().await.ok();
            (permit, listener.accept().await)
        };
        let (permit, (stream, peer)) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept => accepted,
        };
        let (app, stop) = (app.clone(), stop.clone());
        open.spawn(async move {
            connection(stream, peer, app, stop).await;
            drop(permit);
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// Serves the requests of one connection. `axum::serve` would wait for headers for ever, and accept any
/// number of connections.
async fn connection<S>(stream: S, peer: SocketAddr, app: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(Peer(peer)));
        app.clone().oneshot(request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_TIMEOUT)
            .max_headers(MOST_HEADERS)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "connection ended");
    }
}

/// Binds the address.
///
/// # Errors
/// When it is taken or not this machine's.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|error| {
        let help = if error.kind() == io::ErrorKind::AddrInUse {
            "\n  help: another process listens there; stop it, or write another `listen`"
        } else {
            ""
        };
        CommandError::Usage(format!("{address} cannot be listened on: {error}{help}"))
    })
}

/// Connections that have agreed on TLS. A client that is slow to agree does not delay others.
pub(super) struct Tls {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl Tls {
    /// Accepts connections.
    ///
    /// # Errors
    /// When certificate or key cannot be used.
    pub(super) fn accept(
        listener: TcpListener,
        (certificate, key): &(PathBuf, PathBuf),
    ) -> Result<Self, CommandError> {
        let acceptor = TlsAcceptor::from(Arc::new(server_config(certificate, key)?));
        let address = listener.local_addr().map_err(|error| {
            CommandError::Internal(format!("a bound socket has no address: {error}"))
        })?;
        let (send, ready) = mpsc::channel(MAX_WAITING);
        tokio::spawn(async move {
            tokio::select! {
                () = send.closed() => {}
                () = agree(listener, acceptor, &send) => {}
            }
        });
        Ok(Self { ready, address })
    }
}

/// Accepts connections, and passes on those that have agreed on TLS.
async fn agree(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: &mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // Connections beyond the limit wait in the system's queue. The semaphore is never closed.
        let permit = Arc::clone(&free).acquire_owned().await.ok();
        let Ok((stream, peer)) = listener.accept().await else {
            // No file descriptor is free at the moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let agreed = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await;
            if let Ok(Ok(stream)) = agreed {
                // Nobody takes it once the service stops.
                let _ = ready.send((stream, peer)).await;
            }
            drop(permit);
        });
    }
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            // Only when the accepting task is gone, together with the runtime.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

fn server_config(certificate: &Path, key: &Path) -> Result<ServerConfig, CommandError> {
    let bad = |path: &Path, why: &dyn std::fmt::Display| {
        CommandError::Usage(format!("{}: {why}", path.display()))
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)
        .map_err(|e| bad(certificate, &e))?
        .collect();
    let chain = chain.map_err(|e| bad(certificate, &e))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| bad(key, &e))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| CommandError::Internal(e.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|e| bad(certificate, &e))
}
