//! What every request has to pass: the host it is for, where it comes from, how often, and who asks.

use super::problem::Problem;
use super::rate::RateLimiter;
use crate::serve::auth::{Actor, Role, whose};
use crate::serve::listen::Peer;
use crate::serve::state::Service;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// What the guard knows.
pub(super) struct Guard {
    service: Arc<Service>,
    hosts: Vec<String>,
    rate: RateLimiter,
}

impl Guard {
    /// A guard of a service that listens on an address.
    pub(super) fn new(service: Arc<Service>, address: SocketAddr) -> Self {
        let mut hosts: Vec<String> = service
            .config
            .host
            .iter()
            .map(|h| h.to_lowercase())
            .collect();
        if !address.ip().is_unspecified() {
            hosts.push(address.to_string());
        }
        if address.ip().is_loopback() {
            hosts.push(format!("localhost:{}", address.port()));
        }
        Self {
            service,
            hosts,
            rate: RateLimiter::default(),
        }
    }

    /// Refuses requests for other hosts: a name of somebody else's that resolves to this address.
    fn check_host(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str));
        if host.is_some_and(|host| self.hosts.contains(&host.to_lowercase())) {
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
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let foreign = text(header::ORIGIN).is_some_and(|origin| {
            let host = origin
                .split_once("://")
                .map(|(_, host)| host.to_lowercase());
            !host.is_some_and(|host| self.hosts.contains(&host))
        });
        let site = headers
            .get("sec-fetch-site")
            .map(|value| value.to_str().unwrap_or("?"));
        let cross = site.is_some_and(|site| site != "same-origin" && site != "none");
        if foreign || cross {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "a page of another site may not change anything here",
            ));
        }
        Ok(())
    }

    async fn actor(&self, headers: &HeaderMap, uri: &Uri) -> Result<Actor, Problem> {
        let secrets = ["token=", "access_token=", "api_key="];
        let query = uri.query().unwrap_or_default();
        if query
            .split('&')
            .any(|pair| secrets.iter().any(|secret| pair.starts_with(secret)))
        {
            return Err(Problem::bad(
                "a token in an address ends up in logs: send it in the header Authorization, and \
                 revoke this one",
            ));
        }
        if !self.service.config.tokens {
            return Ok(Actor::local());
        }
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = token.and_then(|value| value.strip_prefix("Bearer "));
        let Some(token) = token else {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "send a token: `Authorization: Bearer …`; `sixpillars serve token` makes one",
            ));
        };
        let actor = whose(&self.service.database, token.trim()).await?;
        actor.ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "this token is not valid: it is unknown, expired or revoked",
            )
        })
    }
}

/// Addresses that tell nothing and take no token.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// Lets a request through, or says why not.
pub(super) async fn guard(
    State(guard): State<Arc<Guard>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    // Load balancers ask for an address, not for a host.
    if OPEN.contains(&uri.path()) {
        return next.run(request).await;
    }
    // Behind a proxy, all requests come from it.
    if !guard.service.config.behind_proxy && !guard.rate.allows(peer.ip(), Instant::now()) {
        let detail = "too many requests from this address; wait a little";
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).into_response();
    }
    let headers = request.headers();
    let checked = guard
        .check_host(headers, &uri)
        .and_then(|()| guard.check_origin(&method, headers));
    let actor = match checked {
        Ok(()) => guard.actor(headers, &uri).await,
        Err(problem) => Err(problem),
    };
    match actor {
        Ok(actor) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Refuses whoever has a lesser role.
pub(super) fn needs(actor: &Actor, role: Role) -> Result<(), Problem> {
    if actor.role >= role {
        return Ok(());
    }
    let name = serde_json::to_string(&role).unwrap_or_default();
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        format!("this takes the role {}", name.trim_matches('"')),
    ))
}

/// Refuses a target that there is not, or not for whoever asks: both read alike.
pub(super) fn sees(actor: &Actor, target: &str) -> Result<(), Problem> {
    if actor.sees(target) {
        Ok(())
    } else {
        Err(Problem::missing(
            "there is no such target, audit or finding",
        ))
    }
}
