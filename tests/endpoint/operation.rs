//! Which operation of which service an HTTP request is, in each of AWS's protocols.

use super::modelled;
use axum::http::{HeaderMap, Method, Uri};
use std::fmt;

/// A service as its endpoints name it, and an operation: `s3:GetBucketPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Operation {
    pub(crate) service: String,
    pub(crate) name: String,
}

impl Operation {
    /// Files may declare one service of AWS several times, such as for one region alone: on the wire it is one.
    pub(crate) fn new(service: &str, name: &str) -> Self {
        Self {
            service: modelled::on_the_wire(service).to_owned(),
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.name)
    }
}

/// In S3 the query string names the operation on a bucket.
const BUCKET: [(&str, &str); 22] = [
    ("acl", "GetBucketAcl"),
    ("accelerate", "GetBucketAccelerateConfiguration"),
    ("analytics", "ListBucketAnalyticsConfigurations"),
    ("cors", "GetBucketCors"),
    ("encryption", "GetBucketEncryption"),
    (
        "intelligent-tiering",
        "ListBucketIntelligentTieringConfigurations",
    ),
    ("inventory", "ListBucketInventoryConfigurations"),
    ("lifecycle", "GetBucketLifecycleConfiguration"),
    ("list-type", "ListObjectsV2"),
    ("location", "GetBucketLocation"),
    ("logging", "GetBucketLogging"),
    ("metrics", "ListBucketMetricsConfigurations"),
    ("notification", "GetBucketNotificationConfiguration"),
    ("object-lock", "GetObjectLockConfiguration"),
    ("ownershipControls", "GetBucketOwnershipControls"),
    ("policy", "GetBucketPolicy"),
    ("policyStatus", "GetBucketPolicyStatus"),
    ("publicAccessBlock", "GetPublicAccessBlock"),
    ("replication", "GetBucketReplication"),
    ("tagging", "GetBucketTagging"),
    ("versioning", "GetBucketVersioning"),
    ("website", "GetBucketWebsite"),
];

/// What a request is signed for.
pub(crate) struct Scope {
    pub(crate) access_key: String,
    pub(crate) region: String,
    /// The service's signing name, `monitoring` for CloudWatch.
    pub(crate) signed: String,
}

/// The credential scope of a request: `AKIDEXAMPLE/20260101/eu-west-1/ec2/aws4_request`.
pub(crate) fn scope(headers: &HeaderMap) -> Option<Scope> {
    let text = headers.get("authorization")?.to_str().ok()?;
    let scope = text.split("Credential=").nth(1)?.split(',').next()?;
    let mut words = scope.split('/');
    Some(Scope {
        access_key: words.next()?.to_owned(),
        region: words.nth(1)?.to_owned(),
        signed: words.next()?.to_owned(),
    })
}

/// The operation of a request: by the models of what files declare, else by what services with clients of
/// their own are asked. One that is not recognised is named by method and address, so that a comparison
/// with what was planned shows it.
pub(crate) fn operation(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Operation {
    let signed = scope(headers).map_or_else(|| "unsigned".to_owned(), |scope| scope.signed);
    if let Some((service, name)) = modelled::find(&signed, method, uri, headers, body) {
        return Operation::new(service, name);
    }
    let service = match signed.as_str() {
        "monitoring" => "cloudwatch",
        other => other,
    };
    let name = target(headers)
        .or_else(|| cbor(uri))
        .or_else(|| action(body))
        .or_else(|| bucket(method, uri).filter(|_| service == "s3"))
        .unwrap_or_else(|| format!("{method} {uri}"));
    Operation::new(service, &name)
}

/// The JSON protocols: `X-Amz-Target: AmazonSSM.DescribeInstanceInformation`.
fn target(headers: &HeaderMap) -> Option<String> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    Some(target.rsplit('.').next()?.to_owned())
}

/// Smithy RPC v2 CBOR: `/service/GraniteServiceVersion20100801/operation/GetMetricData`.
fn cbor(uri: &Uri) -> Option<String> {
    let (_, operation) = uri.path().split_once("/operation/")?;
    Some(operation.to_owned())
}

/// The query protocols: a form with `Action=DescribeInstances`.
fn action(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let pair = text.split('&').find_map(|p| p.strip_prefix("Action="))?;
    Some(pair.to_owned())
}

fn bucket(method: &Method, uri: &Uri) -> Option<String> {
    if method == Method::HEAD {
        return Some("HeadBucket".to_owned());
    }
    if uri.path() == "/" {
        return Some("ListBuckets".to_owned());
    }
    uri.query()?.split('&').find_map(|pair| {
        let key = pair.split('=').next()?;
        let (_, name) = BUCKET.iter().find(|(k, _)| *k == key)?;
        Some((*name).to_owned())
    })
}
