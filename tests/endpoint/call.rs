//! What a client asks and what it is told, as whoever answers for AWS sees it.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};

/// One request.
pub(crate) struct Call<'a> {
    /// The service as this program names it: `cloudwatch`, `s3control`.
    pub(crate) service: &'a str,
    /// The operation as AWS names it: `GetBucketPolicy`.
    pub(crate) operation: &'a str,
    /// The region that the request is signed for.
    pub(crate) region: &'a str,
    /// The account whose credentials signed it.
    pub(crate) account: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}
