//! Reads VPC endpoints.

use super::{PAGE, derived, each, have, tags, time};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::VpcEndpoint;
use crate::model::{Call, Gap, Kind, Kinded, Part, Scope};
use aws_sdk_ec2::types::VpcEndpoint as Sdk;
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeVpcEndpoints");

const KIND: Kind = Kind {
    name: VpcEndpoint::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[derived("policy")],
    schema: VpcEndpoint::schema,
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut endpoints = job
        .aws
        .ec2(&job.region)
        .describe_vpc_endpoints()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(endpoint) = endpoints.next().await {
        let mut endpoint = endpoint.map_err(|e| gap(&DESCRIBE, &e))?;
        let id = have(&DESCRIBE, endpoint.vpc_endpoint_id.take())?;
        let arn = job.arn("ec2", &format!("vpc-endpoint/{id}"));
        let resource = job.resource(&id, Some(arn), tags(endpoint.tags.take()));
        let document = document(endpoint);
        if document.state.as_deref() != Some("deleted") {
            job.emit(resource, &document).await;
        }
    }
    Ok(())
}

fn document(endpoint: Sdk) -> VpcEndpoint {
    VpcEndpoint {
        service_name: endpoint.service_name,
        vpc_endpoint_type: endpoint.vpc_endpoint_type.map(|t| t.as_str().to_owned()),
        // AWS documents `Available` and answers `available`.
        state: endpoint.state.map(|s| s.as_str().to_ascii_lowercase()),
        vpc_id: endpoint.vpc_id,
        route_table_ids: endpoint.route_table_ids.unwrap_or_default(),
        subnet_ids: endpoint.subnet_ids.unwrap_or_default(),
        security_group_ids: each(endpoint.groups, |g| g.group_id),
        private_dns_enabled: endpoint.private_dns_enabled,
        requester_managed: endpoint.requester_managed,
        creation_timestamp: time(endpoint.creation_timestamp),
        policy_document: endpoint.policy_document,
        policy: Part::Unread,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::State;

    #[test]
    fn the_state_has_one_spelling() {
        for state in ["available", "Available"] {
            let sdk = Sdk::builder().state(State::from(state)).build();
            assert_eq!(document(sdk).state.as_deref(), Some("available"));
        }
    }
}
