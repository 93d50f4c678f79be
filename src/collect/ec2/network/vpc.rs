//! Reads VPCs.

use super::{PAGE, collect_field, derived, have, tags};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{FlowLog, Vpc};
use crate::model::{Call, Definition, Gap, Kind, Part, PartSpec, Per, Scope, TypedDocument};
use aws_sdk_ec2::types::{Vpc as Sdk, VpcCidrBlockState, VpcCidrBlockStateCode as CidrState};
use std::collections::BTreeMap;
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeVpcs");
const FLOW_LOGS: Call = crate::call!("ec2", "DescribeFlowLogs");

const KIND: Kind = Kind {
    name: Vpc::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[
        PartSpec {
            name: "flow_logs",
            calls: &[&FLOW_LOGS],
            per: Per::Kind,
        },
        derived("in_use"),
        derived("subnet_zones"),
        derived("private_subnets"),
        derived("nat_gateways"),
        derived("gateway_endpoints"),
        derived("interface_endpoints"),
        derived("overlaps"),
        derived("mesh"),
    ],
    definition: Definition::Typed(Vpc::schema),
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let flow_logs = job.part("flow_logs", flow_logs(&job)).await;
    let mut vpcs = job
        .aws
        .ec2(&job.region)
        .describe_vpcs()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(vpc) = vpcs.next().await {
        let mut vpc = vpc.map_err(|e| gap(&DESCRIBE, &e))?;
        let id = have(&DESCRIBE, vpc.vpc_id.take(), "VpcId")?;
        let arn = job.arn("ec2", &format!("vpc/{id}"));
        let resource = job.resource(&id, Some(arn), tags(vpc.tags.take()));
        let own = match &flow_logs {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap.clone()),
            // The list is complete: a VPC that is not in it has no flow logs.
            Part::Read(all) => Part::Read(all.get(&id).cloned().unwrap_or_default()),
        };
        job.emit(resource, &document(vpc, own)?).await;
    }
    Ok(())
}

/// The flow logs of the region's VPCs, by VPC. Those of subnets and interfaces are left out.
async fn flow_logs(job: &Job) -> Result<BTreeMap<String, Vec<FlowLog>>, Gap> {
    let mut logs = job
        .aws
        .ec2(&job.region)
        .describe_flow_logs()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    let mut by_vpc: BTreeMap<String, Vec<FlowLog>> = BTreeMap::new();
    while let Some(log) = logs.next().await {
        let log = log.map_err(|e| gap(&FLOW_LOGS, &e))?;
        let resource = have(&FLOW_LOGS, log.resource_id, "ResourceId")?;
        if !resource.starts_with("vpc-") {
            continue;
        }
        by_vpc.entry(resource).or_default().push(FlowLog {
            status: log.flow_log_status,
            deliver_status: log.deliver_logs_status,
            traffic_type: log.traffic_type.map(|t| t.as_str().to_owned()),
            destination_type: log.log_destination_type.map(|t| t.as_str().to_owned()),
        });
    }
    Ok(by_vpc)
}

fn document(vpc: Sdk, flow_logs: Part<Vec<FlowLog>>) -> Result<Vpc, Gap> {
    let mut cidr_blocks = collect_field(vpc.cidr_block_association_set, |block| {
        in_use(block.cidr_block_state.as_ref()).then_some(block.cidr_block)?
    });
    // The first range is also a field of its own; emulators return only that.
    if let Some(first) = vpc.cidr_block.filter(|first| !cidr_blocks.contains(first)) {
        cidr_blocks.insert(0, first);
    }
    Ok(Vpc {
        state: vpc.state.map(|s| s.as_str().to_owned()),
        cidr_blocks,
        ipv6_cidr_blocks: collect_field(vpc.ipv6_cidr_block_association_set, |block| {
            in_use(block.ipv6_cidr_block_state.as_ref()).then_some(block.ipv6_cidr_block)?
        }),
        is_default: have(&DESCRIBE, vpc.is_default, "IsDefault")?,
        instance_tenancy: vpc.instance_tenancy.map(|t| t.as_str().to_owned()),
        internet_gateway_block_mode: vpc
            .block_public_access_states
            .and_then(|s| s.internet_gateway_block_mode)
            .map(|m| m.as_str().to_owned()),
        flow_logs,
        in_use: Part::Unread,
        subnet_zones: Part::Unread,
        private_subnets: Part::Unread,
        nat_gateways: Part::Unread,
        gateway_endpoints: Part::Unread,
        interface_endpoints: Part::Unread,
        overlaps: Part::Unread,
        mesh: Part::Unread,
    })
}

/// Whether a range belongs to the VPC now: removed ranges stay in the answer for a while.
fn in_use(state: Option<&VpcCidrBlockState>) -> bool {
    match state.and_then(|s| s.state.as_ref()) {
        None => true,
        Some(state) => matches!(state, CidrState::Associated | CidrState::Associating),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::VpcCidrBlockAssociation;

    fn block(cidr: &str, state: CidrState) -> VpcCidrBlockAssociation {
        VpcCidrBlockAssociation::builder()
            .cidr_block(cidr)
            .cidr_block_state(VpcCidrBlockState::builder().state(state).build())
            .build()
    }

    #[test]
    fn ranges_that_were_taken_away_do_not_count() {
        let sdk = Sdk::builder()
            .cidr_block("10.0.0.0/16")
            .cidr_block_association_set(block("10.0.0.0/16", CidrState::Associated))
            .cidr_block_association_set(block("10.1.0.0/16", CidrState::Disassociated))
            .cidr_block_association_set(block("10.2.0.0/16", CidrState::Associated))
            .is_default(false)
            .build();
        let vpc = document(sdk, Part::Unread).unwrap();
        assert_eq!(vpc.cidr_blocks, ["10.0.0.0/16", "10.2.0.0/16"]);
    }

    #[test]
    fn whether_a_vpc_is_the_default_one_is_not_guessed() {
        assert!(document(Sdk::builder().build(), Part::Unread).is_err());
    }
}
