//! The HTTP API, `/api/v1`, and what it is described by, `/api/openapi.json`.

mod asked;
mod attestations;
mod audits;
mod body;
mod description;
mod details;
mod diff;
mod events;
mod exemptions;
mod findings;
mod guard;
mod health;
mod log;
mod milestones;
mod page;
mod problem;
mod rate;
mod reports;
mod schedules;
mod targets;
mod time;
mod tokens;
mod values;

use super::state::Service;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use guard::Guard;
use problem::Problem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest body of a request, in bytes.
const LONGEST_BODY: usize = 64 << 10;
/// So long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(60);

/// The API's description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Six Pillars",
        description = "Audits of AWS accounts against the six pillars of the AWS Well-Architected \
                       Framework: on a schedule, on demand, and their history.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This service")),
    security(("token" = [])),
    tags(
        (name = "targets", description = "What is audited"),
        (name = "schedules", description = "When it is audited"),
        (name = "audits", description = "Audits, their progress and their reports"),
        (name = "findings", description = "What is wrong now, and since when"),
        (name = "milestones", description = "Audits that are kept"),
        (name = "decisions", description = "What people accept for a while, and what only they know"),
        (name = "access", description = "Who may do what, and who did"),
        (name = "health", description = "For those who run the service"),
    )
)]
struct Description;

fn described() -> OpenApiRouter<Arc<Service>> {
    let mut description = Description::openapi();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.description(Some("Made by `sixpillars serve token`"));
    description
        .components
        .get_or_insert_default()
        .add_security_scheme("token", SecurityScheme::Http(bearer.build()));
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
        .routes(routes!(findings::list))
        .routes(routes!(findings::show))
        .routes(routes!(details::details))
        .routes(routes!(values::values))
        .routes(routes!(milestones::list, milestones::add))
        .routes(routes!(exemptions::list, exemptions::request))
        .routes(routes!(exemptions::decide))
        .routes(routes!(attestations::list, attestations::add))
        .routes(routes!(attestations::withdraw))
        .routes(routes!(log::list))
        .routes(routes!(tokens::me))
        .routes(routes!(tokens::list))
        .routes(routes!(tokens::revoke))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

/// The service's router, for requests to an address.
pub(super) fn router(service: Arc<Service>, address: SocketAddr) -> Router {
    let guard = Arc::new(Guard::new(Arc::clone(&service), address));
    let (router, mut description) = described().split_for_parts();
    description::complete(&mut description);
    let description = description.to_json().unwrap_or_default();
    let describe = move || {
        let description = description.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], description) }
    };
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    router
        .route("/api/openapi.json", axum::routing::get(describe))
        .fallback(|| async { Problem::missing("there is nothing at this address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this address does not take this method",
            )
        })
        .with_state(service)
        .layer(from_fn_with_state(guard, guard::guard))
        .merge(super::ui::router())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            PATIENCE,
        ))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(fixed(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(CompressionLayer::new())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_description_in_the_repository_is_current() {
        let (_, mut description) = super::described().split_for_parts();
        super::description::complete(&mut description);
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
