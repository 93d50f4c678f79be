//! The region for calls that concern no particular region: the caller identity and the list of regions.

use super::diagnosis::Diagnosis;
use super::login::{Login, Regions};
use super::profiles::Profiles;
use crate::kinds::endpoints::{
    all_regions, partition_of_arn, partition_of_region, partitions, region_exists,
};
use crate::yaml::suggest;
use aws_config::{SdkConfig, imds};
use std::collections::BTreeSet;

/// The region, and what named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) region: String,
    /// `AWS_REGION`, `profile x`; none where it is the first to scan, or nobody chose it.
    pub(super) named_by: Option<String>,
}

impl Home {
    /// The region that environment or profile name, or else the first to scan, or else the first of the
    /// role's partition, which alone knows the role.
    pub(super) fn find(
        login: &Login,
        regions: &Regions,
        config: &SdkConfig,
        profiles: &Profiles,
    ) -> Self {
        if let Some(region) = config.region() {
            let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
            let by = variables
                .into_iter()
                .find(|variable| std::env::var(variable).is_ok_and(|v| v == region.as_ref()));
            let profile = || format!("profile `{}`", profiles.selected());
            return Self {
                region: region.to_string(),
                named_by: Some(by.map_or_else(profile, ToOwned::to_owned)),
            };
        }
        let named = match regions {
            Regions::Named(named) => named.first(),
            Regions::Enabled => None,
        };
        let of_role = || {
            let partition = login.role_arn.as_deref().and_then(partition_of_arn);
            let partition = partition.or_else(|| partitions().first());
            partition.map_or("us-east-1", |partition| partition.implicit_global_region)
        };
        Self {
            region: named.cloned().unwrap_or_else(|| of_role().to_owned()),
            named_by: None,
        }
    }

    /// Whether environment or profile name it.
    pub(super) fn is_chosen(&self) -> bool {
        self.named_by.is_some()
    }

    /// Takes the region that the instance is in, where its metadata service tells.
    pub(super) async fn of_instance(&mut self, metadata: &imds::Client) {
        if let Ok(region) = metadata.get("/latest/meta-data/placement/region").await {
            self.region = region.into();
            self.named_by = Some("the instance's metadata".to_owned());
        }
    }

    /// Refuses a region that does not exist: its host would be looked for in vain.
    ///
    /// # Errors
    /// What named it, and what may have been meant.
    pub(super) fn exists(&self) -> Result<(), Diagnosis> {
        let Self { region, named_by } = self;
        if is_plausible(region) {
            return Ok(());
        }
        let by = named_by.as_ref().map(|by| format!(", which {by} names,"));
        let near = suggest(region, all_regions());
        let near = near.map(|near| format!("did you mean `{near}`?"));
        Err(Diagnosis::new(format!(
            "region `{region}`{} does not exist",
            by.unwrap_or_default()
        ))
        .with_maybe_help(near))
    }
}

/// Whether a region exists, as far as can be told without asking: it does, or it is named as one that
/// AWS may have opened since this version.
#[must_use]
pub fn is_plausible(region: &str) -> bool {
    if region_exists(region) {
        return true;
    }
    let known: BTreeSet<&str> = all_regions().flat_map(|known| known.split('-')).collect();
    let mut words = region.split('-');
    let number = words.next_back();
    partition_of_region(region).is_some()
        && number.is_some_and(|number| number.parse::<u8>().is_ok())
        && words.all(|word| known.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_region_is_told_from_a_new_one() {
        for region in ["eu-west-1", "cn-north-1", "eu-east-9", "us-gov-west-2"] {
            assert!(is_plausible(region), "{region}");
        }
        for region in [
            "us-eats-1",
            "eu-wset-1",
            "moon-north-1",
            "aws-global",
            "eu-west",
        ] {
            assert!(!is_plausible(region), "{region}");
        }
        let home = Home {
            region: "us-eats-1".to_owned(),
            named_by: Some("AWS_REGION".to_owned()),
        };
        let message = home.exists().unwrap_err().to_string();
        assert_eq!(
            message,
            "region `us-eats-1`, which AWS_REGION names, does not exist\n  help: did you mean `us-east-1`?"
        );
    }
}
