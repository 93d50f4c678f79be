//! Reads VPC peering connections.

use super::{PAGE, collect_field, have, tags};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{Peer, VpcPeeringConnection};
use crate::model::{Call, Definition, Gap, Kind, Scope, TypedDocument};
use aws_sdk_ec2::types::VpcPeeringConnectionVpcInfo as Side;
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeVpcPeeringConnections");

const KIND: Kind = Kind {
    name: VpcPeeringConnection::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[],
    definition: Definition::Typed(VpcPeeringConnection::schema),
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut connections = job
        .aws
        .ec2(&job.region)
        .describe_vpc_peering_connections()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(connection) = connections.next().await {
        let mut connection = connection.map_err(|e| gap(&DESCRIBE, &e))?;
        let id = have(
            &DESCRIBE,
            connection.vpc_peering_connection_id.take(),
            "VpcPeeringConnectionId",
        )?;
        let arn = job.arn("ec2", &format!("vpc-peering-connection/{id}"));
        let resource = job.resource(&id, Some(arn), tags(connection.tags.take()));
        let status = connection.status.and_then(|s| s.code);
        let document = VpcPeeringConnection {
            status: status.map(|code| code.as_str().to_owned()),
            // A side that AWS leaves out tells nothing, and what needs it is unknown.
            requester: connection.requester_vpc_info.map(peer).unwrap_or_default(),
            accepter: connection.accepter_vpc_info.map(peer).unwrap_or_default(),
        };
        job.emit(resource, &document).await;
    }
    Ok(())
}

fn peer(side: Side) -> Peer {
    let mut cidr_blocks = collect_field(side.cidr_block_set, |b| b.cidr_block);
    if let Some(first) = side.cidr_block.filter(|first| !cidr_blocks.contains(first)) {
        cidr_blocks.insert(0, first);
    }
    Peer {
        vpc_id: side.vpc_id,
        owner_id: side.owner_id,
        region: side.region,
        cidr_blocks,
        ipv6_cidr_blocks: collect_field(side.ipv6_cidr_block_set, |b| b.ipv6_cidr_block),
        allow_dns_resolution: side
            .peering_options
            .and_then(|o| o.allow_dns_resolution_from_remote_vpc),
    }
}
