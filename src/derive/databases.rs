//! Fields that database clusters and their instances derive from each other.

use super::network::Listing;
use super::{Derivation, Need, World, part};
use crate::model::kinds::rds::{Cluster, Instance};
use crate::model::{Gap, Part, TypedDocument};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        kind: Cluster::KIND,
        part: "member_classes",
        needs: &[Need {
            kind: Instance::KIND,
            parts: &[],
        }],
        run: &member_classes,
    },
    Derivation {
        kind: Instance::KIND,
        part: "lifecycle_support",
        needs: &[Need {
            kind: Cluster::KIND,
            parts: &[],
        }],
        run: &lifecycle_support,
    },
];

/// A standalone instance has this setting itself; for a member of a cluster, the cluster has it.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html>,
/// `EngineLifecycleSupport`
fn lifecycle_support(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let clusters = Listing::<Cluster>::read(world, region);
    let support = |instance: &Instance| match &instance.db_cluster_identifier {
        Some(cluster) => Ok(clusters.get(cluster)?.engine_lifecycle_support.clone()),
        None => Ok(instance.engine_lifecycle_support.clone()),
    };
    Listing::<Instance>::read(world, region)
        .known
        .iter()
        .map(|(id, instance)| (id.clone(), part(support(instance))))
        .collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::sample::typed;
    use crate::model::{Cause, Document};
    use serde_json::json;

    const REGION: &str = "eu-west-1";
    const PAYS: &str = "open-source-rds-extended-support";
    const UPGRADES: &str = "open-source-rds-extended-support-disabled";

    fn document<K: TypedDocument>(id: &str, fields: Value) -> Document {
        typed::<K>(REGION, id, fields)
    }

    fn instance(id: &str, cluster: Option<&str>, own: Option<&str>) -> Document {
        let fields = json!({"status": "available", "instance_class": "db.r7g.large",
            "engine": "mysql", "engine_version": "5.7.44", "multi_az": false,
            "engine_lifecycle_support": own, "db_cluster_identifier": cluster,
            "read_replica_db_instance_identifiers": [], "vpc_security_group_ids": [],
            "storage_encrypted": true, "backup_retention_period": 7,
            "automated_backup_replications": [], "deletion_protection": true,
            "auto_minor_version_upgrade": true, "enabled_cloudwatch_logs_exports": [],
            "db_parameter_groups": [], "pending_modified_values": []});
        document::<Instance>(id, fields)
    }

    #[test]
    fn the_cluster_decides_whether_its_members_pay_for_extended_support() {
        let mut world = World::default();
        let cluster = json!({"status": "available", "engine": "aurora-mysql",
            "engine_version": "5.7.mysql_aurora.2.11.5", "engine_lifecycle_support": UPGRADES,
            "multi_az": false, "availability_zones": [], "members": [],
            "vpc_security_group_ids": [], "storage_encrypted": true,
            "backup_retention_period": 7, "deletion_protection": true,
            "enabled_cloudwatch_logs_exports": []});
        world.add(REGION, document::<Cluster>("shop", cluster));
        world.add(REGION, instance("alone", None, Some(PAYS)));
        world.add(REGION, instance("member", Some("shop"), None));
        world.add(REGION, instance("orphan", Some("gone"), None));
        let parts = lifecycle_support(&world, REGION);
        assert_eq!(parts["alone"], Part::Read(json!(PAYS)));
        assert_eq!(parts["member"], Part::Read(json!(UPGRADES)));
        assert!(matches!(parts["orphan"], Part::Gap(_)));

        let denied = Gap::new("rds:DescribeDBClusters", Cause::Denied, "AccessDenied");
        world.missing(Cluster::KIND, REGION, denied.clone());
        let parts = lifecycle_support(&world, REGION);
        assert_eq!(parts["alone"], Part::Read(json!(PAYS)));
        assert_eq!(parts["orphan"], Part::Gap(denied));
    }
}
