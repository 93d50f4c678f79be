//! Regions that an account has to enable before it can use them.
//!
//! STS answers in every region that the account has enabled, needs no permission, and does not know
//! the account's keys in the others.

use super::super::clients::Clients;
use super::super::credentials::CredentialsCache;
use super::super::exchange::ExchangeLog;
use super::super::throttle::gate::Gate;
use super::diagnosis::Diagnosis;
use super::home::Home;
use super::login::Regions;
use super::refusal::is_unknown_key;
use crate::kinds::endpoints::{all_regions, partition_of_region, region_exists};
use crate::yaml::suggest;
use aws_config::SdkConfig;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The regions of the standard partition that every account has. All that AWS opened since 20 March
/// 2019 are to be enabled first
/// (<https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>).
const ALWAYS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Whether an account may not have a region: it is to be enabled first, or it is too new to be known.
#[must_use]
pub fn is_optional(region: &str) -> bool {
    let standard = partition_of_region(region).is_some_and(|partition| partition.id == "aws");
    !region_exists(region) || standard && !ALWAYS.contains(&region)
}

/// Whether an account has a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// STS knows the account's key there.
    Enabled,
    /// It does not, and knows it elsewhere.
    NotEnabled,
    /// Nobody answers.
    Unreachable,
}

/// Asks for regions on behalf of one login.
pub(super) struct RegionProbe<'a> {
    pub(super) config: &'a SdkConfig,
    /// What the calls go by.
    pub(super) name: &'a str,
    pub(super) gate: &'a Arc<Gate>,
    pub(super) credentials: &'a Arc<CredentialsCache>,
}

impl RegionProbe<'_> {
    /// What the calls about a region go by: one that is not enabled must not close STS for the others.
    pub(super) fn label(&self, region: &str) -> String {
        format!("{} in {region}", self.name)
    }

    /// From now on the account stands for what the first calls went by.
    pub(super) fn identified(&self, present: &BTreeMap<String, Presence>, account: &str) {
        self.gate.identified(self.name, account);
        for region in present.keys() {
            self.gate.identified(&self.label(region), account);
        }
    }

    pub(super) async fn probe(&self, region: &str) -> Presence {
        let clients = Clients::sharing(
            self.config.clone(),
            &self.label(region),
            Arc::clone(self.gate),
            false,
            Arc::clone(self.credentials),
        );
        let log = ExchangeLog::default();
        let sts = clients.sts(region);
        let request = sts.get_caller_identity().customize();
        let answer = request.interceptor(log.interceptor()).send().await;
        let refused = log.last(|_| true);
        match refused {
            _ if answer.is_ok() => Presence::Enabled,
            Some(refused) if is_unknown_key(&refused) => Presence::NotEnabled,
            Some(refused) if refused.status.is_none() => Presence::Unreachable,
            // A refusal of another kind: the scan will tell.
            _ => Presence::Enabled,
        }
    }
}

/// Asks for each region that was named and that the account may not have.
pub(super) async fn probe_all(
    probe: &RegionProbe<'_>,
    regions: &Regions,
    home: &str,
) -> BTreeMap<String, Presence> {
    let named = match regions {
        Regions::Named(named) => named.as_slice(),
        Regions::Enabled => &[],
    };
    // The region at home answers who is calling.
    let optional = named
        .iter()
        .filter(|region| is_optional(region) && *region != home);
    let all = optional.map(|region| async { (region.clone(), probe.probe(region).await) });
    futures::future::join_all(all).await.into_iter().collect()
}

/// Refuses regions of another partition than the account's.
///
/// # Errors
/// The first of them.
pub(super) fn of_partition(
    regions: &[String],
    account: &str,
    partition: &str,
) -> Result<(), Diagnosis> {
    let other = regions.iter().find_map(|region| {
        let theirs = partition_of_region(region)?;
        (theirs.id != partition).then_some((region, theirs.id))
    });
    match other {
        Some((region, theirs)) => Err(Diagnosis::new(format!(
            "region {region} is in partition {theirs}, and account {account} is in {partition}"
        ))
        .with_help(format!(
            "name regions of {partition}, or credentials of an account in {theirs}"
        ))),
        None => Ok(()),
    }
}

/// Takes out the regions that the account has not enabled, and says what to do about each.
///
/// # Errors
/// When no region is left, or one does not exist.
pub(super) fn withdraw(
    regions: &mut Vec<String>,
    present: &BTreeMap<String, Presence>,
    account: &str,
) -> Result<Vec<(String, Diagnosis)>, Diagnosis> {
    let mut gone = present
        .iter()
        .filter(|(region, presence)| **presence == Presence::Unreachable && !region_exists(region))
        .map(|(region, _)| no_such_region(region));
    if let Some(gone) = gone.next() {
        return Err(gone);
    }
    let withdrawn: Vec<(String, Diagnosis)> = present
        .iter()
        .filter(|(_, presence)| **presence == Presence::NotEnabled)
        .map(|(region, _)| {
            let cause = format!("region {region} is not enabled in account {account}");
            let diagnosis = Diagnosis::new(cause).with_help(help(region));
            (region.clone(), diagnosis)
        })
        .collect();
    regions.retain(|region| withdrawn.iter().all(|(name, _)| name != region));
    match (regions.is_empty(), withdrawn.first()) {
        (true, Some((_, diagnosis))) => Err(diagnosis.clone()),
        _ => Ok(withdrawn),
    }
}

/// The region of the first call is not enabled.
pub(super) fn home_not_enabled(home: &Home) -> Diagnosis {
    let Home { region, named_by } = home;
    let by = named_by.as_ref().map(|by| format!(", which {by} names,"));
    Diagnosis::new(format!(
        "region {region}{} is not enabled in the account",
        by.unwrap_or_default()
    ))
    .with_help(help(region))
}

/// A region that AWS's data do not have and that does not answer.
pub(super) fn no_such_region(region: &str) -> Diagnosis {
    // Of the same partition, and of the same continent where that has one that is near.
    let continent = region.split('-').next().unwrap_or_default();
    let same = all_regions().filter(|known| known.split('-').next() == Some(continent));
    let near = suggest(region, same).or_else(|| suggest(region, all_regions()));
    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    Diagnosis::new(format!(
        "there seems to be no region `{region}`: this version does not know it, and nobody answers there"
    ))
    .with_help(format!(
        "{near}--regions enabled reads every region that the account has enabled"
    ))
}

/// What to do about a region that the account has not enabled.
pub(super) fn help(region: &str) -> String {
    format!(
        "enable it with `aws account enable-region --region-name {region}`, or leave it out of --regions; \
         a session token of STS's global endpoint does not work there either (sts_regional_endpoints)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_account_has_need_not_be_asked_for() {
        for region in ALWAYS {
            assert!(region_exists(region) && !is_optional(region), "{region}");
        }
        for region in ["cn-north-1", "us-gov-west-1", "us-iso-east-1"] {
            assert!(!is_optional(region), "{region}");
        }
        for region in ["af-south-1", "eu-south-2", "ap-southeast-7", "eu-east-9"] {
            assert!(is_optional(region), "{region}");
        }
    }
}
