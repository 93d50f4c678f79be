//! Partitions and their regions, and which services are there.

use super::data::file;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What the generated file holds.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Data {
    partitions: Vec<Partition>,
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    serde_json::from_str(file("endpoints.json"))
        .expect("kinds/endpoints.json is generated and tested")
});

/// A part of AWS with accounts, regions, ARNs and host names of its own.
#[derive(Debug, Deserialize)]
pub struct Partition {
    /// What its ARNs begin with: `aws`, `aws-cn`, `aws-eusc`.
    pub id: &'static str,
    /// Its name for people, `AWS China`.
    pub name: &'static str,
    /// What the names of its hosts end with, `amazonaws.com`.
    pub dns_suffix: &'static str,
    /// The same for hosts with IPv4 and IPv6 addresses, `api.aws`.
    pub dual_stack_dns_suffix: &'static str,
    /// Whether it has endpoints with FIPS 140 cryptography.
    pub fips: bool,
    /// Whether it has endpoints with IPv4 and IPv6 addresses.
    pub dual_stack: bool,
    /// The signing region of services of the whole partition that name none.
    pub implicit_global_region: &'static str,
    /// The signing region of IAM, which also has IAM's logs.
    pub iam_region: &'static str,
    /// The name that stands for the whole partition in place of a region, `aws-global`.
    pub(super) global: Option<&'static str>,
    /// What the names of its regions begin with; a direction and a number follow.
    region_prefixes: Vec<&'static str>,
    /// Its regions by name, with what people call them: `eu-west-1`, `Europe (Ireland)`.
    #[serde(borrow)]
    pub regions: BTreeMap<&'static str, &'static str>,
    /// Regions for which the data list no services.
    unlisted: Vec<&'static str>,
    #[serde(borrow)]
    services: BTreeMap<&'static str, Availability>,
}

/// In which regions of a partition a service is.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Availability {
    Everywhere(Everywhere),
    Regions(#[serde(borrow)] Vec<&'static str>),
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Everywhere {
    /// In each region.
    All,
    /// Once for the partition.
    Global,
}

/// Whether a service is in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is, or it is one service for the whole partition.
    Yes,
    /// AWS's data know the region, the service in other regions, and not the service in this one.
    No,
    /// The data do not say: the region or the service is newer than they are. Only a call can tell.
    Unknown,
}

impl Partition {
    /// Whether a region belongs to this partition, by its name. The data need not list it yet.
    #[must_use]
    pub fn has_region_name(&self, region: &str) -> bool {
        self.regions.contains_key(region)
            || self.global == Some(region)
            || self
                .region_prefixes
                .iter()
                .any(|prefix| follows(prefix, region))
    }

    /// Whether a service has endpoints in a region of this partition. `endpoint_prefix` is the one of
    /// the service's model, `monitoring` for CloudWatch.
    #[must_use]
    pub fn offers(&self, endpoint_prefix: &str, region: &str) -> Presence {
        let known = self.regions.contains_key(region) && !self.unlisted.contains(&region);
        match self.services.get(endpoint_prefix) {
            Some(Availability::Everywhere(Everywhere::Global)) if self.has_region_name(region) => {
                Presence::Yes
            }
            _ if !known => Presence::Unknown,
            Some(Availability::Everywhere(_)) => Presence::Yes,
            Some(Availability::Regions(regions)) if regions.contains(&region) => Presence::Yes,
            Some(Availability::Regions(_)) => Presence::No,
            None if is_regional(endpoint_prefix) => Presence::No,
            // The data lack some global services that exist, such as IAM of the European Sovereign Cloud.
            None => Presence::Unknown,
        }
    }
}

/// Whether some partition lists the service, and every partition that does lists it by region.
fn is_regional(endpoint_prefix: &str) -> bool {
    let listed = partitions()
        .iter()
        .filter_map(|partition| partition.services.get(endpoint_prefix));
    let mut regional = listed.map(|w| !matches!(w, Availability::Everywhere(Everywhere::Global)));
    regional
        .next()
        .is_some_and(|first| first && regional.all(|r| r))
}

/// Whether a direction and a number follow the prefix: after `eu` in `eu-west-1`, not in `eu-isoe-west-1`.
fn follows(prefix: &str, region: &str) -> bool {
    let rest = region
        .strip_prefix(prefix)
        .and_then(|r| r.strip_prefix('-'));
    let Some((direction, number)) = rest.and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !direction.is_empty()
        && direction.chars().all(word)
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
}

/// Every partition that AWS's data know, the standard one first.
#[must_use]
pub fn partitions() -> &'static [Partition] {
    &DATA.partitions
}

/// A partition by its id, `aws-us-gov`.
#[must_use]
pub fn partition(id: &str) -> Option<&'static Partition> {
    partitions().iter().find(|partition| partition.id == id)
}

/// The partition that a region belongs to, by its name. The data need not list the region yet. `None` if
/// the name fits no partition.
#[must_use]
pub fn partition_of_region(region: &str) -> Option<&'static Partition> {
    partitions()
        .iter()
        .find(|partition| partition.has_region_name(region))
}

/// The partition that an ARN belongs to; `None` if it is no ARN, or of an unknown partition.
#[must_use]
pub fn partition_of_arn(arn: &str) -> Option<&'static Partition> {
    let (id, _) = arn.strip_prefix("arn:")?.split_once(':')?;
    partition(id)
}

/// Whether the data list a region. They lack regions that AWS opened later, but [`partition_of_region`] may
/// still find their partition.
#[must_use]
pub fn region_exists(region: &str) -> bool {
    all_regions().any(|known| known == region)
}

/// The regions of all partitions, those of the standard one first.
pub fn all_regions() -> impl Iterator<Item = &'static str> {
    let partitions = partitions().iter();
    partitions.flat_map(|partition| partition.regions.keys().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_of_aws_is_known() {
        let ids: Vec<&str> = partitions().iter().map(|partition| partition.id).collect();
        assert_eq!(
            ids,
            [
                "aws",
                "aws-cn",
                "aws-eusc",
                "aws-iso",
                "aws-iso-b",
                "aws-iso-e",
                "aws-iso-f",
                "aws-us-gov"
            ]
        );
        let suffix = |id| partition(id).map(|partition| partition.dns_suffix);
        assert_eq!(suffix("aws-cn"), Some("amazonaws.com.cn"));
        assert_eq!(suffix("aws-eusc"), Some("amazonaws.eu"));
        assert_eq!(suffix("aws-iso"), Some("c2s.ic.gov"));
    }

    #[test]
    fn a_region_belongs_to_one_partition() {
        for (region, id) in [
            ("eu-west-1", "aws"),
            ("us-gov-east-1", "aws-us-gov"),
            ("cn-northwest-1", "aws-cn"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-iso-west-1", "aws-iso"),
            ("us-isob-west-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            // Regions newer than the data, and global names.
            ("eu-east-9", "aws"),
            ("us-gov-north-2", "aws-us-gov"),
            ("aws-cn-global", "aws-cn"),
        ] {
            let found: Vec<&str> = partitions()
                .iter()
                .filter(|partition| partition.has_region_name(region))
                .map(|partition| partition.id)
                .collect();
            assert_eq!(found, [id], "{region}");
        }
        for none in ["", "eu", "eu-west", "eu-west-1a", "europe-west-1", "eu--1"] {
            assert!(partition_of_region(none).is_none(), "{none}");
        }
        for region in all_regions() {
            let named = partitions()
                .iter()
                .filter(|p| p.has_region_name(region))
                .count();
            assert_eq!(named, 1, "{region}");
            // The pattern alone is enough.
            let by_pattern = |p: &&Partition| p.region_prefixes.iter().any(|x| follows(x, region));
            assert_eq!(
                partitions().iter().filter(by_pattern).count(),
                1,
                "{region}"
            );
        }
        assert!(region_exists("eu-west-1") && !region_exists("us-eats-1"));
        assert!(!region_exists("aws-global"));
    }

    #[test]
    fn an_arn_belongs_to_its_partition() {
        let of = |arn| partition_of_arn(arn).map(|partition| partition.id);
        assert_eq!(
            of("arn:aws-eusc:iam::111122223333:role/a"),
            Some("aws-eusc")
        );
        assert_eq!(of("arn:aws-iso-b:s3:::logs"), Some("aws-iso-b"));
        assert_eq!(of("arn:aws-moon:s3:::logs"), None);
        assert_eq!(of("aws:s3"), None);
    }

    #[test]
    fn a_service_is_there_or_not_or_nobody_knows() {
        let offers = |service, region| {
            let partition = partition_of_region(region).unwrap();
            partition.offers(service, region)
        };
        assert_eq!(offers("lambda", "eu-west-1"), Presence::Yes);
        assert_eq!(offers("monitoring", "us-isob-west-1"), Presence::Yes);
        assert_eq!(offers("macie2", "ap-southeast-4"), Presence::No);
        assert_eq!(offers("macie2", "eusc-de-east-1"), Presence::No);
        // One for the partition, from wherever it is called.
        assert_eq!(offers("iam", "eu-west-1"), Presence::Yes);
        assert_eq!(offers("support", "us-gov-east-1"), Presence::Yes);
        // There is IAM in each partition, whatever the data say.
        assert_eq!(offers("iam", "eusc-de-east-1"), Presence::Unknown);
        assert_eq!(offers("account", "us-gov-west-1"), Presence::Unknown);
        // Newer than the data.
        assert_eq!(offers("lambda", "eu-east-9"), Presence::Unknown);
        assert_eq!(offers("iam", "eu-east-9"), Presence::Yes);
        assert_eq!(offers("lambda", "me-west-1"), Presence::Unknown);
        assert_eq!(offers("of-tomorrow", "eu-west-1"), Presence::Unknown);
        // Another partition's region.
        let standard = partition("aws").unwrap();
        assert_eq!(standard.offers("lambda", "cn-north-1"), Presence::Unknown);
    }
}
