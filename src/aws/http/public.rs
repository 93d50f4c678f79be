//! Which addresses are in public networks. A URL that somebody else chose may lead to services that only
//! this machine can reach: metadata services, databases, internal consoles.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a connection may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Anywhere.
    Anywhere,
    /// To public networks only.
    Public,
}

/// An address that is not in a public network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is at {ip}, not in a public network; `allow_private: true` allows that")]
pub(super) struct NotPublic {
    pub(super) host: String,
    pub(super) ip: IpAddr,
}

impl Reach {
    /// All of these addresses, of which a public name has to have no other.
    ///
    /// # Errors
    /// The first that may not be reached.
    pub(super) fn check(self, host: &str, found: &[IpAddr]) -> Result<(), NotPublic> {
        let refused = found
            .iter()
            .find(|ip| self == Self::Public && !is_public(**ip));
        match refused {
            None => Ok(()),
            Some(ip) => Err(NotPublic {
                host: host.to_owned(),
                ip: *ip,
            }),
        }
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_public_v4(ip),
            None => is_public_v6(ip),
        },
    }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry/>
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

/// <https://www.iana.org/assignments/iana-ipv6-special-registry/>: only 2000::/3 is given out.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    // 2001::/23 is for protocols, among them Teredo, which like 6to4 carries IPv4 addresses of any kind.
    let protocols = first == 0x2001 && second < 0x0200;
    let documentation =
        (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    (0x2000..0x4000).contains(&first) && !protocols && !documentation && first != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_and_metadata_services_are_not_public() {
        for private in [
            "127.0.0.1",
            "127.255.255.254",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.170.2",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "192.88.99.1",
            "198.18.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "::",
            "::1",
            "::127.0.0.1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "::ffff:169.254.169.254",
            "::ffff:127.0.0.1",
            "2001::1",
            "2002:7f00:1::",
            "64:ff9b::a9fe:a9fe",
            "2001:db8::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "52.94.236.248",
            "172.32.0.1",
            "::ffff:1.1.1.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn one_private_address_of_a_name_is_enough_to_refuse_it() {
        let found = ["1.1.1.1", "10.0.0.1"].map(|ip| ip.parse().unwrap());
        let error = Reach::Public.check("mixed.example", &found).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("mixed.example is at 10.0.0.1,")
        );
        assert_eq!(Reach::Public.check("public.example", &found[..1]), Ok(()));
        assert_eq!(Reach::Anywhere.check("mixed.example", &found), Ok(()));
    }
}
