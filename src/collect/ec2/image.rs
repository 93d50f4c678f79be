//! Reads the account's own images.

use super::answer::{have, tags, time_text, word};
use super::instance_parts::DESCRIBE_IMAGES;
use crate::aws::error::gap;
use crate::collect::Job;
use crate::model::kinds::ec2::compute::{Image, ImageBlockDevice};
use crate::model::{Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument};
use aws_sdk_ec2::types as sdk;
use std::sync::Arc;

/// What this module reads.
pub(super) const KIND: Kind = Kind {
    name: Image::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_IMAGES],
    parts: &[PartSpec {
        name: "in_use",
        calls: &[],
        per: Per::Derived,
    }],
    definition: Definition::Typed(Image::schema),
};

/// Reads every image that the account owns, disabled ones included.
pub(super) async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_images()
        .owners("self")
        .include_deprecated(true)
        .include_disabled(true)
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_IMAGES, &e))?;
        for image in page.images.unwrap_or_default() {
            let (resource, own) = document(&job, image)?;
            job.emit(resource, &own).await;
        }
    }
    Ok(())
}

fn document(job: &Job, i: sdk::Image) -> Result<(Resource, Image), Gap> {
    let id = have(&DESCRIBE_IMAGES, i.image_id, "ImageId")?;
    // Images' ARNs have no account in them.
    let arn = format!("arn:{}:ec2:{}::image/{id}", job.partition, job.region);
    let mut resource = job.resource(&id, Some(arn), tags(i.tags));
    if resource.name == id {
        resource.name = i.name.clone().filter(|n| !n.is_empty()).unwrap_or(id);
    }
    let own = Image {
        state: have(&DESCRIBE_IMAGES, i.state, "State")?
            .as_str()
            .to_owned(),
        image_name: i.name,
        creation_date: time_text(i.creation_date.as_deref()),
        public: have(&DESCRIBE_IMAGES, i.public, "Public")?,
        // EC2 writes `windows`, some SDK models `Windows`.
        platform: i.platform.map(|p| p.as_str().to_ascii_lowercase()),
        platform_details: i.platform_details,
        architecture: word(i.architecture),
        root_device_type: word(i.root_device_type),
        block_devices: block_devices(i.block_device_mappings.unwrap_or_default()),
        deprecation_time: time_text(i.deprecation_time.as_deref()),
        last_launched_time: time_text(i.last_launched_time.as_deref()),
        imds_support: word(i.imds_support),
        in_use: Part::Unread,
    };
    Ok((resource, own))
}

fn block_devices(mappings: Vec<sdk::BlockDeviceMapping>) -> Vec<ImageBlockDevice> {
    let ebs = mappings.into_iter().filter_map(|m| {
        let ebs = m.ebs?;
        Some(ImageBlockDevice {
            device_name: m.device_name,
            snapshot_id: ebs.snapshot_id.filter(|s| !s.is_empty()),
            size_gib: ebs.volume_size.map(i64::from),
            encrypted: ebs.encrypted,
        })
    });
    ebs.collect()
}
