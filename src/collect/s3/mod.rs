//! Reads Amazon S3.
//!
//! Buckets are listed once for the account; everything else is read in the bucket's region.

mod access;
mod calls;
mod data;
mod location;
mod settings;

use super::join::join_each;
use super::{Collector, Job, metrics};
use crate::aws::error::{gap, malformed};
use crate::model::kinds::s3::{Bucket, Size};
use crate::model::{
    Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, Tags, TypedDocument,
};
use aws_sdk_s3::types::Bucket as Listed;
use calls::{
    GET_BUCKET_ACL, GET_BUCKET_CORS, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE_CONFIGURATION,
    GET_BUCKET_LOGGING, GET_BUCKET_NOTIFICATION_CONFIGURATION, GET_BUCKET_OWNERSHIP_CONTROLS,
    GET_BUCKET_POLICY, GET_BUCKET_POLICY_STATUS, GET_BUCKET_REPLICATION, GET_BUCKET_TAGGING,
    GET_BUCKET_VERSIONING, GET_BUCKET_WEBSITE, GET_OBJECT_LOCK_CONFIGURATION,
    GET_PUBLIC_ACCESS_BLOCK, LIST_BUCKET_METRICS_CONFIGURATIONS, LIST_BUCKETS,
};
use data::timestamp;
use futures::StreamExt;
use jiff::Timestamp;
use metrics::{GET_METRIC_DATA, Query, Stat};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest page that S3 allows. With a page size, S3 also returns the region of each bucket.
const PAGE: i32 = 10_000;
/// Days of size metrics. S3 stores one value a day, some hours late.
const DAYS: u32 = 14;

const fn part(name: &'static str, calls: &'static [&'static crate::model::Call]) -> PartSpec {
    PartSpec {
        name,
        calls,
        per: Per::Resource,
    }
}

const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}

/// Buckets.
static BUCKET: Kind = Kind {
    name: Bucket::KIND,
    scope: Scope::Account,
    list: &[&LIST_BUCKETS, &calls::GET_BUCKET_LOCATION],
    parts: &[
        part("tags", &[&GET_BUCKET_TAGGING]),
        part("policy", &[&GET_BUCKET_POLICY]),
        part("policy_status", &[&GET_BUCKET_POLICY_STATUS]),
        part("acl", &[&GET_BUCKET_ACL]),
        part("object_ownership", &[&GET_BUCKET_OWNERSHIP_CONTROLS]),
        part("public_access_block", &[&GET_PUBLIC_ACCESS_BLOCK]),
        part("encryption", &[&GET_BUCKET_ENCRYPTION]),
        part("versioning", &[&GET_BUCKET_VERSIONING]),
        part("lifecycle", &[&GET_BUCKET_LIFECYCLE_CONFIGURATION]),
        part("logging", &[&GET_BUCKET_LOGGING]),
        part("replication", &[&GET_BUCKET_REPLICATION]),
        part("object_lock", &[&GET_OBJECT_LOCK_CONFIGURATION]),
        part("notifications", &[&GET_BUCKET_NOTIFICATION_CONFIGURATION]),
        part("website", &[&GET_BUCKET_WEBSITE]),
        part("cors", &[&GET_BUCKET_CORS]),
        part("request_metrics", &[&LIST_BUCKET_METRICS_CONFIGURATIONS]),
        PartSpec {
            name: "size",
            calls: &[&GET_METRIC_DATA],
            per: Per::Metrics(2),
        },
        derived("publicness"),
        derived("replicated_elsewhere"),
        derived("access"),
    ],
    definition: Definition::Typed(Bucket::schema),
};

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[Collector {
    kind: &BUCKET,
    read: |job| Box::pin(read_buckets(job)),
}];

/// A bucket as the list has it.
#[derive(Debug, Clone, PartialEq)]
struct ListedBucket {
    name: String,
    region: String,
    creation_date: Option<Timestamp>,
}

async fn read_buckets(job: Arc<Job>) -> Result<(), Gap> {
    let (regions, complete) = list(&job).await;
    futures::stream::iter(regions)
        .for_each_concurrent(None, |(region, buckets)| {
            read_region(Arc::clone(&job), region, buckets)
        })
        .await;
    complete
}

/// The buckets of the scan's regions, by region, and whether the list is complete.
async fn list(job: &Job) -> (BTreeMap<String, Vec<ListedBucket>>, Result<(), Gap>) {
    let request = job.aws.s3(&job.region).list_buckets();
    let mut items = request
        .into_paginator()
        .stop_on_duplicate_token(false)
        .page_size(PAGE)
        .items()
        .send();
    let mut regions: BTreeMap<String, Vec<ListedBucket>> = BTreeMap::new();
    let mut place = |found: ListedBucket| {
        if job.regions.contains(&found.region) {
            regions.entry(found.region.clone()).or_default().push(found);
        }
    };
    let mut complete = Ok(());
    let mut unlocated = Vec::new();
    while let Some(bucket) = items.next().await {
        match bucket.map_err(|error| gap(&LIST_BUCKETS, &error)) {
            // The other buckets are read all the same.
            Ok(bucket) => match found(bucket) {
                None => complete = Err(malformed(&LIST_BUCKETS, "Name")),
                Some(found) if found.region.is_empty() => unlocated.push(found),
                Some(found) => place(found),
            },
            Err(gap) => {
                complete = Err(gap);
                break;
            }
        }
    }
    let each = unlocated.into_iter().map(|mut found| async move {
        found.region = location::region(job, &found.name).await?;
        Ok::<_, Gap>(found)
    });
    let mut located = std::pin::pin!(job.limits.run(1, each));
    let mut gaps = Vec::new();
    while let Some(located) = located.next().await {
        match located {
            Ok(found) => place(found),
            Err(gap) => gaps.push(gap),
        }
    }
    // They arrive in any order: the same one is reported each time.
    let complete = complete.and(gaps.into_iter().min().map_or(Ok(()), Err));
    (regions, complete)
}

/// What the list says of a bucket, with an empty region where it does not say that; `None` without a
/// name.
fn found(bucket: Listed) -> Option<ListedBucket> {
    Some(ListedBucket {
        name: bucket.name?,
        region: bucket.bucket_region.unwrap_or_default(),
        creation_date: bucket.creation_date.as_ref().and_then(timestamp),
    })
}

/// Reads the buckets of one region. Their sizes are read in batches, concurrently with everything
/// else.
async fn read_region(job: Arc<Job>, region: String, buckets: Vec<ListedBucket>) {
    let job = &job;
    let calls = job.parts.len().max(1);
    let found = &buckets;
    let tasks =
        (0..found.len()).map(|index| async move { (index, read_bucket(job, &found[index]).await) });
    let sizes = sizes(job, &region, &buckets);
    join_each(
        job.limits.run_low_priority(calls, tasks),
        sizes,
        |(index, (resource, mut bucket)), sizes| {
            bucket.size = sizes[index].clone();
            async move { job.emit(resource, &bucket).await }
        },
    )
    .await;
}

/// The sizes of the buckets of one region, in order.
async fn sizes(job: &Job, region: &str, buckets: &[ListedBucket]) -> Vec<Part<Size>> {
    let parts = metrics::parts(job, "size", region, buckets, |b| size(&b.name)).await;
    parts
        .into_iter()
        .map(|part| match part {
            Part::Read([standard_bytes, objects]) => Part::Read(Size {
                standard_bytes,
                objects,
            }),
            Part::Gap(gap) => Part::Gap(gap),
            Part::Unread => Part::Unread,
        })
        .collect()
}

/// The two size metrics of a bucket. S3 reports both once a day.
fn size(bucket: &str) -> [Query; 2] {
    let daily = |metric| Query::daily("AWS/S3", metric, Stat::Average, DAYS);
    [
        daily("BucketSizeBytes")
            .of("BucketName", bucket)
            .of("StorageType", "StandardStorage"),
        daily("NumberOfObjects")
            .of("BucketName", bucket)
            .of("StorageType", "AllStorageTypes"),
    ]
}

/// Reads everything about a bucket except metrics and derived parts.
async fn read_bucket(job: &Job, found: &ListedBucket) -> (Resource, Bucket) {
    let s3 = &job.aws.s3(&found.region);
    let name = found.name.as_str();
    // On the heap: together these are too large for the stack.
    let access = Box::pin(async {
        futures::join!(
            job.part("policy", access::policy(s3, name)),
            job.part("policy_status", access::policy_status(s3, name)),
            job.part("acl", access::acl(s3, name)),
            job.part("object_ownership", access::object_ownership(s3, name)),
            job.part("public_access_block", access::public_access_block(s3, name)),
        )
    });
    let data = Box::pin(async {
        futures::join!(
            job.part("encryption", data::encryption(s3, name)),
            job.part("versioning", data::versioning(s3, name)),
            job.part("lifecycle", data::lifecycle(s3, name)),
            job.part("replication", data::replication(s3, name)),
            job.part("object_lock", data::object_lock(s3, name)),
        )
    });
    let settings = Box::pin(async {
        futures::join!(
            job.part("tags", settings::tags(s3, name)),
            job.part("logging", settings::logging(s3, name)),
            job.part("notifications", settings::notifications(s3, name)),
            job.part("website", settings::website(s3, name)),
            job.part("cors", settings::cors(s3, name)),
            job.part("request_metrics", settings::request_metrics(s3, name)),
        )
    });
    let (
        (policy, policy_status, acl, object_ownership, public_access_block),
        (encryption, versioning, lifecycle, replication, object_lock),
        (tags, logging, notifications, website, cors, request_metrics),
    ) = futures::join!(access, data, settings);
    let bucket = Bucket {
        creation_date: found.creation_date,
        policy,
        policy_status,
        acl,
        object_ownership,
        public_access_block,
        encryption,
        versioning,
        lifecycle,
        logging,
        replication,
        object_lock,
        notifications,
        website,
        cors,
        request_metrics,
        ..Bucket::default()
    };
    (resource(job, found, tags), bucket)
}

fn resource(job: &Job, found: &ListedBucket, tags: Part<Tags>) -> Resource {
    let arn = format!("arn:{}:s3:::{}", job.partition, found.name);
    Resource {
        // A `Name` tag does not rename a bucket.
        name: found.name.clone(),
        region: found.region.clone(),
        ..job.resource(&found.name, Some(arn), tags)
    }
}

#[cfg(test)]
mod tests {
    use crate::derive::derivations;
    use crate::model::TypedDocument;
    use crate::model::kinds::s3::Bucket;

    /// For that reason buckets take fewer of the places for calls. Trails wait for them: an account has few.
    #[test]
    fn hardly_anything_is_derived_from_buckets_for_others() {
        let needing = derivations().into_iter().filter(|derivation| {
            let mut kinds = derivation.needs.iter().map(|need| need.kind);
            kinds.any(|kind| kind == Bucket::KIND)
        });
        let kinds: Vec<&str> = needing.map(|derivation| derivation.kind).collect();
        assert!(!kinds.is_empty());
        let known = [Bucket::KIND, "cloudtrail.trail"];
        assert!(kinds.iter().all(|kind| known.contains(kind)), "{kinds:?}");
    }
}
