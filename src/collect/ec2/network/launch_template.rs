//! Reads which security groups launch templates name.

use super::have;
use crate::aws::error::gap;
use crate::collect::Job;
use crate::model::{Call, Gap};
use aws_sdk_ec2::types::ResponseLaunchTemplateData as Data;
use futures::TryStreamExt;
use std::collections::BTreeSet;

pub(super) const DESCRIBE_TEMPLATES: Call = crate::call!("ec2", "DescribeLaunchTemplates");
pub(super) const DESCRIBE_VERSIONS: Call = crate::call!(
    "ec2", "DescribeLaunchTemplateVersions",
    only_for: "each launch template"
);

/// The most versions that one page has.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html>
const VERSIONS: i32 = 200;

/// Security groups that launch templates name, by id or, in default VPCs, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    ids: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Named {
    pub(super) fn has(&self, id: &str, name: &str) -> bool {
        self.ids.contains(id) || self.names.contains(name)
    }

    fn add(&mut self, data: Data) {
        self.ids.extend(data.security_group_ids.unwrap_or_default());
        self.names.extend(data.security_groups.unwrap_or_default());
        let interfaces = data.network_interfaces.unwrap_or_default();
        let groups = interfaces.into_iter().filter_map(|i| i.groups);
        self.ids.extend(groups.flatten());
    }

    fn join(mut self, other: Self) -> Self {
        self.ids.extend(other.ids);
        self.names.extend(other.names);
        self
    }
}

/// What all versions of all templates of a region name. An Auto Scaling group may be set to any
/// version, so that none can be left out.
pub(super) async fn named(job: &Job) -> Result<Named, Gap> {
    let templates = job
        .aws
        .ec2(&job.region)
        .describe_launch_templates()
        .max_results(VERSIONS)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .map_err(|e| gap(&DESCRIBE_TEMPLATES, &e))?;
    let tasks = templates.into_iter().map(|template| async move {
        let id = have(
            &DESCRIBE_TEMPLATES,
            template.launch_template_id,
            "LaunchTemplateId",
        )?;
        versions(job, &id).await
    });
    let all = job.limits.run(1, tasks);
    all.try_fold(Named::default(), |all, one| async { Ok(all.join(one)) })
        .await
}

async fn versions(job: &Job, template: &str) -> Result<Named, Gap> {
    let mut versions = job
        .aws
        .ec2(&job.region)
        .describe_launch_template_versions()
        .launch_template_id(template)
        .max_results(VERSIONS)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    let mut named = Named::default();
    while let Some(version) = versions.next().await {
        let version = version.map_err(|e| gap(&DESCRIBE_VERSIONS, &e))?;
        named.add(have(
            &DESCRIBE_VERSIONS,
            version.launch_template_data,
            "LaunchTemplateData",
        )?);
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::LaunchTemplateInstanceNetworkInterfaceSpecification as Interface;

    #[test]
    fn groups_are_named_in_three_places() {
        let mut named = Named::default();
        let data = Data::builder()
            .security_group_ids("sg-1")
            .security_groups("legacy")
            .network_interfaces(Interface::builder().groups("sg-2").build())
            .build();
        named.add(data);
        named.add(Data::builder().build());
        assert!(named.has("sg-1", "web"));
        assert!(named.has("sg-2", "web"));
        assert!(named.has("sg-3", "legacy"));
        assert!(!named.has("sg-3", "web"));
    }
}
