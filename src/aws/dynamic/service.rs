//! A service that can be called: its model, with the schemas and the protocol to read and write it.

use super::schema::Schemas;
use crate::kinds::declared::Service;
use crate::kinds::embedded::{self, DamagedFile};
use crate::kinds::load;
use crate::kinds::model::{ModelError, Protocol, ServiceModel};
use aws_smithy_cbor::protocol::RpcV2CborProtocol;
use aws_smithy_json::protocol::aws_json_rpc::AwsJsonRpcProtocol;
use aws_smithy_json::protocol::aws_rest_json_1::AwsRestJsonProtocol;
use aws_smithy_query::protocol::AwsQueryProtocol;
use aws_smithy_schema::protocol::ClientProtocol;
use aws_smithy_xml::protocol::aws_rest_xml::AwsRestXmlProtocol;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A service that can be called. Made once in a process, and kept.
#[derive(Debug)]
pub struct DynamicService {
    /// Our name for it, by which calls, rates and permissions know it: `s3control`.
    pub name: String,
    /// AWS's model of it.
    pub model: &'static ServiceModel,
    pub(super) schemas: Schemas,
    pub(super) protocol: Box<dyn ClientProtocol>,
}

/// Why a service of the program's own cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum ServiceUnavailable {
    /// There is no such folder under `kinds/`, or no operation of it is called.
    #[error("there is no model of {0}")]
    Unknown(String),
    /// The program is damaged.
    #[error(transparent)]
    Damaged(#[from] DamagedFile),
    /// The model cannot be used.
    #[error("kinds/{service}/model.json: {problem}")]
    Model {
        /// The service.
        service: String,
        /// What is wrong.
        problem: ModelError,
    },
}

type Made = LazyLock<Mutex<HashMap<String, &'static DynamicService>>>;

/// Services that files declare, by name.
static DECLARED: Made = LazyLock::new(Mutex::default);
/// The program's own services that a user's files replace among the declared ones.
static REPLACED: Made = LazyLock::new(Mutex::default);

impl DynamicService {
    /// Makes a service from a model. Its memory is never freed.
    #[must_use]
    pub fn new(name: &str, model: &'static ServiceModel) -> &'static Self {
        Box::leak(Box::new(Self {
            name: name.to_owned(),
            model,
            schemas: Schemas::new(model),
            protocol: protocol(model),
        }))
    }

    /// A service that files declare, made when it is first called.
    #[must_use]
    pub fn declared(service: &'static Service) -> &'static Self {
        let mut known = DECLARED.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(service.name.to_owned())
            .or_insert_with(|| Self::new(service.name, &service.model))
    }

    /// A service whose operations the program itself calls, by the name of its folder:
    /// `kinds/s3control`. A user's own file in its place does not replace its model.
    ///
    /// # Errors
    /// [`ServiceUnavailable`].
    pub fn embedded(name: &str) -> Result<&'static Self, ServiceUnavailable> {
        if let Some(service) = load::all().services.get(name).filter(|s| s.is_embedded) {
            return Ok(Self::declared(service));
        }
        let mut known = REPLACED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(service) = known.get(name) {
            return Ok(service);
        }
        let text = embedded::text(&format!("{name}/model.json"))?;
        let text = text.ok_or_else(|| ServiceUnavailable::Unknown(name.to_owned()))?;
        let model = ServiceModel::parse(&text, None);
        let model = model.map_err(|problem| ServiceUnavailable::Model {
            service: name.to_owned(),
            problem,
        })?;
        let service = Self::new(name, Box::leak(Box::new(model)));
        known.insert(name.to_owned(), service);
        Ok(service)
    }
}

fn protocol(model: &ServiceModel) -> Box<dyn ClientProtocol> {
    let target = model.target_prefix.clone().unwrap_or_default();
    match model.protocol {
        Protocol::Json10 => Box::new(AwsJsonRpcProtocol::aws_json_1_0().with_target_prefix(target)),
        Protocol::Json11 => Box::new(AwsJsonRpcProtocol::aws_json_1_1().with_target_prefix(target)),
        Protocol::RestJson => Box::new(AwsRestJsonProtocol::new()),
        Protocol::RestXml => Box::new(AwsRestXmlProtocol::new()),
        Protocol::Query => {
            Box::new(AwsQueryProtocol::new().with_service_version(model.api_version.clone()))
        }
        Protocol::Cbor => Box::new(RpcV2CborProtocol::new()),
    }
}
