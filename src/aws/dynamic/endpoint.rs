//! The endpoint of a service in a region.

use crate::kinds::endpoints::{ServiceEndpoints, Variant};
use crate::kinds::model::ServiceModel;
use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use std::collections::BTreeMap;

/// Where requests go, and what they are signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// `https://…`.
    pub(super) url: String,
    pub(super) signing_region: String,
    pub(super) signing_name: String,
    /// Headers that each request must have.
    pub(super) headers: BTreeMap<String, Vec<String>>,
    /// Whether it is AWS's own, where operations may put a prefix before the host name.
    pub(super) of_aws: bool,
}

/// The endpoint of a service: the one that `AWS_ENDPOINT_URL_…`, `AWS_ENDPOINT_URL` or the profile sets,
/// else AWS's.
pub(super) fn resolve(
    model: &ServiceModel,
    config: &SdkConfig,
    region: &str,
) -> Result<Endpoint, String> {
    let variant = Variant {
        fips: config.use_fips().unwrap_or_default(),
        dual_stack: config.use_dual_stack().unwrap_or_default(),
    };
    if let Some(url) = custom(model, config) {
        if variant != Variant::default() {
            // AWS's own rules refuse this too: a user who wants FIPS must not be sent elsewhere.
            return Err("a custom endpoint is neither FIPS nor dual-stack".to_owned());
        }
        // The server behind the URL checks the signature as AWS does, and global services have a signing
        // region of their own.
        let of_aws = of_aws(model, region, variant).ok();
        return Ok(Endpoint {
            url,
            signing_region: of_aws
                .as_ref()
                .map_or_else(|| region.to_owned(), |of_aws| of_aws.signing_region.clone()),
            signing_name: of_aws
                .map_or_else(|| model.signing_name.clone(), |of_aws| of_aws.signing_name),
            headers: BTreeMap::new(),
            of_aws: false,
        });
    }
    of_aws(model, region, variant)
}

/// AWS's own endpoint.
fn of_aws(model: &ServiceModel, region: &str, variant: Variant) -> Result<Endpoint, String> {
    let endpoints = ServiceEndpoints::of(&model.service)
        .ok_or_else(|| format!("AWS's rules name no endpoint of `{}`", model.service))?;
    let found = endpoints.resolve(
        region,
        variant,
        &endpoints.needed(&model.endpoint_parameters),
    );
    let found = found.map_err(|error| error.to_string())?;
    Ok(Endpoint {
        url: found.url,
        signing_region: found.signing_region,
        signing_name: found
            .signing_name
            .unwrap_or_else(|| model.signing_name.clone()),
        headers: found.headers,
        of_aws: true,
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::dynamic::DynamicService;

    fn endpoint(service: &str, config: &SdkConfig, region: &str) -> Result<Endpoint, String> {
        resolve(
            DynamicService::embedded(service).unwrap().model,
            config,
            region,
        )
    }

    #[test]
    fn every_service_has_its_own_endpoint_in_each_partition() {
        let config = SdkConfig::builder().build();
        let of = |service: &str, region: &str| {
            let found = endpoint(service, &config, region).unwrap();
            assert!(found.of_aws);
            (found.url, found.signing_region, found.signing_name)
        };
        let text = |url: &str, region: &str, name: &str| {
            (url.to_owned(), region.to_owned(), name.to_owned())
        };
        assert_eq!(
            of("sns", "eu-west-1"),
            text("https://sns.eu-west-1.amazonaws.com", "eu-west-1", "sns")
        );
        assert_eq!(
            of("ssm", "cn-north-1"),
            text(
                "https://ssm.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
                "ssm"
            )
        );
        assert_eq!(
            of("s3control", "eu-west-1"),
            text(
                "https://s3-control.eu-west-1.amazonaws.com",
                "eu-west-1",
                "s3"
            )
        );
        assert_eq!(
            of("account", "eu-west-1"),
            text(
                "https://account.us-east-1.amazonaws.com",
                "us-east-1",
                "account"
            )
        );
    }

    #[test]
    fn fips_is_asked_for_and_never_given_up() {
        let fips = SdkConfig::builder().use_fips(true).build();
        let found = endpoint("sns", &fips, "us-east-1").unwrap();
        assert_eq!(found.url, "https://sns-fips.us-east-1.amazonaws.com");
        let custom = fips
            .into_builder()
            .endpoint_url("http://localhost:1")
            .build();
        assert!(endpoint("sns", &custom, "us-east-1").is_err());
    }

    #[test]
    fn an_endpoint_of_the_users_own_comes_first() {
        let config = SdkConfig::builder()
            .endpoint_url("http://localhost:1")
            .build();
        let found = endpoint("sns", &config, "us-east-1").unwrap();
        assert_eq!(
            (found.url.as_str(), found.of_aws),
            ("http://localhost:1", false)
        );
        let found = endpoint("account", &config, "eu-west-1").unwrap();
        assert_eq!(found.signing_region, "us-east-1");
    }

    #[test]
    fn every_model_of_the_program_has_endpoints() {
        let config = SdkConfig::builder().build();
        let models =
            crate::kinds::embedded::paths().filter_map(|path| path.strip_suffix("/model.json"));
        for service in models {
            let found = endpoint(service, &config, "us-east-1");
            assert!(found.is_ok(), "{service}: {found:?}");
        }
    }
}
