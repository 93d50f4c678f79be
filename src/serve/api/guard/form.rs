//! The form of a request: what no honest client sends is refused.

use super::super::problem::Problem;
use crate::report::sanitize::is_unseen;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;

/// The longest body of a request, in bytes.
pub(in crate::serve::api) const LONGEST_BODY: usize = 64 << 10;
/// The longest address, and the longest headers together, in bytes.
const LONGEST_ADDRESS: usize = 8 << 10;
const LONGEST_HEADERS: usize = 16 << 10;
/// The longest body, in bytes, that is received before it is refused as too long: not every client sees an
/// answer before it has sent everything. Longer ones are refused at once.
const LONGEST_ANNOUNCED: u64 = 1 << 20;

/// Names that parameters of an address must not have: addresses end up in logs and histories.
const SECRETS: [&str; 7] = [
    "token",
    "access_token",
    "id_token",
    "api_key",
    "apikey",
    "authorization",
    "x-csrf-token",
];

/// Refuses addresses and headers that no honest client sends.
pub(super) fn check_form(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let address = uri.path_and_query().map_or("", |all| all.as_str());
    if address.len() > LONGEST_ADDRESS {
        return Err(Problem::new(
            StatusCode::URI_TOO_LONG,
            format!("addresses have at most {LONGEST_ADDRESS} bytes"),
        ));
    }
    let size = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum::<usize>();
    if size > LONGEST_HEADERS {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("headers have at most {LONGEST_HEADERS} bytes together"),
        ));
    }
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > LONGEST_ANNOUNCED) {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("bodies have at most {LONGEST_BODY} bytes"),
        ));
    }
    let readable = percent_decode_str(address)
        .decode_utf8()
        .is_ok_and(|text| !text.chars().any(is_unseen));
    if !readable {
        return Err(Problem::bad(
            "the address contains control characters, invisible characters or bytes that are not \
             UTF-8",
        ));
    }
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut names = pairs.map(|pair| pair.split('=').next().unwrap_or_default());
    let is_secret = |name: &str| {
        let name = percent_decode_str(name).decode_utf8_lossy().to_lowercase();
        SECRETS.contains(&name.as_str())
    };
    if names.any(is_secret) {
        return Err(Problem::bad(
            "a token in an address ends up in logs: send it in the header Authorization, and \
             revoke this one",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn form(address: &str) -> Option<u16> {
        let uri = Uri::try_from(address).unwrap();
        let checked = check_form(&HeaderMap::new(), &uri);
        checked.err().map(|problem| problem.status())
    }

    #[test]
    fn addresses_that_no_honest_client_sends_are_refused() {
        for good in [
            "/",
            "/api/v1/me",
            "/api/v1/findings?q=%C3%A9&cursor=abc",
            "/a%20b?tokens=1",
        ] {
            assert_eq!(form(good), None, "{good}");
        }
        for bad in [
            "/a%00",
            "/a?q=%0d%0aset-cookie:x",
            "/a?q=%1b%5b31m",
            "/a?q=%E2%80%AE",
            "/%ff",
            "/a?token=x",
            "/a?b=c&ACCESS_TOKEN=x",
            "/a?%74oken=x",
            "/a?token",
        ] {
            assert_eq!(form(bad), Some(400), "{bad}");
        }
        assert_eq!(form(&format!("/{}", "a".repeat(9000))), Some(414));
        let mut headers = HeaderMap::new();
        let long = HeaderValue::from_str(&"a".repeat(17_000)).unwrap();
        headers.insert("x-long", long);
        let checked = check_form(&headers, &Uri::from_static("/"));
        assert_eq!(checked.err().map(|problem| problem.status()), Some(431));
    }
}
