//! Sets of addresses: unions of CIDR ranges, and whether they cover the internet.

use ipnet::IpNet;

/// Addresses that make up the internet: half of all IPv4 addresses, or half of the IPv6 addresses
/// that are public (`2000::/3`).
///
/// Half and not all, since splitting `0.0.0.0/0` or leaving a hole in it restricts nothing. Not
/// less than half: the widest list that someone may mean as a restriction, the addresses registered
/// in the largest country, is below it (the United States, about 1.6 of 4.3 billion). Private
/// ranges need no exception, since together they are far below it.
const WORLD_V4: u128 = 1 << 31;
const WORLD_V6: u128 = 1 << 124;

/// `2000::/3`, the IPv6 addresses that the internet routes.
const PUBLIC_V6: (u128, u128) = (
    0x2000_0000_0000_0000_0000_0000_0000_0000,
    0x3fff_ffff_ffff_ffff_ffff_ffff_ffff_ffff,
);

/// Addresses of one family as sorted, disjoint ranges that do not touch; both ends belong to them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spans(Vec<(u128, u128)>);

impl Spans {
    fn new(mut spans: Vec<(u128, u128)>) -> Self {
        spans.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(spans.len());
        for (from, to) in spans {
            match joined.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    fn union(&self, other: &Self) -> Self {
        Self::new([self.0.as_slice(), &other.0].concat())
    }

    fn intersect(&self, other: &Self) -> Self {
        let mut common = Vec::new();
        let (mut i, mut j) = (0, 0);
        while let (Some(a), Some(b)) = (self.0.get(i), other.0.get(j)) {
            let (from, to) = (a.0.max(b.0), a.1.min(b.1));
            if from <= to {
                common.push((from, to));
            }
            if a.1 < b.1 { i += 1 } else { j += 1 }
        }
        Self::new(common)
    }

    fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for &(mut from, to) in &self.0 {
            let mut used_up = false;
            for &(cut_from, cut_to) in &other.0 {
                if cut_to < from || cut_from > to {
                    continue;
                }
                if cut_from > from {
                    left.push((from, cut_from - 1));
                }
                if cut_to >= to {
                    used_up = true;
                    break;
                }
                from = cut_to + 1;
            }
            if !used_up {
                left.push((from, to));
            }
        }
        Self::new(left)
    }

    /// The number of addresses; for the whole IPv6 space, one less.
    fn size(&self) -> u128 {
        self.0.iter().fold(0, |sum: u128, (from, to)| {
            sum.saturating_add((to - from).saturating_add(1))
        })
    }
}

/// A set of IPv4 and IPv6 addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    v4: Spans,
    v6: Spans,
}

impl Addresses {
    /// Every address of the given families.
    #[must_use]
    pub fn all(v4: bool, v6: bool) -> Self {
        let span = |yes: bool, last: u128| if yes { vec![(0, last)] } else { Vec::new() };
        Self {
            v4: Spans(span(v4, u128::from(u32::MAX))),
            v6: Spans(span(v6, u128::MAX)),
        }
    }

    /// The addresses of some ranges.
    #[must_use]
    pub fn of<'a>(nets: impl IntoIterator<Item = &'a IpNet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for net in nets {
            match net {
                IpNet::V4(net) => v4.push((
                    u128::from(u32::from(net.network())),
                    u128::from(u32::from(net.broadcast())),
                )),
                IpNet::V6(net) => {
                    v6.push((u128::from(net.network()), u128::from(net.broadcast())));
                }
            }
        }
        Self {
            v4: Spans::new(v4),
            v6: Spans::new(v6),
        }
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.union(&other.v4),
            v6: self.v6.union(&other.v6),
        }
    }

    /// Those in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.intersect(&other.v4),
            v6: self.v6.intersect(&other.v6),
        }
    }

    /// Those that are not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.minus(&other.v4),
            v6: self.v6.minus(&other.v6),
        }
    }

    /// Whether they cover the IPv4 internet.
    #[must_use]
    pub fn is_v4_world(&self) -> bool {
        self.v4.size() >= WORLD_V4
    }

    /// Whether they cover the IPv6 internet.
    #[must_use]
    pub fn is_v6_world(&self) -> bool {
        let public = Spans(vec![PUBLIC_V6]);
        self.v6.intersect(&public).size() >= WORLD_V6
    }

    /// Whether they amount to the internet.
    #[must_use]
    pub fn is_world(&self) -> bool {
        self.is_v4_world() || self.is_v6_world()
    }
}

/// A CIDR range, host bits or not; `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<IpNet> {
    text.trim().parse().ok()
}

/// Whether two ranges share an address.
#[must_use]
pub fn overlap(a: &IpNet, b: &IpNet) -> bool {
    a.contains(&b.trunc()) || b.contains(&a.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(cidrs: &[&str]) -> Addresses {
        let nets: Vec<IpNet> = cidrs.iter().map(|c| parse(c).unwrap()).collect();
        Addresses::of(&nets)
    }

    #[test]
    fn the_world_in_one_or_more_pieces() {
        for world in [
            &["0.0.0.0/0"][..],
            &["::/0"],
            &["2000::/3"],
            &["2000::/4"],
            &["0.0.0.0/1", "128.0.0.0/1"],
            &["0.0.0.0/1"],
            &["0.0.0.0/2", "64.0.0.0/2"],
            &["0.0.0.0/2", "128.0.0.0/3", "160.0.0.0/3"],
            &["10.0.0.0/8", "0.0.0.0/0"],
        ] {
            assert!(set(world).is_world(), "{world:?}");
        }
    }

    #[test]
    fn less_than_half_is_not_the_world() {
        for part in [
            &[][..],
            &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
            &["0.0.0.0/2", "0.0.0.0/2", "0.0.0.0/3"],
            &["198.51.100.0/24"],
            &["2000::/5"],
            &["8000::/1"],
            &["fd00::/8"],
            &["10.0.0.0/8", "2001:db8::/32"],
        ] {
            assert!(!set(part).is_world(), "{part:?}");
        }
    }

    #[test]
    fn families_are_apart() {
        assert!(!set(&["0.0.0.0/0"]).is_v6_world());
        assert!(!set(&["::/0"]).is_v4_world());
    }

    #[test]
    fn a_hole_is_cut_out() {
        let rest = set(&["10.0.0.0/8"]).minus(&set(&["10.1.0.0/16"]));
        assert_eq!(rest.union(&set(&["10.1.0.0/16"])), set(&["10.0.0.0/8"]));
        assert_eq!(rest.intersect(&set(&["10.1.0.0/16"])), Addresses::default());
    }

    #[test]
    fn ranges_overlap_when_one_is_inside_the_other() {
        let net = |text| parse(text).unwrap();
        assert!(overlap(&net("10.0.0.0/16"), &net("10.0.3.0/24")));
        assert!(overlap(&net("10.0.3.0/24"), &net("10.0.0.0/16")));
        assert!(!overlap(&net("10.0.0.0/16"), &net("10.1.0.0/16")));
        assert!(!overlap(&net("10.0.0.0/16"), &net("::/0")));
    }

    fn any_net() -> impl Strategy<Value = IpNet> {
        prop_oneof![
            (any::<u32>(), 0..=32u8).prop_map(|(ip, len)| {
                IpNet::new(std::net::Ipv4Addr::from(ip).into(), len).unwrap()
            }),
            (any::<u128>(), 0..=128u8).prop_map(|(ip, len)| {
                IpNet::new(std::net::Ipv6Addr::from(ip).into(), len).unwrap()
            }),
        ]
    }

    fn halves(net: &IpNet) -> Vec<IpNet> {
        if net.prefix_len() < net.max_prefix_len() {
            net.subnets(net.prefix_len() + 1).unwrap().collect()
        } else {
            vec![*net]
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_cidr_like_text_panics(text in "[0-9a-f.:]{0,40}/[0-9]{0,4}") {
            if let Some(net) = parse(&text) {
                let _ = Addresses::of([&net]).is_world();
            }
        }

        #[test]
        fn a_range_is_its_two_halves(nets in prop::collection::vec(any_net(), 0..6)) {
            let cut: Vec<IpNet> = nets.iter().flat_map(halves).collect();
            prop_assert_eq!(Addresses::of(&nets), Addresses::of(&cut));
        }

        #[test]
        fn parts_and_rest_make_the_whole(
            a in prop::collection::vec(any_net(), 0..5),
            b in prop::collection::vec(any_net(), 0..5),
        ) {
            let (a, b) = (Addresses::of(&a), Addresses::of(&b));
            prop_assert_eq!(a.minus(&b).union(&a.intersect(&b)), a.clone());
            prop_assert_eq!(a.minus(&b).intersect(&b), Addresses::default());
            prop_assert_eq!(a.union(&b), b.union(&a));
            prop_assert!(!a.is_world() || a.union(&b).is_world());
        }
    }
}
