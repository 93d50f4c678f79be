//! Reads network interfaces.

use super::{PAGE, collect_field, derived, have, tags, time};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{InterfaceAttachment, NetworkInterface};
use crate::model::{Call, Definition, Gap, Kind, Part, Scope, TypedDocument};
use aws_sdk_ec2::types::NetworkInterface as Sdk;
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeNetworkInterfaces");

const KIND: Kind = Kind {
    name: NetworkInterface::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[derived("exposure")],
    definition: Definition::Typed(NetworkInterface::schema),
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut interfaces = job
        .aws
        .ec2(&job.region)
        .describe_network_interfaces()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(interface) = interfaces.next().await {
        let mut interface = interface.map_err(|e| gap(&DESCRIBE, &e))?;
        let id = have(
            &DESCRIBE,
            interface.network_interface_id.take(),
            "NetworkInterfaceId",
        )?;
        let arn = job.arn("ec2", &format!("network-interface/{id}"));
        let resource = job.resource(&id, Some(arn), tags(interface.tag_set.take()));
        job.emit(resource, &document(interface)?).await;
    }
    Ok(())
}

fn document(interface: Sdk) -> Result<NetworkInterface, Gap> {
    // Each private address may have a public one; that of the primary address is also a field of
    // its own.
    let mut public_ips = collect_field(interface.private_ip_addresses, |address| {
        address.association?.public_ip
    });
    if let Some(ip) = interface.association.and_then(|a| a.public_ip)
        && !public_ips.contains(&ip)
    {
        public_ips.insert(0, ip);
    }
    Ok(NetworkInterface {
        status: have(&DESCRIBE, interface.status, "Status")?
            .as_str()
            .to_owned(),
        interface_type: interface.interface_type.map(|t| t.as_str().to_owned()),
        security_group_ids: collect_field(interface.groups, |g| g.group_id),
        vpc_id: interface.vpc_id,
        subnet_id: interface.subnet_id,
        private_ip_address: interface.private_ip_address,
        public_ips,
        ipv6_addresses: collect_field(interface.ipv6_addresses, |a| a.ipv6_address),
        source_dest_check: interface.source_dest_check,
        requester_managed: interface.requester_managed,
        attachment: interface.attachment.map(|attachment| InterfaceAttachment {
            instance_id: attachment.instance_id,
            instance_owner_id: attachment.instance_owner_id,
            delete_on_termination: attachment.delete_on_termination,
            attach_time: time(attachment.attach_time),
        }),
        exposure: Part::Unread,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        NetworkInterfaceAssociation as Association, NetworkInterfacePrivateIpAddress as Address,
        NetworkInterfaceStatus,
    };

    fn association(ip: &str) -> Association {
        Association::builder().public_ip(ip).build()
    }

    #[test]
    fn every_public_address_is_kept_once() {
        let sdk = Sdk::builder()
            .status(NetworkInterfaceStatus::InUse)
            .association(association("198.51.100.1"))
            .private_ip_addresses(
                Address::builder()
                    .association(association("198.51.100.1"))
                    .build(),
            )
            .private_ip_addresses(Address::builder().build())
            .private_ip_addresses(
                Address::builder()
                    .association(association("198.51.100.2"))
                    .build(),
            )
            .build();
        let interface = document(sdk).unwrap();
        assert_eq!(interface.status, "in-use");
        assert_eq!(interface.public_ips, ["198.51.100.1", "198.51.100.2"]);
    }
}
