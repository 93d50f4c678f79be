//! The address of a service.

use crate::send::webhook::is_loopback;
use http::Uri;

/// The address of a service: https, or http to this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    base: String,
    host: String,
}

/// Why a text is no address of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is no absolute address.
    #[error("is not an address of the form https://HOST[:PORT]")]
    Form,
    /// The token and the findings would be sent in the clear.
    #[error("is not https; http is for this machine only")]
    Clear,
    /// It contains a user name or password.
    #[error("has a user name or password in it, which the service does not take")]
    User,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let address: Uri = text.trim().parse().map_err(|_| BadAddress::Form)?;
        let authority = address.authority().ok_or(BadAddress::Form)?;
        if authority.as_str().contains('@') {
            return Err(BadAddress::User);
        }
        let host = authority.host();
        match address.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(host) => {}
            Some("http") => return Err(BadAddress::Clear),
            _ => return Err(BadAddress::Form),
        }
        if host.is_empty() || address.query().is_some() {
            return Err(BadAddress::Form);
        }
        Ok(Self {
            base: text.trim().trim_end_matches('/').to_owned(),
            host: authority.to_string(),
        })
    }

    /// The address of something on the service; `path` begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_in_the_clear() {
        let of = |text| Address::parse(text).map(|address| address.join("/api"));
        let api = "https://audits.example.com/api";
        assert_eq!(of("https://audits.example.com").as_deref(), Ok(api));
        assert_eq!(of(" https://audits.example.com/ ").as_deref(), Ok(api));
        assert_eq!(
            of("http://127.0.0.1:7317").as_deref(),
            Ok("http://127.0.0.1:7317/api")
        );
        assert_eq!(of("http://audits.example.com"), Err(BadAddress::Clear));
        assert_eq!(
            of("http://127.0.0.1.example.com"),
            Err(BadAddress::Clear),
            "a name that looks like this machine"
        );
        assert_eq!(of("https://a:b@example.com"), Err(BadAddress::User));
        for bad in [
            "",
            "audits",
            "/x",
            "ftp://example.com",
            "https://x/?token=1",
        ] {
            assert_eq!(of(bad), Err(BadAddress::Form), "{bad}");
        }
    }
}
