//! What RDS returns for all databases at once: announced maintenance, and how long engines are
//! supported.

use super::answer::{PAGE, always, time};
use crate::aws::error::gap;
use crate::call;
use crate::collect::Job;
use crate::model::kinds::rds::{Lifecycle, MaintenanceAction};
use crate::model::{Call, Gap};
use aws_sdk_rds::types::{
    DbMajorEngineVersion, LifecycleSupportName, PendingMaintenanceAction, SupportedEngineLifecycle,
};
use std::collections::BTreeMap;

pub(super) const PENDING: Call = call!("rds", "DescribePendingMaintenanceActions");
pub(super) const MAJOR_VERSIONS: Call = call!("rds", "DescribeDBMajorEngineVersions");

/// Announced maintenance of every database in the region, by ARN. A database without any is not
/// in it.
pub(super) async fn pending(job: &Job) -> Result<BTreeMap<String, Vec<MaintenanceAction>>, Gap> {
    let mut pages = job
        .aws
        .rds(&job.region)
        .describe_pending_maintenance_actions()
        .max_records(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut all: BTreeMap<String, Vec<MaintenanceAction>> = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| gap(&PENDING, &error))?;
        for resource in page.pending_maintenance_actions.unwrap_or_default() {
            let arn = always(
                resource.resource_identifier,
                PENDING.action,
                "ResourceIdentifier",
            )?;
            let actions = all.entry(arn).or_default();
            for detail in resource
                .pending_maintenance_action_details
                .unwrap_or_default()
            {
                actions.push(action(detail)?);
            }
        }
    }
    Ok(all)
}

fn action(detail: PendingMaintenanceAction) -> Result<MaintenanceAction, Gap> {
    Ok(MaintenanceAction {
        action: always(detail.action, PENDING.action, "Action")?,
        auto_applied_after_date: time(detail.auto_applied_after_date),
        forced_apply_date: time(detail.forced_apply_date),
        current_apply_date: time(detail.current_apply_date),
        opt_in_status: detail.opt_in_status,
    })
}

/// The life cycles of every major version that AWS publishes dates for.
#[derive(Debug, Default)]
pub(super) struct Lifecycles(BTreeMap<String, Vec<Lifecycle>>);

impl Lifecycles {
    pub(super) async fn read(job: &Job) -> Result<Self, Gap> {
        let mut pages = job
            .aws
            .rds(&job.region)
            .describe_db_major_engine_versions()
            .max_records(PAGE)
            .into_paginator()
            .stop_on_duplicate_token(false)
            .send();
        let mut all = Self::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| gap(&MAJOR_VERSIONS, &error))?;
            for version in page.db_major_engine_versions.unwrap_or_default() {
                all.add(version);
            }
        }
        Ok(all)
    }

    fn add(&mut self, version: DbMajorEngineVersion) {
        let (Some(engine), Some(major_engine_version)) =
            (version.engine, version.major_engine_version)
        else {
            return;
        };
        let cycles = version.supported_engine_lifecycles.unwrap_or_default();
        if cycles.is_empty() {
            return;
        }
        let end = |name: &LifecycleSupportName| {
            let of = |cycle: &&SupportedEngineLifecycle| {
                cycle.lifecycle_support_name.as_ref() == Some(name)
            };
            time(cycles.iter().find(of)?.lifecycle_support_end_date)
        };
        let lifecycle = Lifecycle {
            standard_support_end: end(&LifecycleSupportName::OpenSourceRdsStandardSupport),
            extended_support_end: end(&LifecycleSupportName::OpenSourceRdsExtendedSupport),
            major_engine_version,
        };
        self.0.entry(engine).or_default().push(lifecycle);
    }

    /// The life cycle of a full version: `8.0.mysql_aurora.3.05.2` belongs to `8.0`. If two major
    /// versions match, the longer one counts.
    pub(super) fn of(&self, engine: &str, version: &str) -> Option<Lifecycle> {
        let fits = |lifecycle: &&Lifecycle| {
            version
                .strip_prefix(lifecycle.major_engine_version.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        };
        self.0
            .get(engine)?
            .iter()
            .filter(fits)
            .max_by_key(|lifecycle| lifecycle.major_engine_version.len())
            .cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    fn version(engine: &str, major: &str, end: i64) -> DbMajorEngineVersion {
        let standard = SupportedEngineLifecycle::builder()
            .lifecycle_support_name(LifecycleSupportName::OpenSourceRdsStandardSupport)
            .lifecycle_support_start_date(DateTime::from_secs(0))
            .lifecycle_support_end_date(DateTime::from_secs(end))
            .build();
        DbMajorEngineVersion::builder()
            .engine(engine)
            .major_engine_version(major)
            .set_supported_engine_lifecycles(Some(vec![standard]))
            .build()
    }

    #[test]
    fn a_full_version_finds_its_major_version() {
        let mut all = Lifecycles::default();
        for (engine, major, end) in [
            ("postgres", "9", 1),
            ("postgres", "9.6", 2),
            ("postgres", "13", 3),
            ("aurora-mysql", "8.0", 4),
        ] {
            all.add(version(engine, major, end));
        }
        let end = |engine: &str, version: &str| {
            let lifecycle = all.of(engine, version)?;
            Some(lifecycle.standard_support_end?.as_second())
        };
        assert_eq!(end("postgres", "9.6.24"), Some(2));
        assert_eq!(end("postgres", "13.9"), Some(3));
        assert_eq!(end("postgres", "13.9-rds.20240418"), Some(3));
        assert_eq!(end("aurora-mysql", "8.0.mysql_aurora.3.05.2"), Some(4));
        assert_eq!(end("postgres", "130.1"), None);
        assert_eq!(end("mysql", "8.0.35"), None);
    }
}
