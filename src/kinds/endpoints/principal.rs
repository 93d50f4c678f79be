//! The names by which policies call AWS's own services.

use super::partition::{partitions, region_exists};
use std::borrow::Cow;

/// A service as a policy names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServicePrincipal<'a> {
    /// The service, `ec2`, or a part of one, `delivery.logs`.
    pub service: &'a str,
    /// The region, where the name has one: `logs.eu-west-1.amazonaws.com`.
    pub region: Option<&'a str>,
    /// The DNS suffix of a partition that the name ends with.
    pub suffix: &'static str,
}

/// The suffix of most services' names, in all partitions.
const STANDARD: &str = "amazonaws.com";

impl<'a> ServicePrincipal<'a> {
    /// Parses a name; `None` if it does not end with a partition's DNS suffix, such as
    /// `alexa-appkit.amazon.com`.
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        let (service, suffix) = partitions().iter().find_map(|partition| {
            let service = name.strip_suffix(partition.dns_suffix)?.strip_suffix('.')?;
            Some((service, partition.dns_suffix))
        })?;
        let (service, region) = match service.rsplit_once('.') {
            Some((service, region)) if region_exists(region) => (service, Some(region)),
            _ => (service, None),
        };
        (!service.is_empty()).then_some(Self {
            service,
            region,
            suffix,
        })
    }
}

/// One name for a service, whatever its partition and region call it: `ec2.amazonaws.com` for
/// `ec2.amazonaws.com.cn`, `logs.amazonaws.com` for `logs.eu-west-1.amazonaws.com`. Other names stay as
/// they are.
#[must_use]
pub fn canonical_principal(name: &str) -> Cow<'_, str> {
    match ServicePrincipal::parse(name) {
        Some(parsed) if parsed.region.is_some() || parsed.suffix != STANDARD => {
            format!("{}.{STANDARD}", parsed.service).into()
        }
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_one_name() {
        for (name, canonical) in [
            ("ec2.amazonaws.com", "ec2.amazonaws.com"),
            ("ec2.amazonaws.com.cn", "ec2.amazonaws.com"),
            ("ec2.c2s.ic.gov", "ec2.amazonaws.com"),
            ("states.eusc-de-east-1.amazonaws.eu", "states.amazonaws.com"),
            ("logs.eu-west-1.amazonaws.com", "logs.amazonaws.com"),
            ("delivery.logs.amazonaws.com", "delivery.logs.amazonaws.com"),
            ("alexa-appkit.amazon.com", "alexa-appkit.amazon.com"),
            ("notamazonaws.com", "notamazonaws.com"),
            ("ec2.amazonaws.com.evil", "ec2.amazonaws.com.evil"),
            (".amazonaws.com", ".amazonaws.com"),
        ] {
            assert_eq!(canonical_principal(name), canonical);
        }
        let parsed = ServicePrincipal::parse("logs.cn-north-1.amazonaws.com.cn").unwrap();
        assert_eq!(
            (parsed.service, parsed.region),
            ("logs", Some("cn-north-1"))
        );
        assert_eq!(parsed.suffix, "amazonaws.com.cn");
    }
}
