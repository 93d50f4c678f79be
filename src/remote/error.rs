//! Why a request to the service failed.

use crate::report::sanitize::clean_short;
use serde_json::Value;
use std::fmt;

/// Characters of the service's own text that are shown.
const MAX_SHOWN: usize = 300;
/// Problems with fields that are shown.
const MAX_FIELDS: usize = 20;

/// Why a request to the service failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// There is no answer.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// The address of the service.
        host: String,
        /// What went wrong.
        why: String,
        /// Whether another attempt cannot succeed either.
        is_final: bool,
    },
    /// The service refused the request.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The answer is not one that the service gives.
    #[error("{host} sent an unexpected answer: {why}")]
    UnexpectedAnswer {
        /// The address of the service.
        host: String,
        /// What is wrong with the answer.
        why: String,
    },
}

/// The error that the service returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The address of the service.
    pub host: String,
    /// The HTTP status.
    pub status: u16,
    /// Why.
    pub detail: String,
    /// Fields of the request that are wrong, with the reason.
    pub fields: Vec<(String, String)>,
    /// Seconds to wait, where the service says so.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// Reads problem details (RFC 9457), or any other body.
    pub(super) fn read(host: &str, status: u16, retry_after: Option<u64>, body: &[u8]) -> Self {
        let problem: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |value: &Value| clean_short(value.as_str().unwrap_or_default(), MAX_SHOWN);
        let detail = match text(&problem["detail"]) {
            detail if !detail.is_empty() => detail,
            _ => clean_short(String::from_utf8_lossy(body).trim(), MAX_SHOWN),
        };
        let fields = problem["errors"].as_array().into_iter().flatten();
        let fields = fields.take(MAX_FIELDS);
        Self {
            host: host.to_owned(),
            status,
            detail,
            fields: fields
                .map(|field| (text(&field["pointer"]), text(&field["detail"])))
                .collect(),
            retry_after,
        }
    }

    /// Whether the service, or a proxy in front of it, is busy or away for now, so that a retry may succeed.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504)
    }

    fn help(&self) -> Option<&'static str> {
        Some(match self.status {
            300..=399 => "redirects are not followed; give the address it leads to",
            401 => {
                "give a token in SIXPILLARS_TOKEN or with --token-file; `sixpillars serve token` \
                 makes one"
            }
            403 => {
                "use a token with the role that this takes: operator starts and cancels audits, \
                 viewer reads"
            }
            404 => {
                "check the name or id; a token that is for some targets does not see the others, \
                 and the address has to be that of the service"
            }
            421 => "use the address that the service's configuration has as `url`",
            429 => "ask less often, or wait a little",
            500.. => "try again; `/readyz` and the service's log say more",
            _ => return None,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.status {
            401 => " (not logged in)",
            403 => " (not allowed)",
            404 => " (not found)",
            409 => " (conflict)",
            429 => " (too many requests)",
            _ => "",
        };
        write!(f, "{} answered {}{words}", self.host, self.status)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        for (pointer, detail) in &self.fields {
            write!(f, "\n  {pointer}: {detail}")?;
        }
        match self.help() {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_wrong_and_what_helps() {
        let body = br#"{"detail": "the body has values that cannot be used",
            "errors": [{"pointer": "/target", "detail": "there is no such target"}]}"#;
        let refusal = Refusal::read("audits.example.com", 422, None, body);
        assert_eq!(
            refusal.to_string(),
            "audits.example.com answered 422: the body has values that cannot be used\n  \
             /target: there is no such target"
        );
        let html = Refusal::read("h", 502, None, b"<html>\x1b[31mBad gateway</html>");
        let text = html.to_string();
        assert!(html.is_temporary() && !text.contains('\u{1b}'), "{text}");
        for status in [401, 403, 404, 421, 429, 500] {
            let text = Refusal::read("h", status, None, b"").to_string();
            assert!(text.contains("\n  help: "), "{text}");
        }
    }
}
