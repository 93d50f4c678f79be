//! Reads VPC endpoints.

use super::{PAGE, derived, each, have, share, tags, time};
use crate::aws::error::{gap, must};
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::VpcEndpoint;
use crate::model::{Call, Gap, Kind, Kinded, Part, PartSpec, Per, Resource, Scope};
use aws_sdk_ec2::types::{Filter, ServiceDetail, VpcEndpoint as Sdk};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeVpcEndpoints");

const DESCRIBE_SERVICES: Call = crate::call!(
    "ec2", "DescribeVpcEndpointServices",
    only_for: "200 services of ec2.vpc_endpoint"
);

/// Values that one filter may have.
const FILTER_VALUES: usize = 200;

const KIND: Kind = Kind {
    name: VpcEndpoint::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE],
    parts: &[
        PartSpec {
            name: "policy_supported",
            calls: &[&DESCRIBE_SERVICES],
            per: Per::Kind,
        },
        derived("policy"),
    ],
    schema: VpcEndpoint::schema,
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

/// Everything is listed before the services are asked for. Endpoints found before a failing page are
/// emitted all the same.
async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut found = Vec::new();
    let listed = list(&job, &mut found).await;
    let services = found.iter().filter_map(|(_, own)| own.service_name.clone());
    let services = services.collect();
    let supported = job
        .part("policy_supported", policies_supported(&job, services))
        .await;
    for (resource, mut own) in found {
        let service = own.service_name.as_deref().unwrap_or_default();
        own.policy_supported = share(&DESCRIBE_SERVICES, &supported, service);
        job.emit(resource, &own).await;
    }
    listed
}

/// Whether each of these services heeds endpoint policies, by name. They are asked for by filter: asked
/// for by name, one that the account does not see any more would fail the whole call.
async fn policies_supported(
    job: &Job,
    services: BTreeSet<String>,
) -> Result<BTreeMap<String, bool>, Gap> {
    let services: Vec<String> = services.into_iter().collect();
    let mut all = BTreeMap::new();
    for names in services.chunks(FILTER_VALUES) {
        for service in services_by_filter(job, names).await? {
            let name = have(&DESCRIBE_SERVICES, service.service_name)?;
            let supported = have(&DESCRIBE_SERVICES, service.vpc_endpoint_policy_supported)?;
            all.insert(name, supported);
        }
    }
    Ok(all)
}

async fn services_by_filter(job: &Job, names: &[String]) -> Result<Vec<ServiceDetail>, Gap> {
    let filter = Filter::builder()
        .name("service-name")
        .set_values(Some(names.to_vec()))
        .build();
    let client = job.aws.ec2(&job.region);
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let request = client
            .describe_vpc_endpoint_services()
            .filters(filter.clone())
            .max_results(PAGE)
            .set_next_token(token.take());
        let page = must(&DESCRIBE_SERVICES, request.send()).await?;
        found.extend(page.service_details.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
}

async fn list(job: &Job, found: &mut Vec<(Resource, VpcEndpoint)>) -> Result<(), Gap> {
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
            found.push((resource, document));
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
        policy_supported: Part::Unread,
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
