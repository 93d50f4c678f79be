//! Listening, with TLS where there is a certificate.

use crate::commands::CommandError;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// So long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that wait to be served.
const WAITING: usize = 64;

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, Tls>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Tls>) -> Self {
        Self(*stream.remote_addr())
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

/// Connections that have agreed on TLS. A client that is slow with it keeps no other waiting.
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
        let (send, ready) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            loop {
                let Ok((stream, peer)) = listener.accept().await else {
                    // No file descriptor is free: some will be.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (acceptor, send) = (acceptor.clone(), send.clone());
                if send.is_closed() {
                    return;
                }
                tokio::spawn(async move {
                    let agreed = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = agreed {
                        // Nobody takes it once the service stops.
                        let _ = send.send((stream, peer)).await;
                    }
                });
            }
        });
        Ok(Self { ready, address })
    }
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            // Only when the task that accepts is gone, with the runtime.
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
