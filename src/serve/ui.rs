//! The service's page, which the build script packs: one document for every view, and the script and
//! the styles that it loads.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Read;
use std::sync::LazyLock;

// Names and contents of the files, packed with gzip; none in a build without the page.
include!(concat!(env!("OUT_DIR"), "/service_page.rs"));

/// The document.
const DOCUMENT: &str = "service.html";

/// How the paths of views begin (`web/src/service/route.ts`). Any other path belongs to the API, or does
/// not exist.
const VIEWS: [&str; 10] = [
    "targets",
    "audits",
    "findings",
    "milestones",
    "schedules",
    "exemptions",
    "attestations",
    "log",
    "sessions",
    "tokens",
];

/// The page only runs its own script, only asks this service, and cannot be in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// Names of assets change with their content.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

const NO_PAGE_TEXT: &str = "\
This build of sixpillars has no page.

It was built without Node.js 20.19 or newer, or with SIXPILLARS_PAGE or SIXPILLARS_SERVICE_PAGE set to
none. Build it with Node.js to get its page. The API is all here: it begins at /api/v1, and
/api/openapi.json describes it.
";

/// The page at `/` and at the addresses of its views. It holds no data, so nobody has to log in for it:
/// the API tells it whether they have to.
pub(super) fn router() -> Router {
    let mut router = Router::new()
        .route("/", get(document))
        .route("/assets/{name}", get(asset));
    for view in VIEWS {
        router = router
            .route(&format!("/{view}"), get(document))
            .route(&format!("/{view}/{{*rest}}"), get(document));
    }
    router
}

async fn document(headers: HeaderMap) -> Response {
    static TAG: LazyLock<Option<HeaderValue>> = LazyLock::new(|| file(DOCUMENT).and_then(tag));
    let Some(packed) = file(DOCUMENT) else {
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        return (StatusCode::NOT_FOUND, kind, NO_PAGE_TEXT).into_response();
    };
    let known = headers.get(header::IF_NONE_MATCH);
    let mut response = if TAG.is_some() && known == TAG.as_ref() {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        unpacked(packed, "text/html; charset=utf-8", &headers)
    };
    let answer = response.headers_mut();
    if let Some(tag) = &*TAG {
        answer.insert(header::ETAG, tag.clone());
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        answer.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        answer.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let kind = match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "application/octet-stream",
    };
    let Some(packed) = file(&format!("assets/{name}")) else {
        // The page of a version that is gone asks for it.
        let text = "This build of sixpillars has no such file: load the page again.\n";
        let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        return (StatusCode::NOT_FOUND, plain, text).into_response();
    };
    let mut response = unpacked(packed, kind, &headers);
    let cache_control = HeaderValue::from_static(IMMUTABLE);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, cache_control);
    response
}

fn file(name: &str) -> Option<&'static [u8]> {
    let mut found = FILES.iter().filter(|(known, _)| *known == name);
    found.next().map(|(_, packed)| *packed)
}

/// Sends a file packed if the client accepts that, as all browsers do.
fn unpacked(packed: &'static [u8], kind: &'static str, request: &HeaderMap) -> Response {
    let mut response = if takes_gzip(request) {
        let gzip = [(header::CONTENT_ENCODING, "gzip")];
        (gzip, Body::from(packed)).into_response()
    } else {
        let mut text = Vec::new();
        if let Err(error) = GzDecoder::new(packed).read_to_end(&mut text) {
            tracing::error!(%error, "a file of the page cannot be unpacked");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Body::from(text).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn takes_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| {
        accepted.split(',').any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let never = weight
                .trim()
                .strip_prefix("q=")
                .is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
            name.trim().eq_ignore_ascii_case("gzip") && !never
        })
    })
}

fn tag(packed: &[u8]) -> Option<HeaderValue> {
    let mut tag = String::from("W/\"");
    for byte in Sha256::digest(packed).iter().take(12) {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    HeaderValue::from_str(&format!("{tag}\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let takes = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::ACCEPT_ENCODING,
                HeaderValue::from_str(text).unwrap(),
            );
            takes_gzip(&headers)
        };
        assert!(takes("gzip") && takes("br, GZIP;q=0.5, zstd"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes("x-gzip"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn the_page_is_whole_and_loads_nothing_but_what_is_packed_with_it() {
        let response = document(HeaderMap::new()).await;
        let Some(packed) = file(DOCUMENT) else {
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            return;
        };
        let mut html = String::new();
        GzDecoder::new(packed).read_to_string(&mut html).unwrap();
        let mut assets = 0;
        for piece in html.split("=\"/assets/").skip(1) {
            let name = piece.split('"').next().unwrap();
            assert!(file(&format!("assets/{name}")).is_some(), "{name}");
            assets += 1;
        }
        assert_eq!(assets, FILES.len() - 1);
        assert!(!html.contains("<style") && !html.contains(" style="));
        let known = response.headers()[header::ETAG].clone();
        let mut again = HeaderMap::new();
        again.insert(header::IF_NONE_MATCH, known);
        assert_eq!(document(again).await.status(), StatusCode::NOT_MODIFIED);
    }
}
