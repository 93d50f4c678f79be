//! Where routes lead: from subnets to the internet, to NAT gateways, to peered VPCs.

use super::cidr;
use super::facts::{Facts, Field, Listing, ROUTE_RANGE, ROUTE_STATE, decide};
use crate::derive::{World, part};
use crate::model::kinds::ec2::network::{
    NatGateway, NatReach, Peer, RouteTable, Subnet, VpcPeeringConnection,
};
use crate::model::{Gap, Part};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Parts = BTreeMap<String, Part<Value>>;

const ZONE: Field = Field {
    operation: "DescribeSubnets",
    name: "AvailabilityZone",
};
const PEER_RANGE: Field = Field {
    operation: "DescribeVpcPeeringConnections",
    name: "CidrBlock or Ipv6CidrBlock",
};

/// Whether a subnet's routes send most of the internet to an internet gateway.
pub(super) fn is_public(facts: &Facts, id: &str, subnet: &Subnet) -> Result<bool, Gap> {
    decide(|bound, gaps| facts.internet(id, &subnet.vpc_id, bound, gaps).is_world())
}

/// `ec2.subnet`, `route_to_internet`.
pub(super) fn subnet_public(world: &World, region: &str) -> Parts {
    let facts = Facts::read(world, region);
    let subnets = facts.subnets.known.iter();
    let public =
        |(id, subnet): (&String, &Subnet)| (id.clone(), part(is_public(&facts, id, subnet)));
    subnets.map(public).collect()
}

/// `ec2.subnet`, `effective_route_table`.
pub(super) fn subnet_table(world: &World, region: &str) -> Parts {
    let facts = Facts::read(world, region);
    let subnets = facts.subnets.known.iter();
    let table = |(id, subnet): (&String, &Subnet)| {
        let table = facts.table_of(id, &subnet.vpc_id);
        (id.clone(), part(table.map(|id| Some(id.to_owned()))))
    };
    subnets.map(table).collect()
}

/// `ec2.nat_gateway`, `reach`.
pub(super) fn nat_reach(world: &World, region: &str) -> Parts {
    let facts = Facts::read(world, region);
    Listing::<NatGateway>::read(world, region)
        .known
        .iter()
        .map(|(id, gateway)| (id.clone(), part(reach(&facts, id, gateway))))
        .collect()
}

/// Any missing subnet or table may be one more that the gateway serves, so every gap counts.
fn reach(facts: &Facts, id: &str, gateway: &NatGateway) -> Result<NatReach, Gap> {
    let subnets = facts.subnets.all()?;
    let zone = match &gateway.subnet_id {
        Some(subnet) => Some(zone(facts.subnets.get(subnet)?)?),
        None => None,
    };
    let mut served = 0;
    let mut zones = BTreeSet::new();
    for (subnet_id, subnet) in subnets {
        // A gateway may serve other VPCs through a transit gateway, which is not considered here.
        if Some(&subnet.vpc_id) != gateway.vpc_id.as_ref() {
            continue;
        }
        let table = facts
            .tables
            .get(facts.table_of(subnet_id, &subnet.vpc_id)?)?;
        let mut routes = table.routes.iter();
        if routes.any(|r| r.nat_gateway_id.as_deref() == Some(id)) {
            served += 1;
            zones.insert(self::zone(subnet)?);
        }
    }
    let other = zones
        .iter()
        .filter(|z| zone.as_ref().is_some_and(|own| own != *z));
    Ok(NatReach {
        subnets: served,
        other_zones: other.cloned().collect(),
        zones: zones.iter().cloned().collect(),
        zone,
    })
}

fn zone(subnet: &Subnet) -> Result<String, Gap> {
    let zone = subnet.availability_zone.clone();
    zone.ok_or_else(|| ZONE.malformed())
}

/// `ec2.route_table`, `broad_peering_routes`.
pub(super) fn broad_peering_routes(world: &World, region: &str) -> Parts {
    let peerings = Listing::<VpcPeeringConnection>::read(world, region);
    Listing::<RouteTable>::read(world, region)
        .known
        .iter()
        .map(|(id, table)| (id.clone(), part(broad(table, &peerings))))
        .collect()
}

/// Destinations that contain a complete range of the other VPC.
fn broad(table: &RouteTable, peerings: &Listing<VpcPeeringConnection>) -> Result<Vec<String>, Gap> {
    let mut broad = Vec::new();
    for route in &table.routes {
        let Some(connection) = &route.vpc_peering_connection_id else {
            continue;
        };
        if route.state.as_deref() == Some("blackhole") {
            continue;
        }
        let other = other_side(peerings.get(connection)?, &table.vpc_id);
        // AWS tells the ranges while the connection is active.
        if other.cidr_blocks.is_empty() {
            return Err(PEER_RANGE.malformed());
        }
        let v4 = route.destination_cidr_block.iter();
        for text in v4.chain(&route.destination_ipv6_cidr_block) {
            let destination = net(text, &ROUTE_RANGE)?;
            for range in other.cidr_blocks.iter().chain(&other.ipv6_cidr_blocks) {
                let range = net(range, &PEER_RANGE)?;
                if destination.contains(&range) && !broad.contains(text) {
                    if route.state.is_none() {
                        return Err(ROUTE_STATE.malformed());
                    }
                    broad.push(text.clone());
                }
            }
        }
    }
    Ok(broad)
}

fn other_side<'a>(connection: &'a VpcPeeringConnection, vpc: &str) -> &'a Peer {
    let is_own = |side: &Peer| side.vpc_id.as_deref() == Some(vpc);
    if is_own(&connection.requester) {
        &connection.accepter
    } else {
        &connection.requester
    }
}

fn net(text: &str, field: &Field) -> Result<ipnet::IpNet, Gap> {
    cidr::parse(text).ok_or_else(|| field.malformed())
}
