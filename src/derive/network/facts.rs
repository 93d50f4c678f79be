//! The networks of a region as far as they were read, and questions about them whose answers do not
//! depend on gaps.

use super::cidr;
use super::ports::{Entry, Filter, anywhere};
use crate::derive::World;
use crate::model::kinds::ec2::network::{
    NetworkAcl, PrefixList, Route, RouteTable, Rule, SecurityGroup, Subnet,
};
use crate::model::{Cause, Gap, TypedDocument};
use ipnet::IpNet;
use std::collections::BTreeMap;

/// The documents of a kind that were read, by id, and the gap if the list is incomplete.
pub(crate) struct Listing<K> {
    pub(crate) known: BTreeMap<String, K>,
    pub(crate) gap: Option<Gap>,
}

impl<K: TypedDocument> Listing<K> {
    pub(crate) fn read(world: &World, region: &str) -> Self {
        let (documents, gap) = world.seen::<K>(region);
        let known = documents.into_iter().map(|(r, own)| (r.id, own));
        Self {
            known: known.collect(),
            gap,
        }
    }

    /// One document. It may be missing from a complete list: resources that other accounts share
    /// are referenced, but not listed.
    pub(crate) fn get(&self, id: &str) -> Result<&K, Gap> {
        self.known
            .get(id)
            .ok_or_else(|| self.gap.clone().unwrap_or_else(|| unseen(K::KIND)))
    }

    /// Whether any document matches: yes if one that was read does, no if none does and the list is
    /// complete.
    pub(super) fn any(&self, like: impl Fn(&K) -> bool) -> Result<bool, Gap> {
        match (self.known.values().any(like), &self.gap) {
            (true, _) => Ok(true),
            (false, None) => Ok(false),
            (false, Some(gap)) => Err(gap.clone()),
        }
    }

    /// Every document, or the gap of an incomplete list.
    pub(super) fn all(&self) -> Result<&BTreeMap<String, K>, Gap> {
        self.gap.clone().map_or(Ok(&self.known), Err)
    }
}

/// A field of the answer of an operation of EC2.
pub(super) struct Field {
    pub(super) operation: &'static str,
    pub(super) name: &'static str,
}

const GROUP_RANGE: Field = Field {
    operation: "DescribeSecurityGroups",
    name: "CidrIp or CidrIpv6",
};
const LIST_RANGE: Field = Field {
    operation: "GetManagedPrefixListEntries",
    name: "Cidr",
};
const ACL_RANGE: Field = Field {
    operation: "DescribeNetworkAcls",
    name: "CidrBlock or Ipv6CidrBlock",
};
pub(super) const ROUTE_RANGE: Field = Field {
    operation: "DescribeRouteTables",
    name: "DestinationCidrBlock or DestinationIpv6CidrBlock",
};

pub(super) const ROUTE_STATE: Field = Field {
    operation: "DescribeRouteTables",
    name: "State",
};

impl Field {
    /// The gap that its value leaves behind if it cannot be read.
    pub(super) fn malformed(&self) -> Gap {
        let action = format!("ec2:{}", self.operation);
        Gap::malformed(&action, self.operation, self.name)
    }
}

/// Something is referenced that the account does not list.
fn unseen(what: &str) -> Gap {
    Gap::new(
        "",
        Cause::Failed,
        format!("refers to a {what} that is not listed"),
    )
}

/// How to replace unknown values: with what admits the least or the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Least,
    Most,
}

impl Bound {
    pub(super) fn nets(self) -> Vec<IpNet> {
        match self {
            Bound::Least => Vec::new(),
            Bound::Most => anywhere(),
        }
    }

    pub(super) fn filter(self) -> Filter {
        match self {
            Bound::Least => Filter::default(),
            Bound::Most => Filter::everything(),
        }
    }
}

/// The answer, if it is the same with the least and with the most for all unknown values. Otherwise
/// the first gap.
pub(super) fn decide<T: PartialEq>(answer: impl Fn(Bound, &mut Vec<Gap>) -> T) -> Result<T, Gap> {
    let mut gaps = Vec::new();
    let least = answer(Bound::Least, &mut gaps);
    if gaps.is_empty() {
        return Ok(least);
    }
    if least == answer(Bound::Most, &mut Vec::new()) {
        return Ok(least);
    }
    Err(gaps.swap_remove(0))
}

/// Which targets of routes count.
pub(super) type Target = fn(&Route) -> bool;

/// What the rules of exposure read.
pub(super) struct Facts {
    pub(super) groups: Listing<SecurityGroup>,
    pub(super) lists: Listing<PrefixList>,
    pub(super) tables: Listing<RouteTable>,
    pub(super) acls: Listing<NetworkAcl>,
    pub(super) subnets: Listing<Subnet>,
}

impl Facts {
    pub(super) fn read(world: &World, region: &str) -> Self {
        Self {
            groups: Listing::read(world, region),
            lists: Listing::read(world, region),
            tables: Listing::read(world, region),
            acls: Listing::read(world, region),
            subnets: Listing::read(world, region),
        }
    }

    /// Security group rules as a filter. Rules that refer to groups allow nothing from outside.
    pub(super) fn rules(&self, rules: &[Rule], bound: Bound, gaps: &mut Vec<Gap>) -> Filter {
        let entry = |rule: &Rule| {
            let mut sources = Vec::new();
            for cidr in rule.ipv4_ranges.iter().chain(&rule.ipv6_ranges) {
                sources.extend(range(cidr, &GROUP_RANGE, bound, gaps));
            }
            for list in &rule.prefix_list_ids {
                sources.extend(self.prefix_list(list, bound, gaps));
            }
            let ports = (rule.from_port, rule.to_port);
            Entry::new(true, &rule.protocol, ports, sources)
        };
        Filter::new(rules.iter().map(entry).collect())
    }

    /// What several security groups allow together.
    pub(super) fn security(&self, ids: &[String], bound: Bound, gaps: &mut Vec<Gap>) -> Filter {
        let mut filter = Filter::default();
        for id in ids {
            match self.groups.get(id) {
                Ok(group) => filter.extend(self.rules(&group.ingress, bound, gaps)),
                Err(gap) => {
                    gaps.push(gap);
                    filter.extend(bound.filter());
                }
            }
        }
        filter
    }

    fn prefix_list(&self, id: &str, bound: Bound, gaps: &mut Vec<Gap>) -> Vec<IpNet> {
        match self.lists.get(id).and_then(|list| list.entries.get()) {
            Ok(entries) => {
                let ranges = entries
                    .iter()
                    .map(|entry| range(&entry.cidr, &LIST_RANGE, bound, gaps));
                ranges.collect::<Vec<_>>().concat()
            }
            Err(gap) => {
                gaps.push(gap);
                bound.nets()
            }
        }
    }

    /// What the network ACL of a subnet allows.
    pub(super) fn acl(&self, subnet: &str, bound: Bound, gaps: &mut Vec<Gap>) -> Filter {
        let around = |acl: &&NetworkAcl| acl.subnet_ids.iter().any(|id| id == subnet);
        if let Some(acl) = self.acls.known.values().find(around) {
            return acl_ingress(acl, bound, gaps);
        }
        let gap = self.acls.gap.clone();
        gaps.push(gap.unwrap_or_else(|| unseen(NetworkAcl::KIND)));
        bound.filter()
    }

    /// The id of the route table that applies to a subnet: its own, else the VPC's main one.
    pub(super) fn table_of(&self, subnet_id: &str, vpc_id: &str) -> Result<&str, Gap> {
        let with = |like: &dyn Fn(&RouteTable) -> bool| {
            let mut tables = self.tables.known.iter();
            tables.find(|(_, table)| like(table)).map(|(id, _)| id)
        };
        let own = with(&|table| {
            let mut all = table.associations.iter();
            all.any(|a| a.subnet_id.as_deref() == Some(subnet_id))
        });
        if let Some(id) = own {
            return Ok(id);
        }
        if let Some(gap) = &self.tables.gap {
            return Err(gap.clone());
        }
        with(&|table| table.vpc_id == vpc_id && table.associations.iter().any(|a| a.main))
            .map(String::as_str)
            .ok_or_else(|| unseen(RouteTable::KIND))
    }

    /// The addresses that a route table sends to the targets that count. A more specific route goes
    /// before a wider one, wherever it leads.
    pub(super) fn towards(
        &self,
        routes: &[Route],
        counts: Target,
        bound: Bound,
        gaps: &mut Vec<Gap>,
    ) -> cidr::Addresses {
        let mut destinations: Vec<(u8, IpNet, bool)> = Vec::new();
        for route in routes {
            let leads = counts(route)
                && if let Some(state) = route.state.as_deref() {
                    state != "blackhole"
                } else {
                    // AWS does not say whether it leads anywhere.
                    gaps.push(ROUTE_STATE.malformed());
                    bound == Bound::Most
                };
            let known = gaps.len();
            let nets = self.destination(route, unknown(leads, bound), gaps);
            let specific = gaps.len() > known;
            destinations.extend(nets.into_iter().map(|net| {
                // A destination that is not known may be more specific than all others.
                let length = if specific { u8::MAX } else { net.prefix_len() };
                (length, net, leads)
            }));
        }
        destinations.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
        let mut taken = cidr::Addresses::default();
        let mut reached = cidr::Addresses::default();
        for (_, net, leads) in destinations {
            let range = cidr::Addresses::of([&net]);
            if leads {
                reached = reached.union(&range.minus(&taken));
            }
            taken = taken.union(&range);
        }
        reached
    }

    fn destination(&self, route: &Route, unknown: Bound, gaps: &mut Vec<Gap>) -> Vec<IpNet> {
        let v4 = route.destination_cidr_block.iter();
        let texts = v4.chain(&route.destination_ipv6_cidr_block);
        let mut nets: Vec<IpNet> = Vec::new();
        for text in texts {
            nets.extend(range(text, &ROUTE_RANGE, unknown, gaps));
        }
        if let Some(list) = &route.destination_prefix_list_id {
            nets.extend(self.prefix_list(list, unknown, gaps));
        }
        nets
    }

    /// The addresses that a subnet sends to an internet gateway.
    pub(super) fn internet(
        &self,
        subnet_id: &str,
        vpc_id: &str,
        bound: Bound,
        gaps: &mut Vec<Gap>,
    ) -> cidr::Addresses {
        let table = self.table_of(subnet_id, vpc_id);
        match table.and_then(|id| self.tables.get(id)) {
            Ok(table) => self.towards(&table.routes, is_internet, bound, gaps),
            Err(gap) => {
                gaps.push(gap);
                let most = bound == Bound::Most;
                cidr::Addresses::all(most, most)
            }
        }
    }
}

/// How to fill the range of an entry that is not known: one that lets in admits most when it is
/// everything, one that keeps out when it is empty.
fn unknown(lets_in: bool, bound: Bound) -> Bound {
    if lets_in == (bound == Bound::Most) {
        Bound::Most
    } else {
        Bound::Least
    }
}

fn is_internet(route: &Route) -> bool {
    let gateway = route.gateway_id.as_deref();
    gateway.is_some_and(|id| id.starts_with("igw-"))
}

/// The ingress entries of a network ACL as a filter.
pub(super) fn acl_ingress(acl: &NetworkAcl, bound: Bound, gaps: &mut Vec<Gap>) -> Filter {
    let mut entries = Vec::new();
    for entry in acl.entries.iter().filter(|e| !e.egress) {
        let allow = entry.rule_action == "allow";
        let texts = [&entry.cidr_block, &entry.ipv6_cidr_block]
            .into_iter()
            .flatten();
        let mut sources = Vec::new();
        for text in texts {
            sources.extend(range(text, &ACL_RANGE, unknown(allow, bound), gaps));
        }
        let ports = (entry.from_port, entry.to_port);
        entries.push(Entry::new(allow, &entry.protocol, ports, sources));
    }
    Filter::new(entries)
}

/// A range from its text; unknown if it cannot be parsed.
fn range(text: &str, field: &Field, bound: Bound, gaps: &mut Vec<Gap>) -> Vec<IpNet> {
    if let Some(net) = cidr::parse(text) {
        return vec![net];
    }
    gaps.push(field.malformed());
    bound.nets()
}
