//! Pages that are not AWS's.

use super::call::{Answer, Call};
use super::protocol;
use axum::http::StatusCode;

/// A page with nothing on it but the token of the next, in the form that an operation has for it.
pub(super) fn empty(call: &Call<'_>, token: &str) -> Answer {
    // S3 has a root element of its own for each of its lists.
    let root = match (call.service, call.operation) {
        ("s3", "ListBucketMetricsConfigurations") => "ListMetricsConfigurationsResult",
        _ => return protocol::empty_page(call, token),
    };
    let body = format!(
        "<{root}><IsTruncated>true</IsTruncated>\
         <NextContinuationToken>{token}</NextContinuationToken></{root}>"
    );
    Answer::new(StatusCode::OK, "application/xml", body)
}
