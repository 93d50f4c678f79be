//! One request as the endpoint understood it, and what it is answered with.

use super::operation::{self, Operation};
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header, request};

/// A request, by the names that AWS has for what it asks.
pub(crate) struct Call<'a> {
    /// The service, `ec2`.
    pub service: &'a str,
    /// The operation, `DescribeVolumes`.
    pub operation: &'a str,
    /// The region that it was signed for; requests of all regions come to one port.
    pub region: &'a str,
    /// The account: the access key id of tests begins with its id.
    pub account: &'a str,
    pub method: &'a Method,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// An answer of one content type.
    pub(crate) fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }
}

/// A request that has arrived whole.
pub(crate) struct Arrived {
    pub(crate) operation: Operation,
    pub(crate) region: String,
    /// The key that it was signed with.
    pub(crate) access_key: String,
    pub(crate) account: String,
    pub(crate) parts: request::Parts,
    pub(crate) body: Bytes,
}

impl Arrived {
    pub(crate) fn new(parts: request::Parts, body: Bytes) -> Self {
        let operation = operation::operation(&parts.method, &parts.uri, &parts.headers, &body);
        let scope = operation::scope(&parts.headers);
        let access_key = scope
            .as_ref()
            .map_or("", |s| s.access_key.as_str())
            .to_owned();
        Self {
            operation,
            region: scope.map_or_else(String::new, |s| s.region),
            // What follows the twelve digits tells one key of an account from another.
            account: access_key.chars().take(12).collect(),
            access_key,
            parts,
            body,
        }
    }

    /// What a source of answers sees of it.
    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            service: &self.operation.service,
            operation: &self.operation.name,
            region: &self.region,
            account: &self.account,
            method: &self.parts.method,
            uri: &self.parts.uri,
            headers: &self.parts.headers,
            body: &self.body,
        }
    }

    /// Which attempt of its call it is, from 1.
    pub(crate) fn attempt(&self) -> u32 {
        let said = self.header("amz-sdk-request").split(';').map(str::trim);
        let mut numbers = said.filter_map(|part| part.strip_prefix("attempt="));
        numbers.next().and_then(|n| n.parse().ok()).unwrap_or(1)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.parts.headers.get(name);
        value.and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}
