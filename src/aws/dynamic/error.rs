//! The errors that services return.

use super::service::DynamicService;
use super::xml;
use crate::kinds::model::{Operation, Protocol, ShapeKind};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::request_id::RequestId;
use std::fmt;

/// Why a call has no answer. It is the SDK's own type, so that `aws::error` reads it like any other error.
pub type DynamicError = SdkError<ServiceError, HttpResponse>;

/// An error that the service returned.
///
/// Neither `Display` nor `Debug` has the message: it repeats names, addresses and sometimes values.
#[derive(Clone)]
pub struct ServiceError {
    meta: ErrorMetadata,
    status: u16,
    request_id: Option<String>,
    /// The name of the error's shape, if the operation documents it.
    shape: Option<&'static str>,
}

impl ServiceError {
    pub(super) fn read(
        service: &'static DynamicService,
        operation: &'static Operation,
        response: &HttpResponse,
        cfg: &ConfigBag,
    ) -> Self {
        let mut request_id = response.request_id().map(ToOwned::to_owned);
        let meta = if matches!(service.model.protocol, Protocol::Query | Protocol::RestXml) {
            let body = response.body().bytes().unwrap_or_default();
            let error = xml::error(body);
            request_id = request_id.or(error.request_id);
            let mut meta = ErrorMetadata::builder();
            if let Some(code) = error.code {
                meta = meta.code(code);
            }
            if let Some(message) = error.message {
                meta = meta.message(message);
            }
            meta.build()
        } else {
            // An answer that is not an error of this protocol has no code: its status decides.
            let meta = service.protocol.parse_error_metadata(response, cfg);
            meta.unwrap_or_else(|_| ErrorMetadata::builder()).build()
        };
        let shape = meta
            .code()
            .and_then(|code| shape_of(service, operation, code));
        Self {
            meta,
            status: response.status().as_u16(),
            request_id,
            shape,
        }
    }

    /// Whether this error has a code, as it was sent or as the model names it. Services that changed their
    /// protocol have two codes for one error.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.meta.code() == Some(code) || self.shape == Some(code)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// AWS's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

/// The name of the documented error with a code.
fn shape_of(
    service: &'static DynamicService,
    operation: &'static Operation,
    code: &str,
) -> Option<&'static str> {
    operation.errors.iter().find_map(|index| {
        let shape = service.model.shape(*index);
        let ShapeKind::Structure(structure) = &shape.kind else {
            return None;
        };
        let sent = structure
            .error
            .as_ref()
            .and_then(|error| error.code.as_deref());
        (shape.name == code || sent == Some(code)).then_some(shape.name.as_str())
    })
}

impl ProvideErrorMetadata for ServiceError {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meta.code() {
            Some(code) => write!(f, "{code} (HTTP {})", self.status),
            None => write!(f, "HTTP {}", self.status),
        }
    }
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceError")
            .field("code", &self.meta.code())
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ServiceError {}
