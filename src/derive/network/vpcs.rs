//! The contents of a VPC, and its connections.

use super::cidr;
use super::facts::{Facts, Field, Listing};
use super::routes::is_public;
use crate::derive::{World, part};
use crate::model::kinds::ec2::network::{
    AddressOverlap, Mesh, NatGateway, Peer, Subnet, Vpc, VpcEndpoint, VpcPeeringConnection,
};
use crate::model::{Gap, Part};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const ENDPOINT: Field = Field {
    operation: "DescribeVpcEndpoints",
    name: "State or VpcEndpointType",
};

type Parts = BTreeMap<String, Part<Value>>;

const PEERED: Field = Field {
    operation: "DescribeVpcPeeringConnections",
    name: "Status, RequesterVpcInfo or AccepterVpcInfo",
};

/// A part of every VPC.
fn derive_each<T: Serialize>(
    world: &World,
    region: &str,
    answer: impl Fn(&str, &Vpc) -> Result<T, Gap>,
) -> Parts {
    let vpcs = Listing::<Vpc>::read(world, region);
    let known = vpcs.known.iter();
    known
        .map(|(id, vpc)| (id.clone(), part(answer(id, vpc))))
        .collect()
}

/// `subnet_zones`.
pub(super) fn subnet_zones(world: &World, region: &str) -> Parts {
    let subnets = Listing::<Subnet>::read(world, region);
    derive_each(world, region, |id, _| {
        let own = subnets.all()?.values().filter(|s| s.vpc_id == id);
        let zones = own.filter_map(|s| s.availability_zone.clone());
        Ok(zones.collect::<BTreeSet<_>>())
    })
}

/// `private_subnets`.
pub(super) fn private_subnets(world: &World, region: &str) -> Parts {
    let facts = Facts::read(world, region);
    derive_each(world, region, |id, _| {
        let mut private = Vec::new();
        for (subnet_id, subnet) in facts.subnets.all()? {
            if subnet.vpc_id == id && !is_public(&facts, subnet_id, subnet)? {
                private.push(subnet_id.clone());
            }
        }
        Ok(private)
    })
}

/// `nat_gateways`.
pub(super) fn nat_gateways(world: &World, region: &str) -> Parts {
    let gateways = Listing::<NatGateway>::read(world, region);
    derive_each(world, region, |id, _| {
        let all = gateways.all()?.iter();
        let own = all.filter(|(_, gateway)| gateway.vpc_id.as_deref() == Some(id));
        Ok(own.map(|(id, _)| id.clone()).collect::<Vec<_>>())
    })
}

/// `gateway_endpoints` of a VPC.
pub(super) fn gateway_endpoints(world: &World, region: &str) -> Parts {
    let endpoints = Listing::read(world, region);
    derive_each(world, region, |id, _| {
        services(&endpoints, Some(id), "Gateway", region)
    })
}

/// `interface_endpoints`.
pub(super) fn interface_endpoints(world: &World, region: &str) -> Parts {
    let endpoints = Listing::read(world, region);
    derive_each(world, region, |id, _| {
        services(&endpoints, Some(id), "Interface", region)
    })
}

/// `ec2.nat_gateway`, `gateway_endpoints`.
pub(super) fn nat_endpoints(world: &World, region: &str) -> Parts {
    let endpoints = Listing::read(world, region);
    let of =
        |gateway: &NatGateway| services(&endpoints, gateway.vpc_id.as_deref(), "Gateway", region);
    Listing::<NatGateway>::read(world, region)
        .known
        .iter()
        .map(|(id, gateway)| (id.clone(), part(of(gateway))))
        .collect()
}

/// The services that a VPC has an endpoint of a type for, by the end of their names: `s3` for
/// `com.amazonaws.eu-west-1.s3`. An endpoint without a route table has no effect. One whose state or
/// type AWS does not tell may be there: a gap, unless another serves the same.
fn services(
    endpoints: &Listing<VpcEndpoint>,
    vpc: Option<&str>,
    endpoint_type: &str,
    region: &str,
) -> Result<BTreeSet<String>, Gap> {
    let marker = format!(".{region}.");
    let mut found = BTreeSet::new();
    let mut possible = BTreeSet::new();
    for endpoint in endpoints.all()?.values() {
        let connected = endpoint_type != "Gateway" || !endpoint.route_table_ids.is_empty();
        let is_type = endpoint
            .vpc_endpoint_type
            .as_deref()
            .map(|of| of == endpoint_type);
        let is_available = endpoint.state.as_deref().map(|state| state == "available");
        let Some(name) = endpoint.service_name.as_deref() else {
            continue;
        };
        let service = name
            .split_once(&marker)
            .map_or(name, |(_, service)| service);
        if endpoint.vpc_id.as_deref() != vpc || !connected {
            continue;
        }
        match (is_type, is_available) {
            (Some(false), _) | (_, Some(false)) => {}
            (Some(true), Some(true)) => {
                found.insert(service.to_owned());
            }
            (None, _) | (_, None) => {
                possible.insert(service.to_owned());
            }
        }
    }
    if possible.is_subset(&found) {
        Ok(found)
    } else {
        Err(ENDPOINT.malformed())
    }
}

/// Which VPCs active peering connections connect.
struct Peering<'a> {
    connections: Vec<(&'a Peer, &'a Peer)>,
}

impl<'a> Peering<'a> {
    fn of(listing: &'a Listing<VpcPeeringConnection>) -> Result<Self, Gap> {
        let mut connections = Vec::new();
        for connection in listing.all()?.values() {
            let sides = (&connection.requester, &connection.accepter);
            let is_told = |side: &Peer| side.vpc_id.is_some() && !side.cidr_blocks.is_empty();
            match connection.status.as_deref() {
                Some("active") if is_told(sides.0) && is_told(sides.1) => connections.push(sides),
                // It may connect any VPCs.
                Some("active") | None => return Err(PEERED.malformed()),
                Some(_) => {}
            }
        }
        Ok(Self { connections })
    }

    /// The VPCs that can be reached from one over any number of connections, and itself.
    fn joined(&self, start: &'a str) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::from([start]);
        let mut next = vec![start];
        while let Some(vpc) = next.pop() {
            for (a, b) in &self.connections {
                let (a, b) = (a.vpc_id.as_deref(), b.vpc_id.as_deref());
                let other = if a == Some(vpc) {
                    b
                } else if b == Some(vpc) {
                    a
                } else {
                    None
                };
                if let Some(other) = other
                    && seen.insert(other)
                {
                    next.push(other);
                }
            }
        }
        seen
    }
}

/// `mesh`.
pub(super) fn mesh(world: &World, region: &str) -> Parts {
    let listing = Listing::read(world, region);
    derive_each(world, region, |id, _| {
        let peering = Peering::of(&listing)?;
        let vpcs = peering.joined(id);
        let within = |side: &Peer| side.vpc_id.as_deref().is_some_and(|id| vpcs.contains(id));
        let connections = peering.connections.iter();
        Ok(Mesh {
            connections: number(connections.filter(|(a, _)| within(a)).count()),
            vpcs: number(vpcs.len()),
        })
    })
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `overlaps`.
pub(super) fn overlaps(world: &World, region: &str) -> Parts {
    let listing = Listing::read(world, region);
    derive_each(world, region, |id, vpc| {
        let peering = Peering::of(&listing)?;
        let joined = peering.joined(id);
        let sides = peering.connections.iter().flat_map(|(a, b)| [*a, *b]);
        let mut found = BTreeSet::new();
        for side in sides {
            let Some(other) = side.vpc_id.as_deref() else {
                continue;
            };
            if other != id && joined.contains(other) {
                found.extend(shared(vpc, other, side));
            }
        }
        Ok(found)
    })
}

/// Ranges that are malformed share nothing.
fn shared(vpc: &Vpc, other: &str, side: &Peer) -> Vec<AddressOverlap> {
    let mut found = Vec::new();
    for own in vpc.cidr_blocks.iter().chain(&vpc.ipv6_cidr_blocks) {
        for theirs in side.cidr_blocks.iter().chain(&side.ipv6_cidr_blocks) {
            let both = cidr::parse(own).zip(cidr::parse(theirs));
            if both.is_some_and(|(a, b)| cidr::overlap(&a, &b)) {
                found.push(AddressOverlap {
                    vpc_id: other.to_owned(),
                    cidr: own.clone(),
                    peer_cidr: theirs.clone(),
                });
            }
        }
    }
    found
}
