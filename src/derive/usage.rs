//! Resources that nothing uses or monitors.

use super::{Derivation, Need, World, part};
use crate::model::kinds::ec2::compute::{AttachedInstance, Image, Instance, Snapshot, Volume};
use crate::model::{Gap, Part, Resource, TypedDocument};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        kind: Volume::KIND,
        part: "newest_snapshot",
        needs: &[listed(Snapshot::KIND)],
        run: &newest_snapshot,
    },
    Derivation {
        kind: Volume::KIND,
        part: "instances",
        needs: &[listed(Instance::KIND)],
        run: &instances,
    },
    Derivation {
        kind: Snapshot::KIND,
        part: "volume_exists",
        needs: &[listed(Volume::KIND)],
        run: &volume_exists,
    },
    Derivation {
        kind: Snapshot::KIND,
        part: "used_by_image",
        needs: &[listed(Image::KIND)],
        run: &used_by_image,
    },
    Derivation {
        kind: Image::KIND,
        part: "in_use",
        needs: &[listed(Instance::KIND)],
        run: &in_use,
    },
];

/// A kind of which only the fields of its list call are read.
const fn listed(kind: &'static str) -> Need {
    Need { kind, parts: &[] }
}

type Parts = BTreeMap<String, Part<Value>>;

/// A set that may be incomplete because of a gap.
struct Partial<T> {
    known: T,
    /// Set when there may be more.
    gap: Option<Gap>,
}

impl<T> Partial<T> {
    /// Collects from the documents of a kind that were read, and the gap if there may be others.
    fn of<K: TypedDocument>(
        world: &World,
        region: &str,
        collect: impl FnOnce(Vec<(Resource, K)>) -> T,
    ) -> Self {
        let (known, gap) = world.seen::<K>(region);
        Self {
            known: collect(known),
            gap,
        }
    }

    /// `None` is an answer only if the list is complete.
    fn otherwise<V>(&self, found: Option<V>, absent: V) -> Result<V, Gap> {
        match (found, &self.gap) {
            (Some(found), _) => Ok(found),
            (None, None) => Ok(absent),
            (None, Some(gap)) => Err(gap.clone()),
        }
    }
}

/// Computes a part for every document of a kind.
fn each<K: TypedDocument, V: serde::Serialize>(
    world: &World,
    region: &str,
    compute: impl Fn(&Resource, &K) -> Result<V, Gap>,
) -> Parts {
    let documents = world.known::<K>(region).unwrap_or_default();
    documents
        .iter()
        .map(|(resource, own)| (resource.id.clone(), part(compute(resource, own))))
        .collect()
}

/// An incomplete list may lack the newest snapshot, so it decides nothing.
fn newest_snapshot(world: &World, region: &str) -> Parts {
    let newest = world.all::<Snapshot>(region).map(|snapshots| {
        let mut newest: BTreeMap<String, Timestamp> = BTreeMap::new();
        for (_, snapshot) in snapshots {
            if let (Some(volume), Some(time)) = (snapshot.volume_id, snapshot.start_time)
                && snapshot.state == "completed"
            {
                let latest = newest.entry(volume).or_insert(time);
                *latest = time.max(*latest);
            }
        }
        newest
    });
    each::<Volume, _>(world, region, |resource, _| {
        let newest = newest.as_ref().map_err(Clone::clone)?;
        Ok(newest.get(&resource.id).copied())
    })
}

fn instances(world: &World, region: &str) -> Parts {
    let seen = Partial::of(world, region, |all: Vec<(Resource, Instance)>| {
        let states = all.into_iter().map(|(resource, own)| {
            let attached = AttachedInstance {
                instance_id: resource.id.clone(),
                state: Some(own.state),
                replaceable: Some(own.replaceable),
                stopped_at: own.stopped_at,
            };
            (resource.id.clone(), attached)
        });
        states.collect::<BTreeMap<_, _>>()
    });
    each::<Volume, _>(world, region, |_, volume| {
        let ids = volume
            .attachments
            .iter()
            .filter_map(|a| a.instance_id.as_ref());
        ids.map(|id| {
            let unseen = AttachedInstance {
                instance_id: id.clone(),
                state: None,
                replaceable: None,
                stopped_at: None,
            };
            seen.otherwise(seen.known.get(id).cloned(), unseen)
        })
        .collect::<Result<Vec<_>, _>>()
    })
}

fn volume_exists(world: &World, region: &str) -> Parts {
    let seen = Partial::of(world, region, |all: Vec<(Resource, Volume)>| {
        let ids = all.into_iter().map(|(resource, _)| resource.id.clone());
        ids.collect::<BTreeSet<_>>()
    });
    each::<Snapshot, _>(world, region, |_, snapshot| {
        let Some(volume) = &snapshot.volume_id else {
            return Ok(None);
        };
        seen.otherwise(
            seen.known.contains(volume).then_some(Some(true)),
            Some(false),
        )
    })
}

fn used_by_image(world: &World, region: &str) -> Parts {
    let seen = Partial::of(world, region, |all: Vec<(Resource, Image)>| {
        let devices = all.into_iter().flat_map(|(_, image)| image.block_devices);
        devices
            .filter_map(|d| d.snapshot_id)
            .collect::<BTreeSet<_>>()
    });
    each::<Snapshot, _>(world, region, |resource, _| {
        seen.otherwise(seen.known.contains(&resource.id).then_some(true), false)
    })
}

fn in_use(world: &World, region: &str) -> Parts {
    let seen = Partial::of(world, region, |all: Vec<(Resource, Instance)>| {
        let images = all
            .into_iter()
            .filter_map(|(_, instance)| instance.image_id);
        images.collect::<BTreeSet<_>>()
    });
    each::<Image, _>(world, region, |resource, _| {
        seen.otherwise(seen.known.contains(&resource.id).then_some(true), false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::sample::document;
    use crate::model::Cause;
    use serde_json::json;

    const REGION: &str = "eu-west-1";

    fn add(world: &mut World, kind: &str, id: &str, own: Value) {
        world.add(REGION, document(kind, REGION, id, own));
    }

    fn volume(world: &mut World, id: &str, instance: Option<&str>) {
        let attachments: Vec<Value> = instance
            .iter()
            .map(|i| json!({"instance_id": i, "device": null, "delete_on_termination": null, "state": "attached"}))
            .collect();
        let own = json!({"state": "in-use", "size_gib": 8, "volume_type": "gp3", "encrypted": true,
            "attachments": attachments, "managed_by_aws": false});
        add(world, Volume::KIND, id, own);
    }

    fn snapshot(world: &mut World, id: &str, volume: Option<&str>, state: &str, time: &str) {
        let own = json!({"state": state, "start_time": time, "volume_id": volume,
            "volume_size_gib": 8, "encrypted": true});
        add(world, Snapshot::KIND, id, own);
    }

    fn instance(world: &mut World, id: &str, state: &str, image: &str) {
        let own = json!({"state": state, "instance_type": "t3.micro", "image_id": image,
            "private_ip_addresses": [], "public_ip_addresses": [], "ipv6_addresses": [],
            "security_group_ids": [], "block_devices": [], "network_interface_ids": [],
            "managed_by_aws": false, "replaceable": state == "running"});
        add(world, Instance::KIND, id, own);
    }

    fn image(world: &mut World, id: &str, snapshot: &str) {
        let device = json!({"device_name": null, "snapshot_id": snapshot, "size_gib": null, "encrypted": null});
        let own = json!({"state": "available", "public": false, "block_devices": [device]});
        add(world, Image::KIND, id, own);
    }

    fn denied() -> Gap {
        Gap::new("ec2:Describe", Cause::Denied, "UnauthorizedOperation")
    }

    #[test]
    fn the_newest_completed_snapshot_counts() {
        let mut world = World::default();
        volume(&mut world, "vol-1", None);
        volume(&mut world, "vol-2", None);
        let old = "2026-01-01T00:00:00Z";
        let new = "2026-02-01T00:00:00Z";
        snapshot(&mut world, "snap-1", Some("vol-1"), "completed", old);
        snapshot(&mut world, "snap-2", Some("vol-1"), "completed", new);
        snapshot(
            &mut world,
            "snap-3",
            Some("vol-1"),
            "pending",
            "2026-03-01T00:00:00Z",
        );
        let parts = newest_snapshot(&world, REGION);
        assert_eq!(parts["vol-1"], Part::Read(json!(new)));
        assert_eq!(parts["vol-2"], Part::Read(Value::Null));

        world.missing(Snapshot::KIND, REGION, denied());
        let parts = newest_snapshot(&world, REGION);
        assert_eq!(parts["vol-1"], Part::Gap(denied()));
    }

    #[test]
    fn an_instance_that_was_read_is_known_although_others_are_hidden() {
        let mut world = World::default();
        volume(&mut world, "vol-1", Some("i-1"));
        volume(&mut world, "vol-2", Some("i-2"));
        volume(&mut world, "vol-3", None);
        instance(&mut world, "i-1", "stopped", "ami-1");
        instance(&mut world, "i-4", "running", "ami-1");
        volume(&mut world, "vol-4", Some("i-4"));
        let parts = instances(&world, REGION);
        let Part::Read(attached) = &parts["vol-4"] else {
            panic!("vol-4 was read");
        };
        assert_eq!(attached[0]["replaceable"], json!(true));
        let state = |parts: &Parts, id: &str| match &parts[id] {
            Part::Read(all) => Some(all[0]["state"].clone()),
            _ => None,
        };
        let parts = instances(&world, REGION);
        assert_eq!(state(&parts, "vol-1"), Some(json!("stopped")));
        assert_eq!(state(&parts, "vol-2"), Some(Value::Null));
        assert_eq!(parts["vol-3"], Part::Read(json!([])));

        world.missing(Instance::KIND, REGION, denied());
        let parts = instances(&world, REGION);
        assert_eq!(state(&parts, "vol-1"), Some(json!("stopped")));
        assert_eq!(parts["vol-2"], Part::Gap(denied()));
        assert_eq!(parts["vol-3"], Part::Read(json!([])));
    }

    #[test]
    fn only_a_complete_list_shows_that_something_is_gone() {
        let mut world = World::default();
        volume(&mut world, "vol-1", None);
        image(&mut world, "ami-1", "snap-1");
        let time = "2026-01-01T00:00:00Z";
        snapshot(&mut world, "snap-1", Some("vol-1"), "completed", time);
        snapshot(&mut world, "snap-2", Some("vol-9"), "completed", time);
        snapshot(&mut world, "snap-3", None, "completed", time);
        let exists = volume_exists(&world, REGION);
        assert_eq!(exists["snap-1"], Part::Read(json!(true)));
        assert_eq!(exists["snap-2"], Part::Read(json!(false)));
        assert_eq!(exists["snap-3"], Part::Read(Value::Null));
        let used = used_by_image(&world, REGION);
        assert_eq!(used["snap-1"], Part::Read(json!(true)));
        assert_eq!(used["snap-2"], Part::Read(json!(false)));

        // AWS refuses to delete the snapshots of an image that is disabled, as of any other.
        let device = json!({"device_name": null, "snapshot_id": "snap-2", "size_gib": null, "encrypted": null});
        let disabled = json!({"state": "disabled", "public": false, "block_devices": [device]});
        add(&mut world, Image::KIND, "ami-2", disabled);
        let used = used_by_image(&world, REGION);
        assert_eq!(used["snap-2"], Part::Read(json!(true)));
        snapshot(&mut world, "snap-4", Some("vol-9"), "completed", time);

        world.missing(Volume::KIND, REGION, denied());
        world.missing(Image::KIND, REGION, denied());
        let exists = volume_exists(&world, REGION);
        assert_eq!(exists["snap-1"], Part::Read(json!(true)));
        assert_eq!(exists["snap-2"], Part::Gap(denied()));
        let used = used_by_image(&world, REGION);
        assert_eq!(used["snap-1"], Part::Read(json!(true)));
        assert_eq!(used["snap-4"], Part::Gap(denied()));
    }

    #[test]
    fn an_image_that_an_instance_runs_is_in_use() {
        let mut world = World::default();
        image(&mut world, "ami-1", "snap-1");
        image(&mut world, "ami-2", "snap-2");
        assert!(matches!(in_use(&world, REGION)["ami-1"], Part::Gap(_)));
        instance(&mut world, "i-1", "stopped", "ami-1");
        let used = in_use(&world, REGION);
        assert_eq!(used["ami-1"], Part::Read(json!(true)));
        assert_eq!(used["ami-2"], Part::Read(json!(false)));
    }
}
