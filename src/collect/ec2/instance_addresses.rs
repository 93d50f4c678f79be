//! The addresses and security groups of an instance.

use aws_sdk_ec2::types as sdk;
use std::collections::BTreeSet;

/// Addresses and groups of all network interfaces, each once.
pub(super) struct Addresses {
    pub(super) private: Vec<String>,
    pub(super) public: Vec<String>,
    pub(super) ipv6: Vec<String>,
    pub(super) interfaces: Vec<String>,
    /// `None` if the answer lists no interfaces, or none with groups.
    pub(super) groups: Option<Vec<String>>,
}

impl Addresses {
    pub(super) fn of(
        interfaces: &[sdk::InstanceNetworkInterface],
        private_ip: Option<String>,
        public_ip: Option<String>,
    ) -> Self {
        // The instance's own fields repeat those of its first interface; without interfaces they
        // are all there is.
        let mut private: BTreeSet<String> = private_ip.into_iter().collect();
        let mut public: BTreeSet<String> = public_ip.into_iter().collect();
        let mut ipv6 = BTreeSet::new();
        let mut groups = BTreeSet::new();
        for interface in interfaces {
            private.extend(interface.private_ip_address.clone());
            public.extend(
                interface
                    .association
                    .as_ref()
                    .and_then(|a| a.public_ip.clone()),
            );
            for address in interface.private_ip_addresses() {
                private.extend(address.private_ip_address.clone());
                let association = address.association.as_ref();
                public.extend(association.and_then(|a| a.public_ip.clone()));
            }
            let addresses = interface.ipv6_addresses().iter();
            ipv6.extend(addresses.filter_map(|a| a.ipv6_address.clone()));
            groups.extend(interface.groups().iter().filter_map(|g| g.group_id.clone()));
        }
        let ids = interfaces.iter();
        Self {
            private: private.into_iter().collect(),
            public: public.into_iter().collect(),
            ipv6: ipv6.into_iter().collect(),
            interfaces: ids.filter_map(|i| i.network_interface_id.clone()).collect(),
            groups: (!groups.is_empty()).then(|| groups.into_iter().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_all_interfaces_count_once() {
        let association = sdk::InstanceNetworkInterfaceAssociation::builder()
            .public_ip("203.0.113.7")
            .build();
        let second = sdk::InstancePrivateIpAddress::builder()
            .private_ip_address("10.0.0.6")
            .association(
                sdk::InstanceNetworkInterfaceAssociation::builder()
                    .public_ip("203.0.113.8")
                    .build(),
            )
            .build();
        let interface = sdk::InstanceNetworkInterface::builder()
            .network_interface_id("eni-1")
            .private_ip_address("10.0.0.5")
            .association(association)
            .private_ip_addresses(second)
            .ipv6_addresses(
                sdk::InstanceIpv6Address::builder()
                    .ipv6_address("2001:db8::1")
                    .build(),
            )
            .groups(sdk::GroupIdentifier::builder().group_id("sg-2").build())
            .groups(sdk::GroupIdentifier::builder().group_id("sg-1").build())
            .build();
        let own = Some("10.0.0.5".to_owned());
        let addresses = Addresses::of(&[interface], own, Some("203.0.113.7".to_owned()));
        assert_eq!(addresses.private, ["10.0.0.5", "10.0.0.6"]);
        assert_eq!(addresses.public, ["203.0.113.7", "203.0.113.8"]);
        assert_eq!(addresses.ipv6, ["2001:db8::1"]);
        assert_eq!(addresses.interfaces, ["eni-1"]);
        assert_eq!(addresses.groups.unwrap(), ["sg-1", "sg-2"]);
    }
}
