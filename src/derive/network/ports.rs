//! Protocols and ports, and which of them a filter opens to the internet.

use super::cidr::Addresses;
use crate::model::kinds::ec2::network::PortRange;
use ipnet::IpNet;
use std::collections::BTreeSet;

/// The first and last port there is.
const FIRST: i64 = 0;
const LAST: i64 = 65_535;

/// All protocols that no filter names.
const OTHER: &str = "other";

/// The one name of a protocol that EC2 writes by name in security groups and by number in network
/// ACLs.
#[must_use]
pub fn protocol(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "-1" | "all" => "all",
        "1" | "icmp" => "icmp",
        "6" | "tcp" => "tcp",
        "17" | "udp" => "udp",
        "58" | "icmpv6" => "icmpv6",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// One entry of a [`Filter`].
#[derive(Debug, Clone)]
pub struct Entry {
    /// As [`protocol`] names it.
    protocol: String,
    from: i64,
    to: i64,
    sources: Vec<IpNet>,
    allow: bool,
}

impl Entry {
    /// An entry; ports that are not given, or negative as in ICMP, mean all ports.
    #[must_use]
    pub fn new(
        allow: bool,
        protocol_text: &str,
        (from, to): (Option<i64>, Option<i64>),
        sources: Vec<IpNet>,
    ) -> Self {
        let protocol = protocol(protocol_text);
        // ICMP uses the same fields for type and code, which are not ports.
        let ports = matches!(protocol.as_str(), "tcp" | "udp");
        let given = |port: Option<i64>| port.filter(|p| ports && *p >= 0);
        Self {
            from: given(from).unwrap_or(FIRST),
            to: given(to).unwrap_or(LAST),
            protocol,
            sources,
            allow,
        }
    }

    fn concerns(&self, protocol: &str, port: i64) -> bool {
        let same = self.protocol == "all" || self.protocol == protocol;
        same && self.from <= port && port <= self.to
    }
}

/// What lets traffic in: entries in the order in which they apply. The first that matches decides,
/// and what none matches is kept out. In a security group every entry allows, so that the order
/// does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    entries: Vec<Entry>,
}

impl Filter {
    /// A filter of these entries.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// Lets everything in.
    #[must_use]
    pub fn everything() -> Self {
        Self::new(vec![Entry::new(true, "-1", (None, None), anywhere())])
    }

    /// Adds the entries of another after its own.
    pub fn extend(&mut self, other: Filter) {
        self.entries.extend(other.entries);
    }

    /// Where a port can be reached from.
    fn sources(&self, protocol: &str, port: i64) -> Addresses {
        let mut open = Addresses::all(true, true);
        let mut admitted = Addresses::default();
        for entry in self.entries.iter().filter(|e| e.concerns(protocol, port)) {
            let matched = Addresses::of(&entry.sources);
            if entry.allow {
                admitted = admitted.union(&open.intersect(&matched));
            }
            open = open.minus(&matched);
        }
        admitted
    }

    /// The allowed ranges that concern a port.
    fn allowed(&self, protocol: &str, port: i64) -> impl Iterator<Item = &IpNet> {
        self.entries
            .iter()
            .filter(move |e| e.allow && e.concerns(protocol, port))
            .flat_map(|e| &e.sources)
    }
}

/// Both families' whole space.
#[must_use]
pub fn anywhere() -> Vec<IpNet> {
    ["0.0.0.0/0", "::/0"]
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect()
}

/// The ports that one filter after the other lets most of the internet reach, in order, and the
/// ranges of the first filter that do so. `families` are the addresses that count at all.
#[must_use]
pub fn open_ports(filters: &[&Filter], families: &Addresses) -> (Vec<PortRange>, Vec<String>) {
    let mut open = Vec::new();
    let mut cidrs = BTreeSet::new();
    let names = protocols(filters);
    for name in &names {
        for (from, to) in segments(filters, name) {
            let sources = filters.iter().fold(families.clone(), |left, filter| {
                left.intersect(&filter.sources(name, from))
            });
            if !sources.is_world() {
                continue;
            }
            open.push(PortRange {
                protocol: name.clone(),
                from,
                to,
            });
            if let Some(first) = filters.first() {
                cidrs.extend(responsible(first, name, from));
            }
        }
    }
    let open = join(open);
    let is_full = |range: &PortRange| range.from == FIRST && range.to == LAST;
    let all = open.len() == names.len() && open.iter().all(is_full);
    let ports = if all && !open.is_empty() {
        vec![all_traffic()]
    } else {
        open
    };
    (
        ports,
        cidrs.into_iter().map(|net| net.to_string()).collect(),
    )
}

/// Every protocol on every port.
#[must_use]
pub fn all_traffic() -> PortRange {
    PortRange {
        protocol: "all".to_owned(),
        from: FIRST,
        to: LAST,
    }
}

/// The protocols to look at: TCP, UDP, those that are named, and the rest as one.
fn protocols(filters: &[&Filter]) -> BTreeSet<String> {
    let named = filters.iter().flat_map(|f| &f.entries);
    let named = named.map(|e| e.protocol.clone()).filter(|p| p != "all");
    ["tcp", "udp", OTHER]
        .map(ToOwned::to_owned)
        .into_iter()
        .chain(named)
        .collect()
}

/// The ranges of ports within which no filter makes a difference.
fn segments(filters: &[&Filter], protocol: &str) -> Vec<(i64, i64)> {
    let entries = filters.iter().flat_map(|f| &f.entries);
    let mut starts: BTreeSet<i64> = entries
        .filter(|e| e.protocol == protocol)
        .flat_map(|e| [e.from, e.to + 1])
        .filter(|port| (FIRST..=LAST).contains(port))
        .collect();
    starts.insert(FIRST);
    let starts: Vec<i64> = starts.into_iter().collect();
    let ends = starts.iter().skip(1).map(|s| s - 1).chain([LAST]);
    starts.iter().copied().zip(ends).collect()
}

/// The ranges that open a port: those that do it alone, else all that take part in it.
fn responsible(filter: &Filter, protocol: &str, port: i64) -> Vec<IpNet> {
    let allowed: Vec<IpNet> = filter.allowed(protocol, port).copied().collect();
    let alone: Vec<IpNet> = allowed
        .iter()
        .filter(|net| Addresses::of([*net]).is_world())
        .copied()
        .collect();
    if alone.is_empty() { allowed } else { alone }
}

/// Sorts ranges and joins those that touch.
#[must_use]
pub fn join(mut ranges: Vec<PortRange>) -> Vec<PortRange> {
    if ranges.iter().any(|range| range.protocol == "all") {
        return vec![all_traffic()];
    }
    ranges.sort();
    let mut joined: Vec<PortRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.protocol == range.protocol && range.from <= last.to + 1 => {
                last.to = last.to.max(range.to);
            }
            _ => joined.push(range),
        }
    }
    joined
}

/// Ranges as text: `tcp 22, tcp 8000-8080, all udp`.
#[must_use]
pub fn summary(ranges: &[PortRange]) -> String {
    let text = |range: &PortRange| match (range.protocol.as_str(), range.from, range.to) {
        ("all", ..) => "all traffic".to_owned(),
        (OTHER, ..) => "all other protocols".to_owned(),
        (name, FIRST, LAST) => format!("all {name}"),
        (name, from, to) if from == to => format!("{name} {from}"),
        (name, from, to) => format!("{name} {from}-{to}"),
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(cidrs: &[&str]) -> Vec<IpNet> {
        cidrs.iter().map(|c| c.parse().unwrap()).collect()
    }

    fn allow(protocol: &str, from: i64, to: i64, cidrs: &[&str]) -> Entry {
        Entry::new(true, protocol, (Some(from), Some(to)), nets(cidrs))
    }

    fn deny(protocol: &str, from: i64, to: i64, cidrs: &[&str]) -> Entry {
        Entry::new(false, protocol, (Some(from), Some(to)), nets(cidrs))
    }

    fn open(filters: &[Vec<Entry>]) -> String {
        let filters: Vec<Filter> = filters.iter().cloned().map(Filter::new).collect();
        let refs: Vec<&Filter> = filters.iter().collect();
        summary(&open_ports(&refs, &Addresses::all(true, true)).0)
    }

    #[test]
    fn names_and_numbers_are_the_same_protocols() {
        assert_eq!(protocol("6"), "tcp");
        assert_eq!(protocol("TCP"), "tcp");
        assert_eq!(protocol("-1"), "all");
        assert_eq!(protocol("50"), "50");
    }

    #[test]
    fn ports_are_open_where_the_sources_together_are_the_world() {
        let rules = vec![
            allow("tcp", 22, 22, &["0.0.0.0/1"]),
            allow("tcp", 20, 25, &["128.0.0.0/1"]),
            allow("tcp", 443, 443, &["10.0.0.0/8"]),
            allow("udp", 53, 53, &["::/0"]),
        ];
        assert_eq!(open(&[rules]), "tcp 20-25, udp 53");
    }

    #[test]
    fn two_quarters_open_only_where_they_meet() {
        let rules = vec![
            allow("tcp", 10, 30, &["0.0.0.0/2"]),
            allow("tcp", 20, 40, &["64.0.0.0/2"]),
        ];
        assert_eq!(open(&[rules]), "tcp 20-30");
    }

    #[test]
    fn everything_is_all_traffic() {
        assert_eq!(open(&[vec![allow("-1", -1, -1, &["::/0"])]]), "all traffic");
        let tcp = vec![allow("tcp", 0, 65_535, &["0.0.0.0/0"])];
        assert_eq!(open(&[tcp]), "all tcp");
        assert_eq!(open(&[vec![]]), "");
    }

    #[test]
    fn icmp_types_are_no_ports() {
        let ping = vec![allow("icmp", 8, -1, &["0.0.0.0/0"])];
        assert_eq!(open(&[ping]), "all icmp");
    }

    #[test]
    fn in_an_acl_the_first_match_decides() {
        let group = vec![allow("tcp", 22, 23, &["0.0.0.0/0"])];
        let acl = vec![
            deny("6", 22, 22, &["0.0.0.0/0"]),
            Entry::new(true, "-1", (None, None), nets(&["0.0.0.0/0"])),
        ];
        assert_eq!(open(&[group.clone(), acl.clone()]), "tcp 23");
        let reversed = acl.into_iter().rev().collect();
        assert_eq!(open(&[group, reversed]), "tcp 22-23");
    }

    #[test]
    fn what_a_group_and_an_acl_both_let_in_counts() {
        // Each allows half of the addresses, but not the same half.
        let group = vec![allow("tcp", 22, 22, &["0.0.0.0/1"])];
        let acl = vec![allow("tcp", 22, 22, &["128.0.0.0/1"])];
        assert_eq!(open(&[group, acl]), "");
    }

    #[test]
    fn an_acl_that_denies_one_port_leaves_the_other_protocols() {
        let acl = vec![
            deny("6", 22, 22, &["0.0.0.0/0", "::/0"]),
            allow("-1", 0, 0, &["0.0.0.0/0"]),
        ];
        assert_eq!(
            open(&[acl]),
            "all other protocols, tcp 0-21, tcp 23-65535, all udp"
        );
    }

    #[test]
    fn the_ranges_that_open_a_port_are_named() {
        let filter = Filter::new(vec![allow("tcp", 22, 22, &["10.0.0.0/8", "0.0.0.0/0"])]);
        let (_, cidrs) = open_ports(&[&filter], &Addresses::all(true, true));
        assert_eq!(cidrs, ["0.0.0.0/0"]);
        let halves = Filter::new(vec![allow("tcp", 22, 22, &["0.0.0.0/2", "128.0.0.0/2"])]);
        let (_, cidrs) = open_ports(&[&halves], &Addresses::all(true, true));
        assert_eq!(cidrs, ["0.0.0.0/2", "128.0.0.0/2"]);
    }

    #[test]
    fn only_the_families_that_are_there_count() {
        let filter = Filter::new(vec![allow("tcp", 22, 22, &["::/0"])]);
        assert!(
            open_ports(&[&filter], &Addresses::all(true, false))
                .0
                .is_empty()
        );
        assert!(
            !open_ports(&[&filter], &Addresses::all(false, true))
                .0
                .is_empty()
        );
    }
}
