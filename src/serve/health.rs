//! `serve health`: whether the service of a configuration takes requests. Container engines run it, because
//! an image without a shell has no other client.

use super::load;
use crate::commands::{CommandError, ExitStatus, output};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long the answer may take. The service itself waits ten seconds for its database.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(12);
/// How many bytes of the answer are read.
const MOST: u64 = 4096;

/// `serve health`: asks the service that runs with a configuration on this machine.
///
/// # Errors
/// When the configuration cannot be used, or the service does not answer that it is ready.
pub(super) async fn health(path: &Path) -> Result<ExitStatus, CommandError> {
    let config = load::read(path)?;
    let address = reachable(config.listen);
    let asked = tokio::time::timeout(ANSWER_TIMEOUT, ask(address, config.tls.is_some())).await;
    let asked = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let answer = asked.map_err(|error| {
        CommandError::NotReady(format!("the service at {address} does not answer: {error}"))
    })?;
    match status(&answer) {
        Some(200) => {
            output::print("ready\n")?;
            Ok(ExitStatus::Done)
        }
        Some(status) => Err(CommandError::NotReady(format!(
            "the service at {address} is not ready: it answers {status}"
        ))),
        None => Err(CommandError::NotReady(format!(
            "what listens at {address} is not the service"
        ))),
    }
}

/// Where a service that listens on an address is reached from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(address: SocketAddr, tls: bool) -> io::Result<Vec<u8>> {
    let stream = TcpStream::connect(address).await?;
    if !tls {
        return exchange(stream, address).await;
    }
    let name = ServerName::IpAddress(address.ip().into());
    let connector = TlsConnector::from(Arc::new(client().map_err(io::Error::other)?));
    exchange(connector.connect(name, stream).await?, address).await
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    address: SocketAddr,
) -> io::Result<Vec<u8>> {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    let read = stream.take(MOST).read_to_end(&mut answer).await;
    match read {
        // The connection ended without TLS's `close_notify`, but the answer is there.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !answer.is_empty() => {}
        read => {
            read?;
        }
    }
    Ok(answer)
}

/// The status of an HTTP answer.
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("HTTP/1.")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn client() -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Any(provider)))
        .with_no_client_auth())
}

/// Accepts any certificate: its name is not this address, and nothing secret is sent or trusted.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_on_all_addresses_is_reached_on_this_machines_own() {
        for (listen, reached) in [
            ("0.0.0.0:7317", "127.0.0.1:7317"),
            ("[::]:7317", "[::1]:7317"),
            ("10.0.0.7:80", "10.0.0.7:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), reached.parse().unwrap());
        }
    }

    #[test]
    fn only_an_http_answer_has_a_status() {
        assert_eq!(
            status(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"),
            Some(503)
        );
        assert_eq!(status(b"HTTP/1.0 200 OK\r\n"), Some(200));
        for other in [
            &b""[..],
            b"SSH-2.0-OpenSSH\r\n",
            b"HTTP/1.1 x\r\n",
            b"\xff\xfe",
        ] {
            assert_eq!(status(other), None);
        }
    }
}
