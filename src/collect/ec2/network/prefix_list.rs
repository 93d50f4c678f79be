//! Reads prefix lists: the account's own, those shared with it, and AWS's, which security groups and
//! routes refer to as well.

use super::{collect_field, have, tags};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{PrefixList, PrefixListEntry};
use crate::model::{Call, Definition, Gap, Kind, PartSpec, Per, Scope, TypedDocument};
use aws_sdk_ec2::types::ManagedPrefixList;
use futures::StreamExt;
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeManagedPrefixLists");
const ENTRIES: Call = crate::call!("ec2", "GetManagedPrefixListEntries");

/// The largest page of both operations.
const PAGE: i32 = 100;

const KIND: Kind = Kind {
    name: PrefixList::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[PartSpec {
        name: "entries",
        calls: &[&ENTRIES],
        per: Per::Resource,
    }],
    definition: Definition::Typed(PrefixList::schema),
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_managed_prefix_lists()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE, &e))?;
        let lists = page.prefix_lists.unwrap_or_default();
        let tasks = lists.into_iter().map(|list| emit(&job, list));
        let done: Vec<Result<(), Gap>> = job.limits.run(1, tasks).collect().await;
        done.into_iter().collect::<Result<(), Gap>>()?;
    }
    Ok(())
}

async fn emit(job: &Job, mut list: ManagedPrefixList) -> Result<(), Gap> {
    let id = have(&DESCRIBE, list.prefix_list_id.take(), "PrefixListId")?;
    let mut resource = job.resource(&id, list.prefix_list_arn.take(), tags(list.tags.take()));
    if let (true, Some(name)) = (resource.name == id, &list.prefix_list_name) {
        resource.name.clone_from(name);
    }
    let document = PrefixList {
        prefix_list_name: list.prefix_list_name,
        owner_id: list.owner_id,
        address_family: list.address_family,
        state: list.state.map(|s| s.as_str().to_owned()),
        max_entries: list.max_entries.map(i64::from),
        entries: job.part("entries", entries(job, &id)).await,
    };
    job.emit(resource, &document).await;
    Ok(())
}

async fn entries(job: &Job, id: &str) -> Result<Vec<PrefixListEntry>, Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .get_managed_prefix_list_entries()
        .prefix_list_id(id)
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut entries = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&ENTRIES, &e))?;
        entries.extend(collect_field(page.entries, |entry| {
            Some(PrefixListEntry { cidr: entry.cidr? })
        }));
    }
    Ok(entries)
}
