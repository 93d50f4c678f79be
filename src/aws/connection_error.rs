//! Why a connection failed: the cause, its place, and what to do about it.

use super::proxy::Proxy;
use jiff::Timestamp;
use rustls::CertificateError;
use std::fmt::{self, Write};
use std::time::Duration;

/// A connection that could not be made.
///
/// Displayed, it says the cause and the place in one line; [`Self::help`] says what to do. Neither
/// holds a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionError {
    pub(super) cause: Cause,
    /// The host and port that should have been reached in the end.
    pub(super) target: String,
    /// The proxy on the way.
    pub(super) proxy: Option<Proxy>,
    /// Whether it failed at the proxy, before the target was spoken to.
    pub(super) at_proxy: bool,
    /// Whose certificates are trusted.
    pub(super) trust: TrustSource,
    /// Whether the target is an endpoint URL of the user's configuration.
    pub(super) is_custom: bool,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// There is no way to the address.
    NoNetwork,
    /// DNS says that there is no such host.
    UnknownHost(String),
    /// DNS does not say for now.
    NoAnswerFromDns(String),
    /// No name server answers in time.
    NoNameServer(String),
    /// Nobody listens.
    Refused,
    /// No connection within this time.
    TimedOut(Option<Duration>),
    /// The certificate is not trusted.
    Untrusted(Untrusted),
    /// The other side does not speak TLS, or no version of it that we do.
    NoTls,
    /// The proxy wants a user name and password, or others: HTTP 407.
    ProxyAuthentication,
    /// The proxy does not connect to the target, with the HTTP status where it is known.
    ProxyRejected(Option<u16>),
    /// The proxy broke the connection off.
    ProxyClosed,
    /// The connection breaks off.
    Broken,
}

/// Why a certificate is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untrusted {
    UnknownIssuer,
    OtherName,
    Expired,
    NotYetValid,
    Other,
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "unknown issuer",
            Self::OtherName => "for another name",
            Self::Expired => "expired",
            Self::NotYetValid => "not valid yet",
            Self::Other => "malformed, revoked or wrongly signed",
        })
    }
}

impl Untrusted {
    pub(super) fn of(error: &CertificateError) -> Self {
        match error {
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYetValid
            }
            _ => Self::Other,
        }
    }
}

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TrustSource {
    /// The system's.
    System,
    /// Those of a file, with the setting that names it.
    File { path: String, place: String },
}

impl fmt::Display for TrustSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("the certificates of this system"),
            Self::File { path, place } => write!(f, "those in {path} ({place})"),
        }
    }
}

impl ConnectionError {
    /// Whether another attempt cannot succeed unless something is changed. What DNS and the
    /// network say may pass once they have worked before.
    pub(super) fn is_final(&self, has_worked: bool) -> bool {
        match self.cause {
            Cause::Untrusted(_) | Cause::ProxyAuthentication => true,
            Cause::ProxyRejected(status) => status.is_none_or(|status| status < 500),
            Cause::UnknownHost(_)
            | Cause::NoNameServer(_)
            | Cause::NoNetwork
            | Cause::NoTls
            | Cause::TimedOut(_) => !has_worked,
            Cause::NoAnswerFromDns(_) | Cause::Refused | Cause::ProxyClosed | Cause::Broken => {
                false
            }
        }
    }

    /// Whose certificate it is.
    fn server(&self) -> String {
        if self.at_proxy {
            self.peer()
        } else {
            self.target.clone()
        }
    }

    /// Who did not answer, or answered wrongly: the proxy if there is one, the target otherwise.
    fn peer(&self) -> String {
        match &self.proxy {
            Some(proxy) => format!("the proxy {proxy} ({})", proxy.variable()),
            None => self.target.clone(),
        }
    }

    /// The cause in a few words, the same whatever host of a service was to be reached: as gaps say it.
    #[must_use]
    pub fn detail(&self) -> String {
        let proxy = self
            .proxy
            .as_ref()
            .map(|proxy| format!("the proxy {proxy} "));
        let by_proxy = proxy.as_deref().unwrap_or_default();
        match &self.cause {
            Cause::NoNetwork => "no network".to_owned(),
            Cause::UnknownHost(_) if self.proxy.is_some() => "DNS knows no such proxy".to_owned(),
            Cause::UnknownHost(_) => "DNS knows no such host".to_owned(),
            Cause::NoAnswerFromDns(_) | Cause::NoNameServer(_) => "DNS does not answer".to_owned(),
            Cause::Refused => format!("{by_proxy}refuses connections"),
            Cause::TimedOut(_) => format!("{by_proxy}accepts no connection"),
            Cause::Untrusted(why) => format!("certificate not trusted: {why}"),
            Cause::NoTls => "no TLS".to_owned(),
            Cause::ProxyAuthentication => format!("{by_proxy}answers HTTP 407"),
            Cause::ProxyRejected(Some(status)) => format!("{by_proxy}answers HTTP {status}"),
            Cause::ProxyRejected(None) => format!("{by_proxy}does not connect"),
            Cause::ProxyClosed | Cause::Broken => format!("{by_proxy}breaks off connections"),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match &self.cause {
            Cause::NoNetwork
            | Cause::UnknownHost(_)
            | Cause::NoAnswerFromDns(_)
            | Cause::NoNameServer(_) => self.help_network(),
            Cause::Refused => self.help_refused(),
            Cause::TimedOut(_) | Cause::Broken => match &self.proxy {
                Some(proxy) => format!("check the network, and {}", proxy.variable()),
                None => {
                    "check the network, the VPN and the firewall; where AWS is reached through \
                         a proxy, set HTTPS_PROXY=http://HOST:PORT"
                        .to_owned()
                }
            },
            Cause::Untrusted(why) => self.help_trust(*why),
            Cause::NoTls => match &self.proxy {
                Some(proxy) if proxy.is_tls() => format!(
                    "most proxies are spoken to without TLS: try {}=http://{}:{}",
                    proxy.variable(),
                    proxy.host(),
                    proxy.port()
                ),
                _ => "if the endpoint speaks plain HTTP, give its URL as http://".to_owned(),
            },
            Cause::ProxyAuthentication => self.help_proxy_authentication(),
            Cause::ProxyRejected(Some(500..)) => {
                "the proxy itself may have no way there; ask whoever runs it".to_owned()
            }
            Cause::ProxyRejected(_) => format!(
                "ask whoever runs the proxy to allow {}, or list the host in NO_PROXY if it can be \
                 reached without",
                self.target
            ),
            Cause::ProxyClosed => match &self.proxy {
                Some(proxy) => format!("check that {} names an HTTP proxy", proxy.variable()),
                None => "check that HTTPS_PROXY names an HTTP proxy".to_owned(),
            },
        }
    }

    fn help_refused(&self) -> String {
        match (&self.proxy, self.is_custom) {
            (Some(proxy), _) => format!(
                "check that the proxy runs there, or correct {}",
                proxy.variable()
            ),
            (None, true) => "start what should answer there, or correct the endpoint URL \
                             (AWS_ENDPOINT_URL, endpoint_url)"
                .to_owned(),
            (None, false) => "a firewall may forbid it; where AWS is reached through a proxy, \
                              set HTTPS_PROXY=http://HOST:PORT"
                .to_owned(),
        }
    }

    fn help_proxy_authentication(&self) -> String {
        match &self.proxy {
            Some(proxy) if proxy.user().is_some() => format!(
                "correct the user name and password in {}; special characters are \
                 percent-encoded, and only Basic authentication is supported",
                proxy.variable()
            ),
            Some(proxy) => format!(
                "write them into {0}: {0}=http://USER:PASSWORD@{1}:{2}",
                proxy.variable(),
                proxy.host(),
                proxy.port()
            ),
            None => "give the proxy's user name and password in HTTPS_PROXY".to_owned(),
        }
    }

    fn help_network(&self) -> String {
        let mut help = "check the network, the VPN and the name server".to_owned();
        match (&self.proxy, self.is_custom) {
            (Some(proxy), _) => write!(help, ", and {}", proxy.variable()),
            (None, true) => write!(
                help,
                ", and the endpoint URL (AWS_ENDPOINT_URL, endpoint_url)"
            ),
            (None, false) => write!(
                help,
                "; where AWS is reached through a proxy, set HTTPS_PROXY=http://HOST:PORT"
            ),
        }
        .unwrap_or_default();
        help
    }

    fn help_trust(&self, why: Untrusted) -> String {
        match why {
            Untrusted::Expired | Untrusted::NotYetValid => {
                let now = Timestamp::now().strftime("%Y-%m-%d %H:%M");
                format!(
                    "this machine takes it for {now} UTC: set its clock if that is wrong; \
                     otherwise the certificate has to be replaced"
                )
            }
            Untrusted::OtherName => {
                "the name leads to another server: check DNS, and the endpoint URL if you set one"
                    .to_owned()
            }
            Untrusted::UnknownIssuer | Untrusted::Other => match &self.trust {
                TrustSource::System => "where a proxy or firewall of yours inspects TLS, set \
                                        AWS_CA_BUNDLE to a PEM file with its CA certificate"
                    .to_owned(),
                TrustSource::File { path, .. } => format!(
                    "add the CA certificate of the proxy or firewall that inspects TLS to {path}"
                ),
            },
        }
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (target, peer) = (&self.target, self.peer());
        match &self.cause {
            Cause::NoNetwork => write!(f, "this machine has no network that leads to {peer}"),
            Cause::UnknownHost(host) => {
                write!(f, "DNS knows no host {host}")?;
                self.behind(f)
            }
            Cause::NoAnswerFromDns(host) => {
                write!(f, "DNS cannot say for now what the address of {host} is")?;
                self.behind(f)
            }
            Cause::NoNameServer(host) => {
                write!(
                    f,
                    "no name server says in time what the address of {host} is"
                )?;
                self.behind(f)
            }
            Cause::Refused => write!(f, "{peer} refuses connections: nothing listens there"),
            Cause::TimedOut(Some(time)) => {
                write!(f, "{peer} accepted no connection within {time:?}")
            }
            Cause::TimedOut(None) => write!(f, "{peer} accepted no connection in time"),
            Cause::Untrusted(why) => self.write_untrusted(f, *why),
            Cause::NoTls => write!(f, "{} does not speak TLS as it should", self.server()),
            Cause::Broken => write!(f, "the connection to {peer} breaks off"),
            Cause::ProxyAuthentication => {
                let has_user = self.proxy.as_ref().is_some_and(|p| p.user().is_some());
                let what = if has_user {
                    "does not accept the user name and password it was given"
                } else {
                    "wants a user name and password"
                };
                write!(f, "{peer} {what} (HTTP 407)")
            }
            Cause::ProxyRejected(status) => {
                write!(f, "{peer} refuses to connect to {target}")?;
                match status {
                    Some(status) => write!(f, " (HTTP {status})"),
                    None => Ok(()),
                }
            }
            Cause::ProxyClosed => {
                write!(
                    f,
                    "{peer} broke off when it was asked to connect to {target}"
                )
            }
        }
    }
}

impl ConnectionError {
    /// Says why a certificate is not trusted, and whether a proxy passed it on.
    fn write_untrusted(&self, f: &mut fmt::Formatter<'_>, why: Untrusted) -> fmt::Result {
        write!(f, "the certificate of {} is not trusted: ", self.server())?;
        match why {
            Untrusted::UnknownIssuer => write!(f, "its issuer is not among {}", self.trust)?,
            Untrusted::OtherName => f.write_str("it is for another name")?,
            Untrusted::Expired => f.write_str("by the clock of this machine it has expired")?,
            Untrusted::NotYetValid => {
                f.write_str("by the clock of this machine it is not valid yet")?;
            }
            Untrusted::Other => f.write_str("it is malformed, revoked or wrongly signed")?,
        }
        match &self.proxy {
            Some(proxy) if !self.at_proxy => write!(
                f,
                "; it came through the proxy {proxy} ({})",
                proxy.variable()
            ),
            _ => Ok(()),
        }
    }

    /// Says whose host it is that DNS does not know.
    fn behind(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.proxy {
            Some(proxy) => write!(f, ", the proxy that {} names", proxy.variable()),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConnectionError {}
