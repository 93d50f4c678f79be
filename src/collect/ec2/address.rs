//! Reads Elastic IP addresses.

use super::answer::{have, tags, word};
use crate::aws::error::required_answer;
use crate::collect::Job;
use crate::model::kinds::ec2::compute::Address;
use crate::model::{Call, Definition, Gap, Kind, Scope, TypedDocument};
use std::sync::Arc;

const DESCRIBE_ADDRESSES: Call = crate::call!("ec2", "DescribeAddresses");

/// What this module reads.
pub(super) const KIND: Kind = Kind {
    name: Address::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_ADDRESSES],
    parts: &[],
    definition: Definition::Typed(Address::schema),
};

/// Reads every Elastic IP address. The operation has no pages.
pub(super) async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let client = job.aws.ec2(&job.region);
    let answer = required_answer(&DESCRIBE_ADDRESSES, client.describe_addresses().send()).await?;
    for address in answer.addresses.unwrap_or_default() {
        // Only EC2-Classic had addresses without an allocation.
        let id = address.allocation_id.clone().or(address.public_ip.clone());
        let id = have(&DESCRIBE_ADDRESSES, id, "AllocationId")?;
        let arn = address
            .allocation_id
            .as_ref()
            .map(|id| job.arn("ec2", &format!("elastic-ip/{id}")));
        let resource = job.resource(&id, arn, tags(address.tags));
        let some = |text: Option<String>| text.filter(|t| !t.is_empty());
        let own = Address {
            allocation_id: address.allocation_id,
            association_id: some(address.association_id),
            instance_id: some(address.instance_id),
            network_interface_id: some(address.network_interface_id),
            public_ip: address.public_ip,
            domain: word(address.domain),
            service_managed: word(address.service_managed),
        };
        job.emit(resource, &own).await;
    }
    Ok(())
}
