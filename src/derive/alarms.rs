//! What alarms watch: alarms that reach somebody through a composite alarm, databases that an alarm
//! watches, and how much of a region they cover.

use super::{Derivation, Need, World, part};
use crate::model::kinds::account::Region;
use crate::model::kinds::cloudwatch::{Alarm, AlarmCoverage};
use crate::model::kinds::ec2::network::NatGateway;
use crate::model::kinds::rds::Instance;
use crate::model::{Gap, Kinded, Part};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const ALARMS: Need = Need {
    kind: Alarm::KIND,
    parts: &[],
};

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        kind: Alarm::KIND,
        part: "in_composite",
        needs: &[ALARMS],
        run: in_composite,
    },
    Derivation {
        kind: Instance::KIND,
        part: "watched",
        needs: &[ALARMS],
        run: watched,
    },
    Derivation {
        kind: Region::KIND,
        part: "alarm_coverage",
        needs: &[
            ALARMS,
            Need {
                kind: Instance::KIND,
                parts: &[],
            },
            Need {
                kind: NatGateway::KIND,
                parts: &[],
            },
        ],
        run: alarm_coverage,
    },
];

/// The alarms of a region by name, as far as they were read, and the gap that may hide more.
struct Alarms {
    by_name: BTreeMap<String, Alarm>,
    /// Names that a composite alarm with actions depends on, directly or through others.
    in_composite: BTreeSet<String>,
    hidden: Option<Gap>,
}

impl Alarms {
    fn of(world: &World, region: &str) -> Self {
        let (known, hidden) = world.seen::<Alarm>(region);
        let by_name = known
            .into_iter()
            .map(|(resource, alarm)| (resource.id, alarm))
            .collect();
        Self {
            in_composite: below_acting_composites(&by_name),
            by_name,
            hidden,
        }
    }

    /// `true` can be told from what was read; `false` only when nothing is hidden.
    fn decide(&self, found: bool) -> Result<bool, Gap> {
        match &self.hidden {
            Some(gap) if !found => Err(gap.clone()),
            _ => Ok(found),
        }
    }

    /// The dimensions of all metrics that alarms watch whose `ALARM` state leads to an action.
    fn watched(&self) -> Watched<'_> {
        let effective =
            |(name, alarm): &(&String, &Alarm)| acts(alarm) || self.in_composite.contains(*name);
        self.by_name
            .iter()
            .filter(effective)
            .flat_map(|(_, alarm)| &alarm.metrics)
            .flat_map(|metric| &metric.dimensions)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// Dimension names and values: `("DBInstanceIdentifier", "db-1")`.
type Watched<'a> = BTreeSet<(&'a str, &'a str)>;

fn acts(alarm: &Alarm) -> bool {
    alarm.actions_enabled && !alarm.alarm_actions.is_empty()
}

/// Goes down from every composite alarm with actions; composite alarms may nest.
fn below_acting_composites(alarms: &BTreeMap<String, Alarm>) -> BTreeSet<String> {
    let mut below = BTreeSet::new();
    let mut next: Vec<&String> = alarms
        .values()
        .filter(|alarm| acts(alarm))
        .flat_map(|alarm| &alarm.children)
        .collect();
    while let Some(name) = next.pop() {
        if below.insert(name.clone()) {
            next.extend(alarms.get(name).iter().flat_map(|alarm| &alarm.children));
        }
    }
    below
}

fn in_composite(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let alarms = Alarms::of(world, region);
    let decide = |name: &String| alarms.decide(alarms.in_composite.contains(name));
    let names = alarms.by_name.keys();
    names
        .map(|name| (name.clone(), part(decide(name))))
        .collect()
}

fn watched(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let Ok(instances) = world.known::<Instance>(region) else {
        return BTreeMap::new();
    };
    let alarms = Alarms::of(world, region);
    let watched = alarms.watched();
    let decide =
        |id: &str, instance: &Instance| alarms.decide(watches_database(&watched, id, instance));
    let instances = instances.iter();
    instances
        .map(|(resource, instance)| {
            let watched = decide(&resource.id, instance);
            (resource.id.clone(), part(watched))
        })
        .collect()
}

/// An alarm on a metric of its cluster watches an instance, too.
fn watches_database(watched: &Watched<'_>, id: &str, instance: &Instance) -> bool {
    let cluster = instance.db_cluster_identifier.as_deref();
    watched.contains(&("DBInstanceIdentifier", id))
        || cluster.is_some_and(|cluster| watched.contains(&("DBClusterIdentifier", cluster)))
}

fn alarm_coverage(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let Ok(regions) = world.known::<Region>(region) else {
        return BTreeMap::new();
    };
    let coverage = coverage(world, region);
    let regions = regions.into_iter();
    regions
        .map(|(resource, _)| (resource.id.clone(), part(coverage.clone())))
        .collect()
}

/// A share needs the whole: any list that is not complete is a gap here.
fn coverage(world: &World, region: &str) -> Result<AlarmCoverage, Gap> {
    let alarms = Alarms::of(world, region);
    if let Some(gap) = &alarms.hidden {
        return Err(gap.clone());
    }
    let watched = alarms.watched();
    let databases = world.all::<Instance>(region)?;
    let gateways = world.all::<NatGateway>(region)?;
    let databases = databases.iter().map(|(resource, instance)| {
        let id = resource.id.as_str();
        (id, watches_database(&watched, id, instance))
    });
    let gateways = gateways
        .iter()
        .filter(|(_, gateway)| gateway.state == "available")
        .map(|(resource, _)| {
            let id = resource.id.as_str();
            (id, watched.contains(&("NatGatewayId", id)))
        });
    let all: Vec<(&str, bool)> = databases.chain(gateways).collect();
    let mut unwatched: Vec<String> = all
        .iter()
        .filter(|(_, watched)| !watched)
        .map(|(id, _)| (*id).to_owned())
        .collect();
    unwatched.sort_unstable();
    #[allow(
        clippy::cast_precision_loss,
        reason = "resources of a region, far below 2^52"
    )]
    let share = match all.len() {
        0 => 1.0,
        n => (n - unwatched.len()) as f64 / n as f64,
    };
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(AlarmCoverage {
        resources: whole(all.len()),
        watched: whole(all.len() - unwatched.len()),
        share,
        unwatched,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cause, Document, Resource};
    use serde_json::json;

    const REGION: &str = "eu-west-1";

    fn add(world: &mut World, kind: &str, id: &str, fields: Value) {
        let resource = Resource {
            kind: kind.to_owned(),
            id: id.to_owned(),
            arn: None,
            name: id.to_owned(),
            account: "111122223333".to_owned(),
            region: REGION.to_owned(),
            tags: Part::Unread,
        };
        let Value::Object(fields) = fields else {
            panic!("fields are an object")
        };
        let document = Document {
            resource,
            fields,
            gaps: BTreeMap::new(),
        };
        world.add(REGION, document);
    }

    fn alarm(world: &mut World, name: &str, actions: &[&str], children: &[&str], database: &str) {
        let metrics = match database {
            "" => json!([]),
            id => json!([{
                "namespace": "AWS/RDS",
                "metric_name": "CPUUtilization",
                "dimensions": {"DBInstanceIdentifier": id},
            }]),
        };
        let fields = json!({
            "alarm_type": if children.is_empty() { "metric" } else { "composite" },
            "state_value": "OK",
            "state_updated_timestamp": "2026-03-01T00:00:00Z",
            "actions_enabled": true,
            "alarm_actions": actions,
            "ok_actions": [],
            "insufficient_data_actions": [],
            "has_description": false,
            "has_link": false,
            "metrics": metrics,
            "uses_expression": false,
            "children": children,
        });
        add(world, Alarm::KIND, name, fields);
    }

    fn read(parts: &BTreeMap<String, Part<Value>>, id: &str) -> Option<bool> {
        match parts.get(id) {
            Some(Part::Read(value)) => value.as_bool(),
            _ => None,
        }
    }

    fn nested() -> World {
        let mut world = World::default();
        alarm(&mut world, "cpu", &[], &[], "db-1");
        alarm(&mut world, "disk", &[], &[], "db-2");
        alarm(&mut world, "inner", &[], &["cpu"], "");
        alarm(
            &mut world,
            "outer",
            &["arn:aws:sns:eu-west-1:1:ops"],
            &["inner"],
            "",
        );
        world
    }

    #[test]
    fn composites_reach_down_to_their_grandchildren() {
        let parts = in_composite(&nested(), REGION);
        assert_eq!(read(&parts, "cpu"), Some(true));
        assert_eq!(read(&parts, "inner"), Some(true));
        assert_eq!(read(&parts, "outer"), Some(false));
        assert_eq!(read(&parts, "disk"), Some(false));
    }

    #[test]
    fn hidden_alarms_leave_only_what_is_certain() {
        let mut world = nested();
        let gap = Gap::new("cloudwatch:DescribeAlarms", Cause::Throttled, "Throttling");
        world.missing(Alarm::KIND, REGION, gap.clone());
        let parts = in_composite(&world, REGION);
        assert_eq!(read(&parts, "cpu"), Some(true));
        assert_eq!(parts["disk"], Part::Gap(gap));
    }

    fn database(world: &mut World, id: &str) {
        let fields = json!({
            "status": "available", "instance_class": "db.t3.micro", "engine": "postgres",
            "engine_version": "16.1", "multi_az": false, "vpc_security_group_ids": [],
            "read_replica_db_instance_identifiers": [], "storage_encrypted": true,
            "backup_retention_period": 7, "automated_backup_replications": [],
            "deletion_protection": true, "auto_minor_version_upgrade": true,
            "enabled_cloudwatch_logs_exports": [], "db_parameter_groups": [],
            "pending_modified_values": [],
        });
        add(world, Instance::KIND, id, fields);
    }

    #[test]
    fn an_alarm_without_effect_watches_nothing() {
        let mut world = nested();
        for id in ["db-1", "db-2", "db-3"] {
            database(&mut world, id);
        }
        let parts = watched(&world, REGION);
        assert_eq!(read(&parts, "db-1"), Some(true));
        assert_eq!(read(&parts, "db-2"), Some(false));
        assert_eq!(read(&parts, "db-3"), Some(false));
    }

    #[test]
    fn coverage_counts_what_is_unwatched() {
        let mut world = nested();
        add(&mut world, Region::KIND, REGION, json!({}));
        for id in ["db-1", "db-2"] {
            database(&mut world, id);
        }
        world.missing(
            NatGateway::KIND,
            REGION,
            Gap::new(
                "ec2:DescribeNatGateways",
                Cause::Denied,
                "UnauthorizedOperation",
            ),
        );
        assert!(matches!(
            alarm_coverage(&world, REGION)[REGION],
            Part::Gap(_)
        ));

        let mut world = nested();
        add(&mut world, Region::KIND, REGION, json!({}));
        for id in ["db-1", "db-2"] {
            database(&mut world, id);
        }
        world.listed(NatGateway::KIND, REGION);
        let coverage = json!({
            "resources": 2, "watched": 1, "share": 0.5, "unwatched": ["db-2"],
        });
        assert_eq!(alarm_coverage(&world, REGION)[REGION], Part::Read(coverage));
    }

    #[test]
    fn without_alarms_nobody_knows() {
        let mut world = World::default();
        database(&mut world, "db-1");
        let parts = watched(&world, REGION);
        assert!(matches!(parts["db-1"], Part::Gap(_)));
    }
}
