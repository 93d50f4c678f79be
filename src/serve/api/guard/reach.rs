//! The address of the service, as browsers see it.

use crate::serve::state::Service;
use std::net::SocketAddr;

/// The address of the service, as browsers see it.
pub(in crate::serve::api) struct Reach {
    /// `https://audits.example.com`, without a slash at the end.
    pub(in crate::serve::api) base: String,
    secure: bool,
}

impl Reach {
    /// The address of a service that listens on an address.
    pub(in crate::serve::api) fn of(service: &Service, address: SocketAddr) -> Self {
        let scheme = if service.config.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let base = match &service.config.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{address}"),
        };
        Self {
            secure: base.starts_with("https://"),
            base,
        }
    }

    /// Whether browsers reach it by TLS.
    pub(in crate::serve::api) fn is_secure(&self) -> bool {
        self.secure
    }
}
