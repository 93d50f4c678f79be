//! Logging in and out, for people.

use super::body::Params;
use super::context::{AppState, Caller};
use super::guard::{Client, Guard, Reach, SessionSecret};
use super::problem::Problem;
use crate::aws::http::Network;
use crate::commands::CommandError;
use crate::serve::auth::{hash, secret};
use crate::serve::oidc::{LoginError, Oidc, Person};
use crate::serve::session::kept;
use crate::serve::state::Service;
use crate::store::{Login, Session, StoreError};
use axum::Extension;
use axum::extract::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// How long somebody may take at the provider.
const LOGIN_TIMEOUT: Duration = Duration::from_mins(10);
/// The longest path to come back to, in bytes.
const LONGEST_PATH: usize = 2000;

type Guarded = Extension<Arc<Guard>>;
type ClientAddress = Extension<Client>;

/// The provider of a service, if people log in with one.
///
/// # Errors
/// When a proxy of the environment cannot be used.
pub(super) fn provider(service: &Service, reach: &Reach) -> Result<Option<Oidc>, CommandError> {
    let Some(config) = service.config.oidc.clone() else {
        return Ok(None);
    };
    let network = Network::from_env().map_err(|error| CommandError::Usage(error.to_string()))?;
    Ok(Some(Oidc::new(config, &network, reach.base.clone())))
}

/// Where to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Begin {
    /// The page to show afterwards, a path of this service; `/` by default
    to: Option<String>,
}

/// Send a browser to the provider to log in
#[utoipa::path(get, path = "/login", operation_id = "beginLogin", tag = "access", security(()),
    params(Begin),
    responses((status = 303, description = "To the provider; or straight to the page where nobody has to log in"),
        (status = "4XX", body = Problem), (status = 502, body = Problem)))]
pub(super) async fn begin(
    service: AppState,
    Extension(guard): Guarded,
    Extension(client): ClientAddress,
    headers: HeaderMap,
    begin: Result<Params<Begin>, Problem>,
) -> Response {
    let answer = begun(&service, &guard, client, &headers, begin).await;
    answer.unwrap_or_else(|problem| refused(&headers, problem))
}

async fn begun(
    service: &Service,
    guard: &Guard,
    client: Client,
    headers: &HeaderMap,
    begin: Result<Params<Begin>, Problem>,
) -> Result<Response, Problem> {
    let to = begin?.0.to.unwrap_or_else(|| "/".to_owned());
    if !is_local(&to) {
        return Err(Problem::bad("`to` is not a path of this service"));
    }
    let Some(oidc) = &guard.oidc else {
        if service.config.has_login() {
            return Err(Problem::missing(
                "people cannot log in here: the configuration has no `oidc`, and takes tokens only",
            ));
        }
        return Ok(see_other(&to, CookieJar::new()));
    };
    guard.check_login(client)?;
    let login = oidc.begin().await.map_err(|error| unavailable(&error))?;
    // Logins in several windows of a browser share its cookie.
    let jar = CookieJar::from_headers(headers);
    let browser = match guard.cookies.login(&jar) {
        Some(browser) => browser,
        None => secret()?,
    };
    let now = Timestamp::now();
    let record = Login {
        state: hash(&login.state),
        browser: hash(&browser),
        nonce: login.nonce,
        verifier: login.verifier,
        leads_to: to,
        expires: now.checked_add(LOGIN_TIMEOUT).unwrap_or(Timestamp::MAX),
    };
    service.database.begin_login(&record, now).await?;
    let cookie = guard.cookies.of_login(browser, LOGIN_TIMEOUT);
    Ok(see_other(&login.address, CookieJar::new().add(cookie)))
}

/// What the provider sends a browser back with. It may send more.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct End {
    /// What the login was begun with
    state: Option<String>,
    /// What the provider gives a token for
    code: Option<String>,
    /// The provider, where it says so (RFC 9207)
    iss: Option<String>,
    /// Why there is no code
    error: Option<String>,
}

/// Take a browser back from the provider, and begin a session
#[utoipa::path(get, path = "/auth/callback", operation_id = "endLogin", tag = "access", security(()),
    params(End),
    responses((status = 303, description = "To the requested page, with a cookie"),
        (status = "4XX", body = Problem), (status = 502, body = Problem)))]
pub(super) async fn end(
    service: AppState,
    Extension(guard): Guarded,
    Extension(client): ClientAddress,
    headers: HeaderMap,
    end: Result<Params<End>, Problem>,
) -> Response {
    let ended = ended(&service, &guard, client, &headers, end).await;
    ended.unwrap_or_else(|problem| {
        tracing::warn!(client = %client.0, why = problem.detail(), "a login was refused");
        let problem = guard.failed(client).err().unwrap_or(problem);
        refused(&headers, problem)
    })
}

async fn ended(
    service: &Service,
    guard: &Guard,
    client: Client,
    headers: &HeaderMap,
    end: Result<Params<End>, Problem>,
) -> Result<Response, Problem> {
    let Some(oidc) = &guard.oidc else {
        return Err(Problem::missing("people cannot log in here"));
    };
    guard.check_failures(client)?;
    let end = end?.0;
    let jar = CookieJar::from_headers(headers);
    let begun = match (&end.state, guard.cookies.login(&jar)) {
        (Some(state), Some(browser)) => {
            let now = Timestamp::now();
            let (state, browser) = (hash(state), hash(&browser));
            service.database.end_login(&state, &browser, now).await?
        }
        _ => None,
    };
    let begun = begun.ok_or_else(|| {
        Problem::bad(
            "this login was not begun in this browser, is older than ten minutes, or came back \
             twice; log in again",
        )
    })?;
    // A code of another provider must not be given to this one (RFC 9207).
    if end.iss.as_deref().is_some_and(|iss| iss != oidc.issuer()) {
        return Err(Problem::bad("another provider answered; log in again"));
    }
    let Some(code) = end.code.filter(|_| end.error.is_none()) else {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "the provider let nobody in; log in again",
        ));
    };
    let person = oidc.end(code, begun.nonce, begun.verifier).await;
    let person = person.map_err(|error| login_problem(&error))?;
    let cookie = start_session(service, guard, oidc, client, &jar, person).await?;
    Ok(see_other(&begun.leads_to, cookie))
}

/// Begins a session for somebody with a role. The session has a new secret, and the browser's earlier
/// session ends.
async fn start_session(
    service: &Service,
    guard: &Guard,
    oidc: &Oidc,
    Client(client): Client,
    jar: &CookieJar,
    person: Person,
) -> Result<CookieJar, Problem> {
    let now = Timestamp::now();
    let name = format!("{} ({})", person.name, person.subject);
    let from = client.to_string();
    let Some(role) = person.role else {
        let detail = serde_json::json!({"why": "no role", "client": from});
        service
            .database
            .log(&name, ("login.refuse", &person.subject), &detail, now)
            .await?;
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "you have no role here; ask whoever runs this service for one, and log in again",
        ));
    };
    if let Some(before) = guard.cookies.session(jar) {
        service.database.end_session(&kept(&before)).await?;
    }
    let held = secret()?;
    let (lasts, _) = oidc.lasts();
    let role = serde_json::to_value(role).map_err(StoreError::from)?;
    let session = Session {
        hash: kept(&held),
        login: oidc.fingerprint(),
        subject: person.subject,
        name: person.name,
        role: role.as_str().unwrap_or_default().to_owned(),
        id_token: person.id_token,
        made: now,
        seen: now,
        expires: now.checked_add(lasts).unwrap_or(Timestamp::MAX),
    };
    service.database.add_session(&session, now).await?;
    let detail = serde_json::json!({"role": session.role, "client": from});
    service
        .database
        .log(&name, ("login", &session.subject), &detail, now)
        .await?;
    Ok(CookieJar::new().add(guard.cookies.of_session(held)))
}

/// Where to go next.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogoutTarget {
    /// The provider's page that logs out there too, or a path of this service.
    to: String,
}

impl Default for LogoutTarget {
    fn default() -> Self {
        Self { to: "/".to_owned() }
    }
}

/// End the session of this browser
///
/// A caller with a token, or without login, has no session to end.
#[utoipa::path(post, path = "/logout", operation_id = "logOut", tag = "access",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = LogoutTarget), (status = "4XX", body = Problem)))]
pub(super) async fn out(
    service: AppState,
    Extension(guard): Guarded,
    by: Caller,
    held: Option<Extension<SessionSecret>>,
) -> Result<Response, Problem> {
    let (Some(Extension(SessionSecret(held))), Some(oidc)) = (held, &guard.oidc) else {
        return Ok(Json(LogoutTarget::default()).into_response());
    };
    let ended = service.database.end_session(&kept(&held)).await?;
    if let Some(session) = &ended {
        let detail = serde_json::json!({});
        service
            .database
            .log(
                &by.name,
                ("logout", &session.subject),
                &detail,
                Timestamp::now(),
            )
            .await?;
    }
    Ok(logged_out(&guard, oidc, ended.as_ref()).await)
}

/// The answer for a browser whose session is over. Leads to the provider's page that ends its session too.
pub(super) async fn logged_out(guard: &Guard, oidc: &Oidc, ended: Option<&Session>) -> Response {
    let mut target = LogoutTarget::default();
    if let Some(session) = ended {
        // The session is over, whether the provider answers or not.
        match oidc.end_session(&session.id_token).await {
            Ok(Some(address)) => target.to = address,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "nobody is logged out of the provider"),
        }
    }
    let jar = CookieJar::new().add(guard.cookies.without_session());
    // Answers may be in the browser's cache.
    let forget = [(HeaderName::from_static("clear-site-data"), "\"cache\"")];
    (forget, jar, Json(target)).into_response()
}

/// Whether a text is a path of this service that no browser takes for an address of another host.
fn is_local(to: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && b != b'\\';
    to.len() <= LONGEST_PATH
        && to.starts_with('/')
        && !to.starts_with("//")
        && to.bytes().all(plain)
}

fn see_other(to: &str, cookies: CookieJar) -> Response {
    let Ok(to) = HeaderValue::from_str(to) else {
        return Problem::bad("this address cannot be used").into_response();
    };
    (StatusCode::SEE_OTHER, cookies, [(header::LOCATION, to)]).into_response()
}

/// The error for a provider that cannot be asked. The log says why.
fn unavailable(error: &LoginError) -> Problem {
    tracing::warn!(%error, "the provider cannot be asked");
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "the provider that people log in with sent an unexpected answer; try again, and look into \
         the log",
    )
}

fn login_problem(error: &LoginError) -> Problem {
    match error {
        LoginError::Provider(_) => unavailable(error),
        LoginError::Code(_) | LoginError::Token(_) => {
            tracing::warn!(%error, "a login does not hold");
            Problem::new(
                StatusCode::FORBIDDEN,
                "the provider does not vouch for this login; log in again",
            )
        }
    }
}

/// A problem in a form that the client can read: people see these in their browsers.
fn refused(headers: &HeaderMap, problem: Problem) -> Response {
    let accepted = headers.get(header::ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    if !accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return problem.into_response();
    }
    // A text may repeat what was sent, such as the name of an unknown parameter.
    let detail = problem.detail();
    let detail = detail
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n<title>Six Pillars: not logged \
         in</title>\n<h1>Not logged in</h1>\n<p>{detail}</p>\n<p><a href=\"/login\">Log in</a></p>\n"
    );
    let mut response = problem.into_response();
    *response.body_mut() = axum::body::Body::from(page);
    let answer = response.headers_mut();
    answer.remove(header::CONTENT_LENGTH);
    answer.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_to_a_path_of_this_service_and_nowhere_else() {
        for good in ["/", "/targets/shop?x=1#findings", "/a//b", "/@evil.example"] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "targets",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\r\nset-cookie: x=y",
            "/é",
            " /",
        ] {
            assert!(!is_local(bad), "{bad:?}");
        }
        assert!(!is_local(&format!("/{}", "a".repeat(LONGEST_PATH))));
    }
}
