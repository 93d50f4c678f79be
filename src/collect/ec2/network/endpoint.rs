//! Reads VPC endpoints.

use super::{PAGE, collect_field, derived, have, share, tags, time};
use crate::aws::error::{gap, required_answer};
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::VpcEndpoint;
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_ec2::types::VpcEndpoint as Sdk;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const DESCRIBE: Call = crate::call!("ec2", "DescribeVpcEndpoints");

const DESCRIBE_SERVICES: Call = crate::call!(
    "ec2", "DescribeVpcEndpointServices",
    only_for: "services of AWS that an ec2.vpc_endpoint leads to"
);

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
    definition: Definition::Typed(VpcEndpoint::schema),
};

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

/// Everything is listed before the services are read. Endpoints found before a failing page are
/// emitted too.
async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut found = Vec::new();
    let listed = list(&job, &mut found).await;
    let services = found.iter().filter_map(|(_, own)| own.service_name.clone());
    let services = services.collect();
    // On the heap: the request's state is large.
    let supported = job.part("policy_supported", policies_supported(&job, services));
    let supported = Box::pin(supported).await;
    for (resource, mut own) in found {
        let service = own.service_name.as_deref().unwrap_or_default();
        own.policy_supported = share(&DESCRIBE_SERVICES, &supported, service);
        job.emit(resource, &own).await;
    }
    listed
}

/// Whether each of these services supports endpoint policies, by name. Services of other customers,
/// which may no longer exist, are skipped: one unknown name would fail the whole call.
async fn policies_supported(
    job: &Job,
    services: BTreeSet<String>,
) -> Result<BTreeMap<String, bool>, Gap> {
    let (theirs, aws): (BTreeSet<_>, BTreeSet<_>) = services
        .into_iter()
        .partition(|name| is_of_a_customer(name));
    // Services of customers do not support endpoint policies.
    let mut all: BTreeMap<String, bool> = theirs.into_iter().map(|name| (name, false)).collect();
    if aws.is_empty() {
        return Ok(all);
    }
    let client = job.aws.ec2(&job.region);
    let mut token = None;
    loop {
        let request = client
            .describe_vpc_endpoint_services()
            .set_service_names(Some(aws.iter().cloned().collect()))
            .max_results(PAGE)
            .set_next_token(token.take());
        let page = required_answer(&DESCRIBE_SERVICES, request.send()).await?;
        for service in page.service_details.unwrap_or_default() {
            let name = have(&DESCRIBE_SERVICES, service.service_name, "ServiceName")?;
            let supported = have(
                &DESCRIBE_SERVICES,
                service.vpc_endpoint_policy_supported,
                "VpcEndpointPolicySupported",
            )?;
            all.insert(name, supported);
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// Whether a customer offers a service: `com.amazonaws.vpce.eu-west-1.vpce-svc-1`.
fn is_of_a_customer(service: &str) -> bool {
    service.contains(".vpce.")
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
        let id = have(&DESCRIBE, endpoint.vpc_endpoint_id.take(), "VpcEndpointId")?;
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
        security_group_ids: collect_field(endpoint.groups, |g| g.group_id),
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
    fn services_of_customers_are_told_from_those_of_aws() {
        assert!(is_of_a_customer(
            "com.amazonaws.vpce.eu-west-1.vpce-svc-0123"
        ));
        assert!(!is_of_a_customer("com.amazonaws.eu-west-1.email-smtp"));
        assert!(!is_of_a_customer("aws.api.eu-west-1.freetier"));
    }

    #[test]
    fn the_state_has_one_spelling() {
        for state in ["available", "Available"] {
            let sdk = Sdk::builder().state(State::from(state)).build();
            assert_eq!(document(sdk).state.as_deref(), Some("available"));
        }
    }
}
