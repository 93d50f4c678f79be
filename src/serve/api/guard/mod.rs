//! The checks of every request: its form, host, origin and rate. Requests for data also need a caller with
//! the right role.

mod form;
mod reach;
mod who;

pub(super) use form::LONGEST_BODY;
pub(super) use reach::Reach;

use super::problem::Problem;
use super::rate::RateLimiter;
use super::roles::Roles;
use crate::serve::auth::{Actor, Role};
use crate::serve::listen::Peer;
use crate::serve::oidc::Oidc;
use crate::serve::session::{Cookies, is_csrf};
use crate::serve::state::Service;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use form::check_form;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// Requests that a client may make at once, and each second after that.
const REQUESTS: (f64, f64) = (300.0, 50.0);
/// The same for logins, each of which writes a row.
const LOGINS: (f64, f64) = (30.0, 0.5);
/// The same for tokens and logins that are refused.
const FAILURES: (f64, f64) = (20.0, 0.2);
/// What is counted by these limits.
const FAILED: &str = "tokens and logins that were refused";
/// The header with the CSRF token, which only a page of the service can read.
const CSRF: &str = "x-csrf-token";

/// What the checks need.
pub(super) struct Guard {
    service: Arc<Service>,
    hosts: Vec<String>,
    origins: Vec<String>,
    roles: Roles,
    requests: RateLimiter,
    logins: RateLimiter,
    failures: RateLimiter,
    /// The provider that people log in with.
    pub(super) oidc: Option<Oidc>,
    /// The cookies of people who log in.
    pub(super) cookies: Cookies,
}

/// Where a request comes from, as far as it can be known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub(super) IpAddr);

/// What the cookie of a session holds. It is a secret.
#[derive(Clone)]
pub(super) struct SessionSecret(pub(super) String);

impl Guard {
    /// A guard of a service that listens on an address.
    pub(super) fn new(
        service: Arc<Service>,
        address: SocketAddr,
        (reach, oidc): (&Reach, Option<Oidc>),
        roles: Roles,
    ) -> Self {
        let config = &service.config;
        let scheme = if config.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let mut own = Vec::new();
        if !address.ip().is_unspecified() {
            own.push(address.to_string());
        }
        if address.ip().is_loopback() {
            own.push(format!("localhost:{}", address.port()));
        }
        let mut origins: Vec<String> = own
            .iter()
            .map(|host| format!("{scheme}://{host}"))
            .collect();
        let mut hosts = own;
        if let Some(host) = &config.host {
            hosts.push(host.to_lowercase());
            origins.push(reach.base.to_lowercase());
        }
        let limiter = |(burst, rate)| RateLimiter::new(burst, rate);
        Self {
            hosts,
            origins,
            roles,
            requests: limiter(REQUESTS),
            logins: limiter(LOGINS),
            failures: limiter(FAILURES),
            oidc,
            cookies: Cookies::new(reach.is_secure()),
            service,
        }
    }

    /// Whether a client may begin one more login.
    pub(super) fn check_login(&self, Client(client): Client) -> Result<(), Problem> {
        if self.logins.allows(client, Instant::now()) {
            Ok(())
        } else {
            Err(too_many("logins"))
        }
    }

    /// Whether a client may try one more token or login, after those that were refused.
    pub(super) fn check_failures(&self, Client(client): Client) -> Result<(), Problem> {
        if self.failures.has_room(client, Instant::now()) {
            Ok(())
        } else {
            Err(too_many(FAILED))
        }
    }

    /// Counts a token or a login that is refused. It is answered like any further one where many came
    /// in parallel, before any of them was counted.
    pub(super) fn failed(&self, Client(client): Client) -> Result<(), Problem> {
        if self.failures.allows(client, Instant::now()) {
            Ok(())
        } else {
            Err(too_many(FAILED))
        }
    }

    /// Refuses requests for other hosts, such as a foreign name that resolves to this address.
    fn check_host(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
        let named = headers.get_all(header::HOST).iter().count();
        let host = headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok());
        let authority = uri.authority().map(http::uri::Authority::as_str);
        let known = |host: &str| self.hosts.contains(&host.to_lowercase());
        // HTTP/2 has no header `Host`, and a request to a proxy names the host twice.
        let every_is_known = host.into_iter().chain(authority).all(known);
        if named <= 1 && every_is_known && host.or(authority).is_some() {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this service is not that host; `url` in its configuration names the one that it is",
        ))
    }

    /// Refuses changes that a page of another site asks for.
    fn check_origin(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        if method.is_safe() {
            return Ok(());
        }
        let text = |value: &http::HeaderValue| value.to_str().unwrap_or("?").to_lowercase();
        let mut origins = headers.get_all(header::ORIGIN).iter().map(text);
        let foreign = origins.any(|origin| !self.origins.contains(&origin));
        let mut sites = headers.get_all("sec-fetch-site").iter().map(text);
        if foreign || sites.any(|site| site != "same-origin" && site != "none") {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "a page of another site may not change anything here",
            ));
        }
        Ok(())
    }

    /// The client's address: behind a proxy, the last one in the header, which the proxy added.
    fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Client {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let last = forwarded
            .filter(|_| self.service.config.behind_proxy)
            .and_then(|value| value.to_str().ok()?.rsplit(',').next())
            .and_then(|text| address(text.trim()));
        Client(last.unwrap_or_else(|| peer.ip()))
    }
}

/// An address as proxies write it: with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let alone = bare.parse().ok();
    alone.or_else(|| {
        text.parse()
            .ok()
            .map(|with_port: SocketAddr| with_port.ip())
    })
}

fn too_many(what: &str) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        format!("too many {what} from this address; wait a little"),
    )
}

/// Paths that reveal nothing, and that load balancers request without a host.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Lets a request through, or says why not. Who sent it does not matter here.
pub(super) async fn gate(
    State(guard): State<Arc<Guard>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    let client = guard.client(peer, headers);
    if !guard.requests.allows(client.0, Instant::now()) {
        return too_many("requests").into_response();
    }
    let checked = check_form(headers, uri).and_then(|()| {
        if PROBES.contains(&uri.path()) {
            return Ok(());
        }
        guard.check_host(headers, uri)?;
        guard.check_origin(method, headers)
    });
    if let Err(problem) = checked {
        return problem.into_response();
    }
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Lets a request through if its caller may do this, or says why not.
pub(super) async fn identify(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match identified(&guard, &parts).await {
        Ok((actor, held)) => {
            parts.extensions.insert(actor);
            if let Some(held) = held {
                parts.extensions.insert(held);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn identified(
    guard: &Guard,
    parts: &Parts,
) -> Result<(Actor, Option<SessionSecret>), Problem> {
    let client = parts.extensions.get::<Client>().copied();
    let path = parts.extensions.get::<MatchedPath>();
    let (Some(client), Some(path)) = (client, path) else {
        // If the layers of the router were in another order, nobody would get in.
        return Err(Problem::new(StatusCode::FORBIDDEN, "nobody may do this"));
    };
    let (actor, held) = guard.actor(client, &parts.headers).await?;
    if let (Some(SessionSecret(held)), false) = (&held, parts.method.is_safe()) {
        let sent = parts.headers.get(CSRF).and_then(|sent| sent.to_str().ok());
        if !sent.is_some_and(|sent| is_csrf(held, sent)) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "a change requires the header x-csrf-token with the value `csrf` of /api/v1/me",
            ));
        }
    }
    require_role(&actor, guard.roles.least(&parts.method, path.as_str()))?;
    Ok((actor, held))
}

/// Refuses callers with a lesser role.
pub(super) fn require_role(actor: &Actor, role: Role) -> Result<(), Problem> {
    if actor.role >= role {
        return Ok(());
    }
    let name = serde_json::to_string(&role).unwrap_or_default();
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        format!("this requires the role {}", name.trim_matches('"')),
    ))
}

/// Refuses callers who are not admin of all targets. `what` begins the message, such as `tokens are`.
pub(super) fn admin_of_all(actor: &Actor, what: &str) -> Result<(), Problem> {
    require_role(actor, Role::Admin)?;
    if actor.targets.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        format!("{what} for an admin of all targets, but this token is restricted to some targets"),
    ))
}

/// Refuses a target that does not exist or that the caller may not see, with the same message.
pub(super) fn require_target(actor: &Actor, target: &str) -> Result<(), Problem> {
    if actor.sees(target) {
        Ok(())
    } else {
        Err(Problem::missing(
            "there is no such target, audit or finding",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_writes_addresses_in_several_ways() {
        for (text, ip) in [
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3:4567", "10.1.2.3"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4567", "2001:db8::1"),
        ] {
            assert_eq!(address(text), ip.parse().ok(), "{text}");
        }
        for none in ["", "unknown", "evil.example", "10.1.2"] {
            assert_eq!(address(none), None, "{none}");
        }
    }
}
