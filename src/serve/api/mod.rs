//! The HTTP API, `/api/v1`, and its description, `/api/openapi.json`.

mod attestations;
mod audits;
mod body;
mod context;
mod description;
mod details;
mod diff;
mod differences;
mod events;
mod exemptions;
mod findings;
mod guard;
mod health;
mod log;
mod login;
mod messages;
mod milestones;
mod observe;
mod page;
mod problem;
mod rate;
mod reports;
mod roles;
mod schedules;
mod sessions;
mod targets;
mod time;
mod tokens;
mod values;

use super::auth::Role;
use super::state::Service;
use crate::commands::CommandError;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};
use guard::{Guard, LONGEST_BODY, Reach};
use problem::Problem;
use roles::Roles;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long an answer may take to begin.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// The API's description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Six Pillars",
        description = "Audits of AWS accounts against the six pillars of the AWS Well-Architected \
                       Framework: on a schedule, on demand, and their history. Where an operation has \
                       security requirements, they name the least role that may do it: viewer, \
                       operator, approver or admin, each of which may do what those before it may. \
                       Changes by a session require the header `x-csrf-token` with the value `csrf` \
                       of `/api/v1/me`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This service")),
    security(("token" = ["admin"]), ("session" = ["admin"])),
    tags(
        (name = "targets", description = "What is audited"),
        (name = "schedules", description = "When it is audited"),
        (name = "audits", description = "Audits, their progress and their reports"),
        (name = "findings", description = "What is wrong now, and since when"),
        (name = "milestones", description = "Audits that are kept"),
        (name = "decisions", description = "What people accept for a while, and what only they know"),
        (name = "messages", description = "Messages to channels"),
        (name = "access", description = "Who may do what, and who did"),
        (name = "health", description = "For those who run the service"),
    )
)]
struct Description;

/// The operations that require a role, those that are open to anybody, and the description of both.
fn described() -> (
    Router<Arc<Service>>,
    Router<Arc<Service>>,
    utoipa::openapi::OpenApi,
) {
    let (closed, mut description) = closed().split_for_parts();
    let (open, more) = open().split_for_parts();
    description.merge(more);
    description::complete(&mut description);
    (closed, open, description)
}

/// The operations that are open to anybody. They reveal nothing.
fn open() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(login::begin))
        .routes(routes!(login::end))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
}

fn closed() -> OpenApiRouter<Arc<Service>> {
    let mut description = Description::openapi();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.description(Some("Made by `sixpillars serve token`"));
    let cookie = ApiKeyValue::with_description(
        "__Host-sixpillars-session",
        "Of a browser that logged in at `/login`; without `__Host-` where the service is reached \
         without TLS",
    );
    let schemes = description.components.get_or_insert_default();
    schemes.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    schemes.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    OpenApiRouter::with_openapi(description)
        .routes(routes!(targets::list))
        .routes(routes!(targets::trend))
        .routes(routes!(schedules::list, schedules::add))
        .routes(routes!(schedules::preview))
        .routes(routes!(
            schedules::show,
            schedules::change,
            schedules::remove
        ))
        .routes(routes!(audits::list, audits::start))
        .routes(routes!(audits::show))
        .routes(routes!(audits::cancel))
        .routes(routes!(events::events))
        .routes(routes!(reports::report))
        .routes(routes!(targets::pillars))
        .routes(routes!(diff::diff))
        .routes(routes!(differences::list))
        .routes(routes!(findings::list))
        .routes(routes!(findings::show))
        .routes(routes!(details::details))
        .routes(routes!(values::values))
        .routes(routes!(milestones::list, milestones::add))
        .routes(routes!(exemptions::list, exemptions::request))
        .routes(routes!(exemptions::decide))
        .routes(routes!(attestations::list, attestations::add))
        .routes(routes!(attestations::withdraw))
        .routes(routes!(messages::list))
        .routes(routes!(messages::send))
        .routes(routes!(log::list))
        .routes(routes!(login::out))
        .routes(routes!(tokens::me))
        .routes(routes!(tokens::list))
        .routes(routes!(tokens::revoke))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::end_own))
        .routes(routes!(health::metrics))
}

/// Where the API describes itself.
const DESCRIPTION: &str = "/api/openapi.json";

/// The service's router, for requests to an address.
///
/// # Errors
/// When the provider of the configuration cannot be reached by the proxies of the environment.
pub(super) fn router(service: Arc<Service>, address: SocketAddr) -> Result<Router, CommandError> {
    let (closed, open, description) = described();
    let reach = Reach::of(&service, address);
    let oidc = login::provider(&service, &reach)?;
    let roles = serde_json::to_value(&description).unwrap_or_default();
    let roles = Roles::of(&roles, &[(Method::GET, DESCRIPTION, Role::Viewer)]);
    let guard = Arc::new(Guard::new(
        Arc::clone(&service),
        address,
        (&reach, oidc),
        roles,
    ));
    let observed = Arc::clone(&service);
    let description = description.to_json().unwrap_or_default();
    let describe = move || {
        let description = description.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], description) }
    };
    let router = closed
        .route(DESCRIPTION, axum::routing::get(describe))
        // Routes that are added before this line require a role; those that are merged after it do not.
        .route_layer(from_fn_with_state(Arc::clone(&guard), guard::identify))
        .merge(open)
        .fallback(|| async { Problem::missing("there is nothing at this address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this address does not take this method",
            )
        })
        .with_state(service)
        .layer(Extension(Arc::clone(&guard)))
        .layer(from_fn_with_state(guard, guard::gate))
        .merge(super::ui::router())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(problem::panicked));
    let router = with_security_headers(router, reach.is_secure())
        .layer(from_fn_with_state(observed, observe::observe))
        .layer(CompressionLayer::new());
    Ok(router)
}

/// Adds the headers that make browsers keep answers from other sites, out of caches and off plain HTTP.
fn with_security_headers(router: Router, is_secure: bool) -> Router {
    let secure = is_secure.then(|| HeaderValue::from_static("max-age=31536000"));
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    router
        .layer(SetResponseHeaderLayer::if_not_present(
            header::STRICT_TRANSPORT_SECURITY,
            secure,
        ))
        .layer(fixed(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .layer(fixed(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
}

#[cfg(test)]
mod tests {
    use super::roles::{is_open, named, operations};
    use std::fmt::Write;
    use std::path::Path;

    #[test]
    fn every_operation_says_who_may_do_it_and_the_page_on_security_repeats_it() {
        let (_, _, description) = super::described();
        let description = serde_json::to_value(&description).unwrap();
        let mut table = String::from("| operation | least role |\n| --- | --- |\n");
        let mut open = Vec::new();
        for (path, method, operation) in operations(&description) {
            let role = if let Some(role) = named(operation) {
                serde_json::to_value(role).unwrap()
            } else {
                assert!(is_open(operation), "{method} {path} names no role");
                open.push(path.to_owned());
                "anybody".into()
            };
            writeln!(table, "| `{method} {path}` | {} |", role.as_str().unwrap()).unwrap();
        }
        assert_eq!(open, ["/auth/callback", "/healthz", "/login", "/readyz"]);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let (begin, end) = ("<!-- roles -->\n", "<!-- end of roles -->");
        let (before, rest) = page.split_once(begin).unwrap();
        let (current, after) = rest.split_once(end).unwrap();
        if std::env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
            std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
            return;
        }
        assert_eq!(current, table, "run the tests with UPDATE_SCHEMAS=1");
    }

    #[test]
    fn the_description_in_the_repository_is_current() {
        let (_, _, description) = super::described();
        let text = format!("{}\n", description.to_pretty_json().unwrap());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/openapi.json");
        if std::env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
            std::fs::write(&path, &text).unwrap();
        }
        let current = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            current == text,
            "schemas/openapi.json is not current: run the tests with UPDATE_SCHEMAS=1"
        );
        assert!(text.contains("\"openapi\": \"3.1.0\""));
    }
}
