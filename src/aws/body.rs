//! Complete responses, with a limit on the memory of large ones.

use super::rejection::Rejection;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long one attempt may take once it is sent.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// The memory for all large responses until they have been read.
const MAX_MEMORY: usize = 32 << 20;
/// The unit of that memory; smaller responses are not counted.
const UNIT: usize = 256 << 10;

/// Memory for large responses: metrics of 500 resources take three megabytes.
#[derive(Debug)]
pub(super) struct BodyMemory(Arc<Semaphore>);

impl Default for BodyMemory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_MEMORY / UNIT)))
    }
}

/// The memory of one response, until the SDK has read it and drops it.
#[derive(Debug, Clone)]
struct Reserved(
    #[expect(dead_code, reason = "it is given back when it is dropped")] Arc<OwnedSemaphorePermit>,
);

impl BodyMemory {
    /// Waits for the memory for a response.
    async fn take(&self, response: &HttpResponse) -> Option<Reserved> {
        let length = response.headers().get("content-length")?;
        let units = length.parse::<usize>().ok()? / UNIT;
        let units = u32::try_from(units.min(MAX_MEMORY / UNIT)).ok()?;
        let permit = Arc::clone(&self.0).acquire_many_owned(units).await.ok()?;
        Some(Reserved(Arc::new(permit)))
    }
}

/// Waits for the response and its complete body, so that the slot covers the whole request, and a
/// connection that breaks inside the body leads to a retry and not to a truncated response.
pub(super) async fn read_body(
    call: HttpConnectorFuture,
    memory: &BodyMemory,
) -> Result<HttpResponse, ConnectorError> {
    let read = async {
        let mut response = call.await?;
        if let Some(reserved) = memory.take(&response).await {
            response.add_extension(reserved);
        }
        let body = response.take_body();
        let bytes = http_body_util::BodyExt::collect(body)
            .await
            .map_err(|e| ConnectorError::io(e as BoxError))?
            .to_bytes();
        let must_end = response.status().as_u16() < 400 || is_aws_error(&bytes);
        if must_end && !is_complete(&bytes) {
            return Err(ConnectorError::io(Rejection::Truncated.into()));
        }
        *response.body_mut() = SdkBody::from(bytes);
        Ok(response)
    };
    match tokio::time::timeout(ATTEMPT_TIMEOUT, read).await {
        Ok(result) => result,
        Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
    }
}

/// Whether a body is one of AWS's errors in XML. A page of HTML, which a proxy or an emulator gives in
/// its place, need not have an end.
fn is_aws_error(body: &[u8]) -> bool {
    let begin = String::from_utf8_lossy(&body[..body.len().min(256)]);
    ["<Error", "<Response"]
        .iter()
        .any(|root| begin.contains(root))
}

/// Whether a response is complete. The SDK accepts truncated XML, so a truncated list would be a
/// shorter list. It rejects truncated JSON and CBOR itself.
fn is_complete(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        return true;
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let Some((_, after)) = rest.split_once('>') else {
            return false;
        };
        rest = after.trim_start();
    }
    let Some(root) = rest.strip_prefix('<') else {
        // Not XML.
        return !text.trim_start().starts_with('<');
    };
    let Some(end) = root.find(|c: char| c.is_whitespace() || c == '>' || c == '/') else {
        return false;
    };
    let alone = rest.ends_with("/>") && rest.matches('<').count() == 1;
    let closed = rest
        .strip_suffix('>')
        .and_then(|rest| rest.trim_end().strip_suffix(&root[..end]))
        .is_some_and(|rest| rest.ends_with("</"));
    alone || closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_without_its_end_is_no_answer() {
        let page = "<?xml version=\"1.0\"?>\n<DescribeVpcsResponse xmlns=\"x\"><vpcSet/>\
                    </DescribeVpcsResponse>\n";
        let end = page.trim_end().len();
        assert!(is_complete(page.as_bytes()));
        for cut in 1..end {
            let half = &page.as_bytes()[..cut];
            assert!(!is_complete(half), "{:?}", String::from_utf8_lossy(half));
        }
        assert!(is_complete(b"") && is_complete(b"{\"a\": 1}") && is_complete(b"<Empty/>"));
    }
}
