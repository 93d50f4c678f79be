//! Where a service is in a region.

use crate::kinds::model::ServiceModel;
use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// Where requests go, and what they are signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// `https://…`.
    pub(super) url: String,
    pub(super) signing_region: String,
    pub(super) signing_name: String,
    /// Whether it is AWS's own, where operations may have host names of their own.
    pub(super) of_aws: bool,
}

/// The endpoint of a service: the one that was asked for by `AWS_ENDPOINT_URL_…`, `AWS_ENDPOINT_URL` or
/// the profile, else AWS's.
pub(super) fn resolve(
    model: &ServiceModel,
    config: &SdkConfig,
    region: &str,
) -> Result<Endpoint, String> {
    if let Some(url) = custom(model, config) {
        return Ok(Endpoint {
            url,
            signing_region: region.to_owned(),
            signing_name: model.signing_name.clone(),
            of_aws: false,
        });
    }
    Err(format!(
        "no endpoint of {} in {region}",
        model.endpoint_prefix
    ))
}

fn custom(model: &ServiceModel, config: &SdkConfig) -> Option<String> {
    let own = || {
        let key = ServiceConfigKey::builder()
            .service_id(&model.service_id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        config.service_config()?.load_config(key)
    };
    let general = || config.endpoint_url().map(ToOwned::to_owned);
    own().or_else(general)
}
