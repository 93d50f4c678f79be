//! Reads subnets.

use super::{PAGE, collect_field, derived, have, tags};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::Subnet;
use crate::model::{Call, Definition, Gap, Kind, Part, Scope, TypedDocument};
use aws_sdk_ec2::types::{Subnet as Sdk, SubnetCidrBlockStateCode as CidrState};
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeSubnets");

/// Addresses that AWS reserves in every subnet: network, router, DNS, future use and broadcast
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>).
const RESERVED: i64 = 5;

const KIND: Kind = Kind {
    name: Subnet::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[
        derived("route_to_internet"),
        derived("effective_route_table"),
    ],
    definition: Definition::Typed(Subnet::schema),
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut subnets = job
        .aws
        .ec2(&job.region)
        .describe_subnets()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(subnet) = subnets.next().await {
        let mut subnet = subnet.map_err(|e| gap(&DESCRIBE, &e))?;
        let id = have(&DESCRIBE, subnet.subnet_id.take(), "SubnetId")?;
        let arn = subnet.subnet_arn.take();
        let arn = arn.unwrap_or_else(|| job.arn("ec2", &format!("subnet/{id}")));
        let resource = job.resource(&id, Some(arn), tags(subnet.tags.take()));
        job.emit(resource, &document(subnet)?).await;
    }
    Ok(())
}

fn document(subnet: Sdk) -> Result<Subnet, Gap> {
    Ok(Subnet {
        vpc_id: have(&DESCRIBE, subnet.vpc_id, "VpcId")?,
        owner_id: subnet.owner_id,
        state: subnet.state.map(|s| s.as_str().to_owned()),
        usable_ip_address_count: subnet.cidr_block.as_deref().and_then(usable),
        cidr_block: subnet.cidr_block,
        ipv6_cidr_blocks: collect_field(subnet.ipv6_cidr_block_association_set, |block| {
            // The list is documented as that of the ranges which are associated.
            let state = block.ipv6_cidr_block_state.and_then(|s| s.state);
            let gone =
                state.is_some_and(|s| !matches!(s, CidrState::Associated | CidrState::Associating));
            block.ipv6_cidr_block.filter(|_| !gone)
        }),
        availability_zone: subnet.availability_zone,
        available_ip_address_count: subnet.available_ip_address_count.map(i64::from),
        map_public_ip_on_launch: subnet.map_public_ip_on_launch,
        assign_ipv6_address_on_creation: subnet.assign_ipv6_address_on_creation,
        default_for_az: subnet.default_for_az,
        internet_gateway_block_mode: subnet
            .block_public_access_states
            .and_then(|s| s.internet_gateway_block_mode)
            .map(|m| m.as_str().to_owned()),
        route_to_internet: Part::Unread,
        effective_route_table: Part::Unread,
    })
}

/// How many addresses of an IPv4 range can be used.
fn usable(cidr: &str) -> Option<i64> {
    let range: ipnet::Ipv4Net = cidr.parse().ok()?;
    let size = 1_i64 << (32 - u32::from(range.prefix_len()));
    Some((size - RESERVED).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_addresses_are_not_for_use() {
        assert_eq!(usable("10.0.0.0/24"), Some(251));
        assert_eq!(usable("10.0.0.0/28"), Some(11));
        assert_eq!(usable("10.0.0.0/32"), Some(0));
        assert_eq!(usable("0.0.0.0/0"), Some(4_294_967_291));
        assert_eq!(usable("fd00::/64"), None);
        assert_eq!(usable("nonsense"), None);
    }
}
