//! Reads security groups.

use super::launch_template::{self, DESCRIBE_TEMPLATES, DESCRIBE_VERSIONS};
use super::{PAGE, collect_field, derived, have, tags};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{GroupReference, Rule, SecurityGroup};
use crate::model::{Call, Definition, Gap, Kind, Part, PartSpec, Per, Scope, TypedDocument};
use aws_sdk_ec2::types::{IpPermission, SecurityGroup as Sdk};
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeSecurityGroups");

const KIND: Kind = Kind {
    name: SecurityGroup::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[
        PartSpec {
            name: "in_launch_template",
            calls: &[&DESCRIBE_TEMPLATES, &DESCRIBE_VERSIONS],
            per: Per::Kind,
        },
        derived("open_to_world"),
        derived("attached"),
        derived("used"),
    ],
    definition: Definition::Typed(SecurityGroup::schema),
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let named = job
        .part("in_launch_template", launch_template::named(&job))
        .await;
    let mut groups = job
        .aws
        .ec2(&job.region)
        .describe_security_groups()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(group) = groups.next().await {
        let mut group = group.map_err(|e| gap(&DESCRIBE, &e))?;
        let id = have(&DESCRIBE, group.group_id.take(), "GroupId")?;
        let arn = group.security_group_arn.take();
        let arn = arn.unwrap_or_else(|| job.arn("ec2", &format!("security-group/{id}")));
        let mut resource = job.resource(&id, Some(arn), tags(group.tags.take()));
        let mut document = document(group)?;
        document.in_launch_template = match &named {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap.clone()),
            Part::Read(named) => Part::Read(named.has(&id, &document.group_name)),
        };
        // The name of a group is better known than its id; a Name tag takes precedence.
        if resource.name == id {
            resource.name.clone_from(&document.group_name);
        }
        job.emit(resource, &document).await;
    }
    Ok(())
}

fn document(group: Sdk) -> Result<SecurityGroup, Gap> {
    let ingress = rules(group.ip_permissions)?;
    let egress = rules(group.ip_permissions_egress)?;
    Ok(SecurityGroup {
        group_name: have(&DESCRIBE, group.group_name, "GroupName")?,
        description: group.description,
        vpc_id: group.vpc_id,
        ingress_rules: count(&ingress),
        egress_rules: count(&egress),
        ingress,
        egress,
        in_launch_template: Part::Unread,
        open_to_world: Part::Unread,
        attached: Part::Unread,
        used: Part::Unread,
    })
}

/// How many rules there are: EC2 joins those of the same ports into one permission.
fn count(permissions: &[Rule]) -> i64 {
    let sources = |rule: &Rule| {
        rule.ipv4_ranges.len()
            + rule.ipv6_ranges.len()
            + rule.prefix_list_ids.len()
            + rule.groups.len()
    };
    let rules: usize = permissions.iter().map(sources).sum();
    i64::try_from(rules).unwrap_or(i64::MAX)
}

/// A group without rules has none in the answer; a rule without a protocol cannot be understood.
fn rules(permissions: Option<Vec<IpPermission>>) -> Result<Vec<Rule>, Gap> {
    permissions
        .unwrap_or_default()
        .into_iter()
        .map(rule)
        .collect()
}

fn rule(permission: IpPermission) -> Result<Rule, Gap> {
    Ok(Rule {
        protocol: have(&DESCRIBE, permission.ip_protocol, "IpProtocol")?,
        from_port: permission.from_port.map(i64::from),
        to_port: permission.to_port.map(i64::from),
        ipv4_ranges: collect_field(permission.ip_ranges, |r| r.cidr_ip),
        ipv6_ranges: collect_field(permission.ipv6_ranges, |r| r.cidr_ipv6),
        prefix_list_ids: collect_field(permission.prefix_list_ids, |p| p.prefix_list_id),
        groups: collect_field(permission.user_id_group_pairs, |pair| {
            Some(GroupReference {
                group_id: pair.group_id,
                user_id: pair.user_id,
                peering_status: pair.peering_status,
            })
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};

    #[test]
    fn a_rule_keeps_every_kind_of_source() {
        let sdk = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(22)
            .to_port(23)
            .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").build())
            .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
            .prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-1").build())
            .user_id_group_pairs(UserIdGroupPair::builder().group_id("sg-2").build())
            .build();
        let rule = rule(sdk).unwrap();
        assert_eq!(count(&[rule.clone(), rule.clone()]), 8);
        assert_eq!(count(&[]), 0);
        assert_eq!((rule.from_port, rule.to_port), (Some(22), Some(23)));
        assert_eq!(rule.ipv4_ranges, ["10.0.0.0/8"]);
        assert_eq!(rule.ipv6_ranges, ["::/0"]);
        assert_eq!(rule.prefix_list_ids, ["pl-1"]);
        assert_eq!(rule.groups[0].group_id.as_deref(), Some("sg-2"));
    }

    #[test]
    fn a_rule_without_a_protocol_is_a_gap() {
        assert!(rule(IpPermission::builder().build()).is_err());
    }
}
