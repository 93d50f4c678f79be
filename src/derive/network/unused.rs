//! Network resources that nothing uses.

use super::facts::Listing;
use crate::derive::{World, part};
use crate::model::kinds::ec2::network::{NetworkInterface, Rule, SecurityGroup, Vpc};
use crate::model::kinds::lambda::Function;
use crate::model::kinds::rds::Instance as Database;
use crate::model::{Gap, Part};
use serde_json::Value;
use std::collections::BTreeMap;

type Parts = BTreeMap<String, Part<Value>>;

/// `ec2.security_group`, `attached`.
pub(super) fn group_attached(world: &World, region: &str) -> Parts {
    let interfaces = Listing::<NetworkInterface>::read(world, region);
    let groups = Listing::<SecurityGroup>::read(world, region);
    let ids = groups.known.keys();
    ids.map(|id| (id.clone(), part(carries(&interfaces, id))))
        .collect()
}

/// `ec2.security_group`, `used`.
pub(super) fn group_used(world: &World, region: &str) -> Parts {
    let interfaces = Listing::<NetworkInterface>::read(world, region);
    let functions = Listing::<Function>::read(world, region);
    let groups = Listing::<SecurityGroup>::read(world, region);
    // A function that has not run for some time has no interface until it runs again.
    let databases = Listing::<Database>::read(world, region);
    let runs = |id: &String| functions.any(|function| function.security_group_ids.contains(id));
    let used = |id: &String| {
        let ways = [
            carries(&interfaces, id),
            runs(id),
            databases.any(|database| database.vpc_security_group_ids.contains(id)),
            in_launch_template(&groups, id),
            referenced(&groups, id),
        ];
        if ways.contains(&Ok(true)) {
            return Ok(true);
        }
        ways.into_iter().find(Result::is_err).unwrap_or(Ok(false))
    };
    groups
        .known
        .keys()
        .map(|id| (id.clone(), part(used(id))))
        .collect()
}

fn carries(interfaces: &Listing<NetworkInterface>, id: &str) -> Result<bool, Gap> {
    interfaces.any(|interface| interface.security_group_ids.iter().any(|group| group == id))
}

fn in_launch_template(groups: &Listing<SecurityGroup>, id: &str) -> Result<bool, Gap> {
    Ok(*groups.get(id)?.in_launch_template.get()?)
}

/// Whether a rule of another group refers to a group. Most groups that refer to themselves do so
/// from the start, which is no use.
fn referenced(groups: &Listing<SecurityGroup>, id: &str) -> Result<bool, Gap> {
    let refers = |rule: &Rule| {
        rule.groups
            .iter()
            .any(|g| g.group_id.as_deref() == Some(id))
    };
    let mut others = groups.known.iter().filter(|(other, _)| *other != id);
    let found = others.any(|(_, g)| g.ingress.iter().chain(&g.egress).any(refers));
    match (found, &groups.gap) {
        (true, _) => Ok(true),
        (false, None) => Ok(false),
        (false, Some(gap)) => Err(gap.clone()),
    }
}

/// `ec2.vpc`, `in_use`.
pub(super) fn vpc_in_use(world: &World, region: &str) -> Parts {
    let interfaces = Listing::<NetworkInterface>::read(world, region);
    let vpcs = Listing::<Vpc>::read(world, region);
    let used = |id: &str| interfaces.any(|i| i.vpc_id.as_deref() == Some(id));
    vpcs.known
        .keys()
        .map(|id| (id.clone(), part(used(id))))
        .collect()
}
