//! What the instances of a cluster have in common.

use super::{Derivation, Need, World, part};
use crate::model::kinds::rds::{Cluster, Instance};
use crate::model::{Gap, Kinded, Part};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    kind: Cluster::KIND,
    part: "member_classes",
    needs: &[Need {
        kind: Instance::KIND,
        parts: &[],
    }],
    run: member_classes,
}];

fn member_classes(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let Ok(clusters) = world.known::<Cluster>(region) else {
        return BTreeMap::new();
    };
    let instances = world.all::<Instance>(region).map(|all| {
        let classes = all.into_iter();
        classes
            .map(|(resource, instance)| (resource.id, instance.instance_class))
            .collect::<BTreeMap<_, _>>()
    });
    clusters
        .iter()
        .map(|(resource, cluster)| {
            let classes = instances.as_ref().map(|all| classes_of(cluster, all));
            let classes: Result<_, Gap> = classes.map_err(Clone::clone);
            (resource.id.clone(), part(classes))
        })
        .collect()
}

/// A member that was deleted while the account was read has no class.
fn classes_of(cluster: &Cluster, instances: &BTreeMap<String, String>) -> BTreeSet<String> {
    let members = cluster.members.iter();
    members
        .filter_map(|member| instances.get(&member.db_instance_identifier))
        .cloned()
        .collect()
}
