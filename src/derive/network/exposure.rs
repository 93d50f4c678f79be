//! What the internet can reach: of a security group, a network ACL, an interface, an instance, a
//! database.
//!
//! Something is exposed when all of this holds: it has a public address; the route table of its
//! subnet sends most of the internet to an internet gateway; VPC Block Public Access does not stop
//! it; and the network ACL and the security groups let the same part of the internet in, and that
//! part is most of it. Outbound rules are ignored, since one inbound packet can be enough.

use super::cidr::Addresses;
use super::facts::{Bound, Facts, Listing, acl_ingress, decide};
use super::ports::{self, Filter, open_ports};
use crate::derive::{World, part};
use crate::model::kinds::ec2::compute::Instance;
use crate::model::kinds::ec2::network::{
    Exposure, NetworkAcl, NetworkInterface, PortRange, SecurityGroup, WorldAccess,
};
use crate::model::kinds::rds::Instance as Database;
use crate::model::{Gap, Part};
use serde_json::Value;
use std::collections::BTreeMap;

/// One way into a resource: an interface with its addresses.
#[derive(Debug, Clone, Default)]
pub(super) struct EntryPoint {
    pub(super) public_v4: bool,
    pub(super) public_v6: bool,
    pub(super) security_group_ids: Vec<String>,
    pub(super) subnet_id: Option<String>,
}

impl Facts {
    /// The ports that the internet reaches through an entry point.
    pub(super) fn open_at(
        &self,
        entry_point: &EntryPoint,
        bound: Bound,
        gaps: &mut Vec<Gap>,
    ) -> Vec<PortRange> {
        let Some(subnet_id) = &entry_point.subnet_id else {
            return Vec::new();
        };
        if !(entry_point.public_v4 || entry_point.public_v6) {
            return Vec::new();
        }
        let subnet = match self.subnets.get(subnet_id) {
            Ok(subnet) => subnet,
            Err(gap) => {
                // Without the subnet its VPC is not known, nor whether public access is blocked.
                gaps.push(gap);
                return match bound {
                    Bound::Least => Vec::new(),
                    Bound::Most => {
                        self.let_in(entry_point, &Addresses::all(true, true), bound, gaps)
                    }
                };
            }
        };
        let mode = subnet.internet_gateway_block_mode.as_deref();
        if mode.is_some_and(|mode| mode.starts_with("block-")) {
            return Vec::new();
        }
        let routed = self.internet(subnet_id, &subnet.vpc_id, bound, gaps);
        self.let_in(entry_point, &routed, bound, gaps)
    }

    /// The ports that network ACL and security groups open, given where routes lead.
    fn let_in(
        &self,
        entry_point: &EntryPoint,
        routed: &Addresses,
        bound: Bound,
        gaps: &mut Vec<Gap>,
    ) -> Vec<PortRange> {
        let v4 = entry_point.public_v4 && routed.is_v4_world();
        let v6 = entry_point.public_v6 && routed.is_v6_world();
        if !(v4 || v6) {
            return Vec::new();
        }
        let groups = self.security(&entry_point.security_group_ids, bound, gaps);
        let subnet = entry_point.subnet_id.as_deref().unwrap_or_default();
        let acl = self.acl(subnet, bound, gaps);
        open_ports(&[&groups, &acl], &Addresses::all(v4, v6)).0
    }

    /// What the internet reaches through any of several entry points.
    pub(super) fn exposure(
        &self,
        entry_points: &[EntryPoint],
        addresses: &[String],
    ) -> Result<Exposure, Gap> {
        let ports = decide(|bound, gaps| {
            let open = entry_points
                .iter()
                .map(|entry_point| self.open_at(entry_point, bound, gaps));
            ports::join(open.collect::<Vec<_>>().concat())
        })?;
        Ok(exposure(ports, addresses))
    }
}

pub(super) fn exposure(ports: Vec<PortRange>, addresses: &[String]) -> Exposure {
    // Whoever answers a ping offers nothing else by that.
    let internet = ports.iter().any(|p| !p.protocol.starts_with("icmp"));
    Exposure {
        internet,
        addresses: if internet {
            addresses.to_vec()
        } else {
            Vec::new()
        },
        summary: ports::summary(&ports),
        ports,
    }
}

fn world_access((ports, cidrs): (Vec<PortRange>, Vec<String>)) -> WorldAccess {
    WorldAccess {
        all_traffic: ports.iter().any(|range| range.protocol == "all"),
        summary: ports::summary(&ports),
        ports,
        cidrs,
    }
}

/// What a filter opens. Its ports must be certain; the ranges are those that are known to open them.
fn opened(filter: impl Fn(Bound, &mut Vec<Gap>) -> Filter) -> Result<WorldAccess, Gap> {
    let open = |bound, gaps: &mut Vec<Gap>| {
        open_ports(&[&filter(bound, gaps)], &Addresses::all(true, true))
    };
    decide(|bound, gaps| open(bound, gaps).0)?;
    Ok(world_access(open(Bound::Least, &mut Vec::new())))
}

/// `ec2.security_group`, `open_to_world`.
pub(super) fn security_groups(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let facts = Facts::read(world, region);
    let open =
        |group: &SecurityGroup| opened(|bound, gaps| facts.rules(&group.ingress, bound, gaps));
    let groups = facts.groups.known.iter();
    groups
        .map(|(id, group)| (id.clone(), part(open(group))))
        .collect()
}

/// `ec2.network_acl`, `open_to_world`.
pub(super) fn network_acls(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let open = |acl: &NetworkAcl| opened(|bound, gaps| acl_ingress(acl, bound, gaps));
    Listing::<NetworkAcl>::read(world, region)
        .known
        .iter()
        .map(|(id, acl)| (id.clone(), part(open(acl))))
        .collect()
}

/// The way in through an interface.
pub(super) fn entry_point(interface: &NetworkInterface) -> EntryPoint {
    EntryPoint {
        public_v4: !interface.public_ips.is_empty(),
        public_v6: interface.ipv6_addresses.iter().any(|ip| is_public_v6(ip)),
        security_group_ids: interface.security_group_ids.clone(),
        subnet_id: interface.subnet_id.clone(),
    }
}

/// Whether an IPv6 address is one that the internet routes, and not a private one (`fd00::/8`).
pub(super) fn is_public_v6(address: &str) -> bool {
    let parsed = address.parse::<std::net::Ipv6Addr>();
    // An address that cannot be parsed counts: leaving it out would hide what it exposes.
    parsed.map_or(true, |ip| ip.segments()[0] & 0xe000 == 0x2000)
}

/// `ec2.network_interface`, `exposure`.
pub(super) fn interfaces(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let facts = Facts::read(world, region);
    let exposed = |interface: &NetworkInterface| {
        let mut addresses = interface.public_ips.clone();
        let v6 = interface.ipv6_addresses.iter();
        addresses.extend(v6.filter(|ip| is_public_v6(ip)).cloned());
        facts.exposure(&[entry_point(interface)], &addresses)
    };
    Listing::<NetworkInterface>::read(world, region)
        .known
        .iter()
        .map(|(id, interface)| (id.clone(), part(exposed(interface))))
        .collect()
}

/// `ec2.instance`, `exposure`.
pub(super) fn instances(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let facts = Facts::read(world, region);
    let interfaces = Listing::<NetworkInterface>::read(world, region);
    let exposed = |instance: &Instance| {
        let mut addresses = instance.public_ip_addresses.clone();
        let v6 = instance.ipv6_addresses.iter();
        addresses.extend(v6.filter(|ip| is_public_v6(ip)).cloned());
        if addresses.is_empty() {
            return Ok(exposure(Vec::new(), &[]));
        }
        facts.exposure(&entry_points(instance, &interfaces)?, &addresses)
    };
    Listing::<Instance>::read(world, region)
        .known
        .iter()
        .map(|(id, instance)| (id.clone(), part(exposed(instance))))
        .collect()
}

/// The ways into an instance. What DescribeInstances says of its first interface is enough where
/// that is the only one.
fn entry_points(
    instance: &Instance,
    interfaces: &Listing<NetworkInterface>,
) -> Result<Vec<EntryPoint>, Gap> {
    if instance.network_interface_ids.len() > 1 {
        let ids = instance.network_interface_ids.iter();
        return ids.map(|id| Ok(entry_point(interfaces.get(id)?))).collect();
    }
    Ok(vec![EntryPoint {
        public_v4: !instance.public_ip_addresses.is_empty(),
        public_v6: instance.ipv6_addresses.iter().any(|ip| is_public_v6(ip)),
        security_group_ids: instance.security_group_ids.clone(),
        subnet_id: instance.subnet_id.clone(),
    }])
}

/// `rds.instance`, `exposure`.
pub(super) fn databases(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let facts = Facts::read(world, region);
    Listing::<Database>::read(world, region)
        .known
        .iter()
        .map(|(id, database)| (id.clone(), part(database_exposure(&facts, database))))
        .collect()
}

/// A public database has an address in one of the subnets of its group, and after a failover in
/// another. Only the port of the database itself counts.
fn database_exposure(facts: &Facts, database: &Database) -> Result<Exposure, Gap> {
    let group = database.db_subnet_group.as_ref();
    let subnets = group
        .map(|group| group.subnets.as_slice())
        .unwrap_or_default();
    let entry_points: Vec<EntryPoint> = subnets
        .iter()
        .map(|subnet| EntryPoint {
            public_v4: true,
            // RDS gives IPv6 addresses in private mode only.
            public_v6: false,
            security_group_ids: database.vpc_security_group_ids.clone(),
            subnet_id: Some(subnet.subnet_id.clone()),
        })
        .collect();
    match database.publicly_accessible {
        Some(false) => return Ok(exposure(Vec::new(), &[])),
        Some(true) => {}
        None => {
            let action = "rds:DescribeDBInstances";
            let gap = Gap::malformed(action, "DescribeDBInstances", "PubliclyAccessible");
            return Err(gap);
        }
    }
    let ports = decide(|bound, gaps| {
        let open = entry_points
            .iter()
            .map(|entry_point| facts.open_at(entry_point, bound, gaps));
        let open = ports::join(open.collect::<Vec<_>>().concat());
        database.port.map_or(open.clone(), |port| only(&open, port))
    })?;
    Ok(exposure(ports, database.endpoint_address.as_slice()))
}

/// The open ports, restricted to the one TCP port that something listens on.
fn only(open: &[PortRange], port: i64) -> Vec<PortRange> {
    let concerns = |range: &PortRange| {
        matches!(range.protocol.as_str(), "tcp" | "all") && range.from <= port && port <= range.to
    };
    let port = PortRange {
        protocol: "tcp".to_owned(),
        from: port,
        to: port,
    };
    open.iter()
        .any(concerns)
        .then_some(port)
        .into_iter()
        .collect()
}
