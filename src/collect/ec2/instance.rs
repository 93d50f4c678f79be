//! Reads instances.

use super::answer::{have, share, tags, time, word};
use super::instance_addresses::Addresses;
use super::instance_metrics::{CPU, CREDITS, NETWORK, is_burstable};
use super::instance_parts::{
    DESCRIBE_IMAGES, DESCRIBE_INSTANCE_ATTRIBUTE, DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS,
    DESCRIBE_INSTANCE_INFORMATION, DESCRIBE_INSTANCE_STATUS, DESCRIBE_INSTANCE_TYPES, agents,
    images, recoverable_types, statuses, termination_protection, unlimited_instances, user_data,
};
use crate::aws::error::gap;
use crate::collect::Job;
use crate::collect::compact_list::CompactList;
use crate::collect::join::join_each;
use crate::collect::metrics::GET_METRIC_DATA;
use crate::model::kinds::ec2::compute::{
    BlockDevice, Cpu, Credits, Instance, LaunchImage, MetadataOptions, Network,
};
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_ec2::types::{self as sdk, Filter};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const DESCRIBE_INSTANCES: Call = crate::call!("ec2", "DescribeInstances");

/// What this module reads.
pub(super) const KIND: Kind = Kind {
    name: Instance::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_INSTANCES],
    parts: &[
        PartSpec {
            name: "user_data",
            calls: &[&DESCRIBE_INSTANCE_ATTRIBUTE],
            per: Per::Resource,
        },
        PartSpec {
            name: "status",
            calls: &[&DESCRIBE_INSTANCE_STATUS],
            per: Per::Kind,
        },
        PartSpec {
            name: "managed",
            calls: &[&DESCRIBE_INSTANCE_INFORMATION],
            per: Per::Kind,
        },
        PartSpec {
            name: "disable_api_termination",
            calls: &[&DESCRIBE_INSTANCE_ATTRIBUTE],
            per: Per::Resource,
        },
        PartSpec {
            name: "image",
            calls: &[&DESCRIBE_IMAGES],
            per: Per::Kind,
        },
        PartSpec {
            name: "cpu",
            calls: &[&GET_METRIC_DATA],
            per: Per::Metrics(2),
        },
        PartSpec {
            name: "network",
            calls: &[&GET_METRIC_DATA],
            per: Per::Metrics(2),
        },
        PartSpec {
            name: "credits",
            calls: &[&GET_METRIC_DATA],
            per: Per::Metrics(2),
        },
        PartSpec {
            name: "recovery_supported",
            calls: &[&DESCRIBE_INSTANCE_TYPES],
            per: Per::Kind,
        },
        PartSpec {
            name: "credit_option",
            calls: &[&DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS],
            per: Per::Kind,
        },
        PartSpec {
            name: "recovery_alarm",
            calls: &[],
            per: Per::Derived,
        },
        PartSpec {
            name: "exposure",
            calls: &[],
            per: Per::Derived,
        },
    ],
    definition: Definition::Typed(Instance::schema),
};

/// Reads every instance that exists. Resources found before a failing page are emitted too.
pub(super) async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut found = CompactList::default();
    let (listed, status, managed) = futures::join!(
        list(&job, &mut found),
        job.part("status", statuses(&job)),
        job.part("managed", agents(&job)),
    );
    let (job, found) = (&job, &found);
    let tasks = found.iter().enumerate().map(|(index, found)| async move {
        let (resource, mut own) = found;
        let protection = termination_protection(job, &resource.id);
        // On the heap: the requests' state is large, and many are held at once.
        (own.user_data, own.disable_api_termination) = futures::join!(
            Box::pin(job.part("user_data", user_data(job, &resource.id))),
            Box::pin(job.part("disable_api_termination", protection)),
        );
        (index, (resource, own))
    });
    let of_all = ForAll::read(job, found);
    // On the heap, as its resources are large.
    Box::pin(join_each(
        job.limits.run(2, tasks),
        of_all,
        |(index, (resource, mut own)), of_all| {
            own.status = share(&DESCRIBE_INSTANCE_STATUS, &status, &resource.id);
            // Systems Manager lists the instances that it manages; others are not managed.
            own.managed = match &managed {
                Part::Unread => Part::Unread,
                Part::Gap(gap) => Part::Gap(gap.clone()),
                Part::Read(agents) => Part::Read(agents.get(&resource.id).cloned()),
            };
            of_all.fill(index, &resource.id, &mut own);
            async move { job.emit(resource, &own).await }
        },
    ))
    .await;
    listed
}

/// What is read for all instances at once, in their order.
struct ForAll {
    recoverable: Part<BTreeMap<String, bool>>,
    unlimited: Part<BTreeMap<String, String>>,
    images: Part<BTreeMap<String, LaunchImage>>,
    cpu: Vec<Part<Cpu>>,
    network: Vec<Part<Network>>,
    credits: Vec<Part<Credits>>,
}

impl ForAll {
    async fn read(job: &Job, found: &CompactList<Instance>) -> Self {
        let (mut ids, mut types) = (BTreeSet::new(), BTreeSet::new());
        let (mut cpu, mut network, mut credits) = (Vec::new(), Vec::new(), Vec::new());
        for (resource, own) in found.iter() {
            cpu.push(CPU.of(&resource, &own));
            network.push(NETWORK.of(&resource, &own));
            credits.push(CREDITS.of(&resource, &own));
            ids.extend(own.image_id);
            types.insert(own.instance_type);
        }
        let (recoverable, unlimited, images, cpu, network, credits) = futures::join!(
            job.part("recovery_supported", recoverable_types(job, types)),
            job.part("credit_option", unlimited_instances(job)),
            job.part("image", images(job, ids)),
            CPU.read(job, &cpu),
            NETWORK.read(job, &network),
            CREDITS.read(job, &credits),
        );
        Self {
            recoverable,
            unlimited,
            images,
            cpu,
            network,
            credits,
        }
    }

    fn fill(&self, index: usize, id: &str, own: &mut Instance) {
        own.recovery_supported = share(
            &DESCRIBE_INSTANCE_TYPES,
            &self.recoverable,
            &own.instance_type,
        );
        own.credit_option = match &self.unlimited {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap.clone()),
            Part::Read(listed) => Part::Read(credit_option(listed.get(id), &own.instance_type)),
        };
        own.image = match &self.images {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap.clone()),
            Part::Read(images) => {
                Part::Read(own.image_id.as_ref().and_then(|id| images.get(id)).cloned())
            }
        };
        own.cpu = self.cpu[index].clone();
        own.network = self.network[index].clone();
        own.credits = self.credits[index].clone();
    }
}

/// EC2 lists the instances that are or were unlimited; all others of the T families are `standard`.
fn credit_option(listed: Option<&String>, instance_type: &str) -> Option<String> {
    if !is_burstable(instance_type) {
        return None;
    }
    Some(listed.map_or_else(|| "standard".to_owned(), Clone::clone))
}

async fn list(job: &Job, found: &mut CompactList<Instance>) -> Result<(), Gap> {
    let living = Filter::builder()
        .name("instance-state-name")
        .set_values(Some(
            ["pending", "running", "stopping", "stopped"]
                .map(ToOwned::to_owned)
                .to_vec(),
        ))
        .build();
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_instances()
        // Some accounts hide the instances that AWS services run for them.
        .include_managed_resources(true)
        .filters(living)
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_INSTANCES, &e))?;
        let reservations = page.reservations.unwrap_or_default();
        for instance in reservations
            .into_iter()
            .flat_map(|r| r.instances.unwrap_or_default())
        {
            found.push(document(job, instance)?);
        }
    }
    Ok(())
}

// Long, as it is one flat list of fields, which would only be harder to read in pieces.
fn document(job: &Job, i: sdk::Instance) -> Result<(Resource, Instance), Gap> {
    let id = have(&DESCRIBE_INSTANCES, i.instance_id, "InstanceId")?;
    let arn = job.arn("ec2", &format!("instance/{id}"));
    let replaceable = is_replaceable(i.tags.as_deref().unwrap_or_default());
    let resource = job.resource(&id, Some(arn), tags(i.tags));
    let state = have(
        &DESCRIBE_INSTANCES,
        i.state.and_then(|s| s.name),
        "State.Name",
    )?;
    let instance_type = have(&DESCRIBE_INSTANCES, i.instance_type, "InstanceType")?;
    let addresses = Addresses::of(
        i.network_interfaces.as_deref().unwrap_or_default(),
        i.private_ip_address,
        i.public_ip_address,
    );
    let placement = i
        .placement
        .unwrap_or_else(|| sdk::Placement::builder().build());
    let stopped = (state == sdk::InstanceStateName::Stopped)
        .then_some(i.state_transition_reason.as_deref())
        .flatten();
    let own = Instance {
        state: state.as_str().to_owned(),
        instance_type: instance_type.as_str().to_owned(),
        architecture: word(i.architecture),
        // EC2 writes `windows`, some SDK models `Windows`.
        platform: i.platform.map(|p| p.as_str().to_ascii_lowercase()),
        platform_details: i.platform_details,
        image_id: i.image_id,
        key_name: i.key_name,
        launch_time: time(i.launch_time),
        metadata_options: i.metadata_options.map(metadata_options),
        private_ip_addresses: addresses.private,
        public_ip_addresses: addresses.public,
        ipv6_addresses: addresses.ipv6,
        iam_instance_profile: i.iam_instance_profile.and_then(|p| p.arn),
        security_group_ids: addresses.groups.unwrap_or_else(|| {
            let groups = i.security_groups.unwrap_or_default();
            groups.into_iter().filter_map(|g| g.group_id).collect()
        }),
        subnet_id: i.subnet_id,
        vpc_id: i.vpc_id,
        availability_zone: placement.availability_zone,
        tenancy: word(placement.tenancy),
        monitoring: word(i.monitoring.and_then(|m| m.state)),
        ebs_optimized: i.ebs_optimized,
        ena_support: i.ena_support,
        source_dest_check: i.source_dest_check,
        virtualization_type: word(i.virtualization_type),
        root_device_type: word(i.root_device_type),
        root_device_name: i.root_device_name,
        block_devices: block_devices(i.block_device_mappings.unwrap_or_default()),
        stopped_at: stopped.and_then(transition_time),
        state_transition_reason: i.state_transition_reason.filter(|r| !r.is_empty()),
        network_interface_ids: addresses.interfaces,
        auto_recovery: word(i.maintenance_options.and_then(|m| m.auto_recovery)),
        lifecycle: word(i.instance_lifecycle),
        hibernation: i.hibernation_options.and_then(|h| h.configured),
        // Absent for an instance that no AWS service manages.
        managed_by_aws: i.operator.and_then(|o| o.managed).unwrap_or(false),
        replaceable,
        user_data: Part::Unread,
        status: Part::Unread,
        managed: Part::Unread,
        disable_api_termination: Part::Unread,
        image: Part::Unread,
        cpu: Part::Unread,
        network: Part::Unread,
        credits: Part::Unread,
        recovery_supported: Part::Unread,
        recovery_alarm: Part::Unread,
        credit_option: Part::Unread,
        exposure: Part::Unread,
    };
    Ok((resource, own))
}

/// Tags of instances in a group that replaces lost instances, set by Auto Scaling and by Karpenter.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html>,
/// <https://karpenter.sh/docs/concepts/nodeclasses/#spectags>
const OF_A_GROUP: &[&str] = &[
    "aws:autoscaling:groupName",
    "karpenter.sh/nodepool",
    "karpenter.sh/provisioner-name",
];

fn is_replaceable(tags: &[sdk::Tag]) -> bool {
    let mut keys = tags.iter().filter_map(|tag| tag.key.as_deref());
    keys.any(|key| OF_A_GROUP.contains(&key))
}

fn metadata_options(options: sdk::InstanceMetadataOptionsResponse) -> MetadataOptions {
    MetadataOptions {
        http_tokens: word(options.http_tokens),
        http_endpoint: word(options.http_endpoint),
        http_put_response_hop_limit: options.http_put_response_hop_limit.map(i64::from),
    }
}

fn block_devices(mappings: Vec<sdk::InstanceBlockDeviceMapping>) -> Vec<BlockDevice> {
    let ebs = mappings.into_iter().filter_map(|m| {
        let ebs = m.ebs?;
        Some(BlockDevice {
            device_name: m.device_name,
            volume_id: ebs.volume_id,
            delete_on_termination: ebs.delete_on_termination,
        })
    });
    ebs.collect()
}

/// The time in a reason for a state change: `User initiated (2024-01-01 12:00:00 GMT)`.
fn transition_time(reason: &str) -> Option<Timestamp> {
    let (_, rest) = reason.rsplit_once('(')?;
    let (time, _) = rest.split_once(')')?;
    let time = time.strip_suffix(" GMT").or(time.strip_suffix(" UTC"))?;
    let civil = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", time).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
#[path = "instance_tests.rs"]
mod tests;
