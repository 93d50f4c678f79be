//! What alarms cover: alarms that notify through a composite alarm, databases with an alarm, and
//! the coverage of a region.

use super::{Derivation, Need, World, part};
use crate::model::kinds::account::Region;
use crate::model::kinds::cloudwatch::{Alarm, AlarmCoverage, AlarmMetric};
use crate::model::kinds::ec2::compute::Instance as Machine;
use crate::model::kinds::ec2::network::NatGateway;
use crate::model::kinds::lambda::Function;
use crate::model::kinds::rds::Instance;
use crate::model::{Gap, Part, TypedDocument};
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
        run: &in_composite,
    },
    Derivation {
        kind: Instance::KIND,
        part: "watched",
        needs: &[ALARMS],
        run: &watched,
    },
    Derivation {
        kind: Machine::KIND,
        part: "recovery_alarm",
        needs: &[ALARMS],
        run: &recovery_alarm,
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
            Need {
                kind: Function::KIND,
                parts: &[],
            },
        ],
        run: &alarm_coverage,
    },
];

/// The alarms of a region by name, as far as they were read, and the gap if there may be more.
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

    /// `true` follows from what was read; `false` only if the list is complete.
    fn decide(&self, found: bool) -> Result<bool, Gap> {
        match &self.hidden {
            Some(gap) if !found => Err(gap.clone()),
            _ => Ok(found),
        }
    }

    /// The dimensions of all metrics that alarms watch whose `ALARM` state leads to an action.
    fn watched(&self) -> Watched<'_> {
        self.metrics()
            .flat_map(|metric| &metric.dimensions)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

impl Alarms {
    /// All metrics that such alarms watch.
    fn metrics(&self) -> impl Iterator<Item = &AlarmMetric> {
        let effective =
            |(name, alarm): &(&String, &Alarm)| acts(alarm) || self.in_composite.contains(*name);
        let alarms = self.by_name.iter().filter(effective);
        alarms.flat_map(|(_, alarm)| &alarm.metrics)
    }

    /// Whether an alarm watches all functions together: a metric of Lambda without dimensions.
    fn watch_lambda(&self) -> bool {
        self.metrics().any(|metric| {
            metric.namespace.as_deref() == Some("AWS/Lambda") && metric.dimensions.is_empty()
        })
    }
}

/// Dimension names and values: `("DBInstanceIdentifier", "db-1")`.
type Watched<'a> = BTreeSet<(&'a str, &'a str)>;

/// The metrics of a region that alarms with an action watch.
pub(super) struct WatchedMetrics(Vec<AlarmMetric>);

impl WatchedMetrics {
    /// # Errors
    /// The gap that leaves it open whether there are more alarms.
    pub(super) fn of(world: &World, region: &str) -> Result<Self, Gap> {
        let alarms = Alarms::of(world, region);
        match &alarms.hidden {
            Some(gap) => Err(gap.clone()),
            None => Ok(Self(alarms.metrics().cloned().collect())),
        }
    }

    /// The names of those in a namespace that have at least these dimensions.
    pub(super) fn names(&self, namespace: &str, dimensions: &[(&str, String)]) -> BTreeSet<String> {
        let about = self.0.iter().filter(|metric| {
            let has = |(name, value): &(&str, String)| metric.dimensions.get(*name) == Some(value);
            metric.namespace.as_deref() == Some(namespace) && dimensions.iter().all(has)
        });
        about.map(|metric| metric.metric_name.clone()).collect()
    }
}

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

/// Whether an alarm on a metric of the machine itself recovers it.
fn recovery_alarm(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let alarms = Alarms::of(world, region);
    let recovering = alarms.by_name.values().filter(|alarm| {
        alarm.actions_enabled && alarm.alarm_actions.iter().any(|arn| is_recovery(arn))
    });
    let recovered: BTreeSet<&str> = recovering
        .flat_map(|alarm| &alarm.metrics)
        .filter_map(|metric| metric.dimensions.get("InstanceId"))
        .map(String::as_str)
        .collect();
    let machines = world.known::<Machine>(region).unwrap_or_default();
    machines
        .into_iter()
        .map(|(resource, _)| {
            let recovered = alarms.decide(recovered.contains(resource.id.as_str()));
            (resource.id, part(recovered))
        })
        .collect()
}

/// The action that recovers a machine, and its first form.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn is_recovery(arn: &str) -> bool {
    arn.ends_with(":ec2:recover") || arn.contains(":action/actions/AWS_EC2.InstanceId.Recover/")
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

/// A share needs complete lists; any incomplete one is a gap.
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
    let functions = world.all::<Function>(region)?;
    let together = alarms.watch_lambda();
    let functions = functions.iter().map(|(resource, _)| {
        let id = resource.id.as_str();
        (id, together || watched.contains(&("FunctionName", id)))
    });
    let all: Vec<(&str, bool)> = databases.chain(gateways).chain(functions).collect();
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
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(AlarmCoverage {
        resources: count(all.len()),
        watched: count(all.len() - unwatched.len()),
        share,
        unwatched,
    })
}

#[cfg(test)]
#[path = "alarms_tests.rs"]
mod tests;
