//! Which proxy a request goes through, read from the environment as the AWS CLI reads it.
//!
//! Lower-case variables win over upper-case ones, an empty one means none, and `NO_PROXY` lists hosts
//! with everything below them. Beyond the CLI, `NO_PROXY` takes addresses and ranges of addresses, and
//! `ALL_PROXY` serves where neither of the others is set.

use super::settings::BadSetting;
use aws_types::os_shim_internal::Env;
use http::Uri;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;

/// A proxy, with the variable that names it. Its user name and password are never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// With the user name and password, if it has them.
    address: Uri,
    variable: &'static str,
}

impl Proxy {
    fn parse(variable: &'static str, value: &str) -> Result<Self, BadSetting> {
        let bad = |why: &str, help: &str| BadSetting::new(variable, why, help);
        let form = || {
            bad(
                "is not the address of a proxy",
                "write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters \
                 in the password percent-encoded",
            )
        };
        // As the AWS CLI does: an address without a scheme is http.
        let value = if value.contains("://") {
            value.to_owned()
        } else {
            format!("http://{value}")
        };
        let scheme = value.split("://").next().unwrap_or_default();
        if scheme.to_ascii_lowercase().starts_with("socks") {
            return Err(bad(
                "names a SOCKS proxy",
                "only HTTP proxies are supported, as in the AWS CLI: http://HOST:PORT",
            ));
        }
        let address: Uri = value.parse().map_err(|_| form())?;
        // A password that is not percent-encoded ends the authority early.
        let is_cut = value.contains('@') && !has_user(&address);
        if is_proxy(&address) && !is_cut {
            Ok(Self { address, variable })
        } else {
            Err(form())
        }
    }

    /// The address as the HTTP client takes it, with the user name and password.
    pub(super) fn address(&self) -> &Uri {
        &self.address
    }

    pub(super) fn host(&self) -> &str {
        self.address.host().unwrap_or_default()
    }

    pub(super) fn port(&self) -> u16 {
        let usual = if self.is_tls() { 443 } else { 80 };
        self.address.port_u16().unwrap_or(usual)
    }

    /// Whether the connection to the proxy itself is encrypted.
    pub(super) fn is_tls(&self) -> bool {
        self.address.scheme_str() == Some("https")
    }

    /// The user name and password, percent-encoded as they were given.
    pub(super) fn user(&self) -> Option<&str> {
        let authority = self.address.authority()?.as_str();
        authority.rsplit_once('@').map(|(user, _)| user)
    }

    /// The variable that names it, such as `HTTPS_PROXY`.
    pub(super) fn variable(&self) -> &'static str {
        self.variable
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.address.scheme_str().unwrap_or("http");
        write!(f, "{scheme}://{}:{}", self.host(), self.port())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({})", self.variable)
    }
}

/// The proxies of the environment, and what goes past them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    /// What `NO_PROXY` lists, in lower case.
    direct: Vec<String>,
}

impl Proxies {
    /// Reads the environment.
    ///
    /// # Errors
    /// Every variable that does not name a proxy.
    pub(super) fn from_env(env: &Env) -> Result<Self, Vec<BadSetting>> {
        let mut bad = Vec::new();
        let mut read = |names: [&'static str; 2]| {
            let (variable, value) = first(env, names)?;
            Proxy::parse(variable, &value).map_err(|e| bad.push(e)).ok()
        };
        // What a web server sets to a header of a request is not read: CVE-2016-5385 and the like.
        let http = if env.get("REQUEST_METHOD").is_ok() {
            read(["http_proxy", "http_proxy"])
        } else {
            read(["http_proxy", "HTTP_PROXY"])
        };
        let https = read(["https_proxy", "HTTPS_PROXY"]);
        let mut all = || match first(env, ["all_proxy", "ALL_PROXY"]) {
            // The AWS CLI does not know the variable: a SOCKS proxy for other programs is passed over.
            Some((_, value)) if value.to_ascii_lowercase().starts_with("socks") => None,
            _ => read(["all_proxy", "ALL_PROXY"]),
        };
        let proxies = Self {
            http: http.or_else(&mut all),
            https: https.or_else(&mut all),
            direct: first(env, ["no_proxy", "NO_PROXY"])
                .map(|(_, value)| entries(&value))
                .unwrap_or_default(),
        };
        bad.dedup();
        if bad.is_empty() {
            Ok(proxies)
        } else {
            Err(bad)
        }
    }

    /// Every proxy there is.
    pub(super) fn all(&self) -> impl Iterator<Item = &Proxy> {
        self.http.iter().chain(&self.https)
    }

    /// The proxy that a request goes through, if it goes through one.
    pub(super) fn of(&self, address: &Uri) -> Option<&Proxy> {
        let (proxy, usual) = match address.scheme_str() {
            Some("http") => (self.http.as_ref()?, 80),
            Some("https") => (self.https.as_ref()?, 443),
            _ => return None,
        };
        let host = address.host()?.to_ascii_lowercase();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = address.port_u16().unwrap_or(usual);
        (!is_near(host) && !self.is_exempt(host, port)).then_some(proxy)
    }

    fn is_exempt(&self, host: &str, port: u16) -> bool {
        let with_port = format!("{host}:{port}");
        let address: Option<IpAddr> = host.parse().ok();
        self.direct.iter().any(|entry| {
            let below = |name: &str| {
                name.strip_suffix(entry.as_str())
                    .is_some_and(|above| above.is_empty() || above.ends_with('.'))
            };
            let holds = |address| match entry.parse::<IpNet>() {
                Ok(range) => range.contains(&address),
                Err(_) => entry.parse() == Ok(address),
            };
            entry == "*" || below(host) || below(&with_port) || address.is_some_and(holds)
        })
    }
}

fn has_user(address: &Uri) -> bool {
    let authority = address.authority();
    authority.is_some_and(|authority| authority.as_str().contains('@'))
}

fn is_proxy(address: &Uri) -> bool {
    let Some(authority) = address.authority() else {
        return false;
    };
    let (whole, host) = (authority.as_str(), authority.host());
    let host_and_port = whole.rsplit_once('@').map_or(whole, |(_, rest)| rest);
    let has_port = host_and_port.len() > host.len();
    matches!(address.scheme_str(), Some("http" | "https"))
        && !host.is_empty()
        && (!has_port || authority.port_u16().is_some())
}

/// The first of two variables that is set, unless it is empty.
fn first(env: &Env, names: [&'static str; 2]) -> Option<(&'static str, String)> {
    let set = names
        .into_iter()
        .find_map(|name| Some((name, env.get(name).ok()?)));
    set.map(|(name, value)| (name, value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
}

/// What a `NO_PROXY` lists: `.example.com` and `*.example.com` are `example.com`.
fn entries(list: &str) -> Vec<String> {
    list.split(',')
        .map(|entry| {
            let entry = entry.trim().to_ascii_lowercase();
            let entry = entry.strip_prefix("*.").unwrap_or(&entry);
            entry.trim_start_matches('.').to_owned()
        })
        .filter(|entry| !entry.is_empty())
        .collect()
}

/// Whether only this machine can answer: itself, and the services that hand out an instance's or a
/// container's credentials. No proxy can reach them for us.
fn is_near(host: &str) -> bool {
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        // fd00:ec2::254 and fd00:ec2::23 are the metadata service and the credentials of a pod.
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.segments()[..2] == [0xfd00, 0xec2]
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::from_env(&Env::from_slice(variables)).expect("proxies")
    }

    fn shown(variables: &[(&str, &str)], address: &str) -> String {
        let address = address.parse().expect("an address");
        let proxies = proxies(variables);
        let proxy = proxies.of(&address);
        proxy.map_or_else(|| "direct".to_owned(), |proxy| format!("{proxy:?}"))
    }

    const S3: &str = "https://s3.eu-west-1.amazonaws.com/";

    #[test]
    fn each_scheme_has_its_proxy() {
        let both = [
            ("HTTP_PROXY", "http://one.example"),
            ("HTTPS_PROXY", "http://two.example:3128"),
        ];
        assert_eq!(shown(&both, S3), "http://two.example:3128 (HTTPS_PROXY)");
        assert_eq!(
            shown(&both, "http://emulator:4566/"),
            "http://one.example:80 (HTTP_PROXY)"
        );
        assert_eq!(shown(&both[..1], S3), "direct");
        let all = [("all_proxy", "three.example:8080")];
        assert_eq!(shown(&all, S3), "http://three.example:8080 (all_proxy)");
        assert_eq!(shown(&[("ALL_PROXY", "socks5://three:1080")], S3), "direct");
    }

    #[test]
    fn lower_case_wins_and_an_empty_variable_means_none() {
        let upper = ("HTTPS_PROXY", "http://upper:1");
        let lower = ("https_proxy", "http://lower:2");
        assert_eq!(shown(&[upper, lower], S3), "http://lower:2 (https_proxy)");
        assert_eq!(shown(&[upper, ("https_proxy", "")], S3), "direct");
        assert_eq!(shown(&[("HTTPS_PROXY", " ")], S3), "direct");
        let web_server = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil:1")];
        assert_eq!(shown(&web_server, "http://emulator:4566/"), "direct");
    }

    #[test]
    fn hosts_may_be_exempt_with_what_is_below_them() {
        let direct = |list: &str, address: &str| {
            let variables = [
                ("HTTPS_PROXY", "http://p:1"),
                ("HTTP_PROXY", "http://p:1"),
                ("NO_PROXY", list),
            ];
            shown(&variables, address) == "direct"
        };
        let s3 = "https://bucket.s3.eu-west-1.amazonaws.com/";
        for list in [
            "amazonaws.com",
            ".amazonaws.com",
            "*.amazonaws.com",
            "AMAZONAWS.COM",
            "x, .s3.eu-west-1.amazonaws.com",
            "amazonaws.com:443",
            "*",
        ] {
            assert!(direct(list, s3), "{list}");
        }
        for list in ["", "aws.com", "amazonaws.com:80", "s3.amazonaws.com", ","] {
            assert!(!direct(list, s3), "{list}");
        }
        assert!(direct("10.0.0.0/8", "http://10.1.2.3:4566/"));
        assert!(direct("10.1.2.3", "http://10.1.2.3:4566/"));
        assert!(!direct("10.0.0.0/8", "http://11.1.2.3:4566/"));
        assert!(direct("fd00::/8", "http://[fd12::1]/"));
    }

    #[test]
    fn this_machine_and_its_credentials_are_never_asked_by_a_proxy() {
        let both = [("HTTPS_PROXY", "http://p:1"), ("HTTP_PROXY", "http://p:1")];
        for near in [
            "http://localhost:4566/",
            "http://111122223333.localhost:4566/",
            "http://127.0.0.1/",
            "http://[::1]:4566/",
            "http://169.254.169.254/latest/meta-data/",
            "http://169.254.170.2/v2/credentials",
            "http://[fd00:ec2::254]/latest/",
        ] {
            assert_eq!(shown(&both, near), "direct", "{near}");
        }
        assert_ne!(shown(&both, "http://localhost.example.com/"), "direct");
    }

    #[test]
    fn what_is_no_proxy_is_told_without_its_password() {
        for bad in [
            "http://user:h1d/d#en@proxy:8080",
            "http://user:12#h1dden@proxy:8080",
            "ftp://user:h1dden@proxy",
            "http://",
            "socks5h://user:h1dden@proxy:1080",
        ] {
            let variables = [("HTTPS_PROXY", bad), ("http_proxy", bad)];
            let error = Proxies::from_env(&Env::from_slice(&variables)).expect_err(bad);
            assert_eq!(error.len(), 2, "{error:?}");
            let error = format!("{error:?}");
            assert!(error.contains("HTTPS_PROXY"), "{error}");
            assert!(!error.contains("h1d"), "{error}");
        }
        let proxies = proxies(&[("HTTPS_PROXY", "http://user:h1dden@proxy:8080")]);
        assert!(!format!("{proxies:?}").contains("h1dden"));
        let proxy = proxies.https.expect("a proxy");
        assert_eq!(proxy.user(), Some("user:h1dden"));
    }
}
