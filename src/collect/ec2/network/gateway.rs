//! Reads internet gateways and NAT gateways.

use super::{PAGE, derived, each, have, tags, time};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{InternetGateway, NatGateway};
use crate::model::{Call, Gap, Kind, Kinded, Part, Scope};
use aws_sdk_ec2::types::{NatGateway as SdkNat, NatGatewayState};
use std::sync::Arc;

const DESCRIBE_INTERNET: Call = crate::call!("ec2", "DescribeInternetGateways");
const DESCRIBE_NAT: Call = crate::call!("ec2", "DescribeNatGateways");

const INTERNET_KIND: Kind = Kind {
    name: InternetGateway::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_INTERNET],
    parts: &[],
    schema: InternetGateway::schema,
};

const NAT_KIND: Kind = Kind {
    name: NatGateway::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_NAT],
    parts: &[derived("reach"), derived("gateway_endpoints")],
    schema: NatGateway::schema,
};

pub(super) const INTERNET: Collector = Collector {
    kind: &INTERNET_KIND,
    read: |job| Box::pin(read_internet(job)),
};

pub(super) const NAT: Collector = Collector {
    kind: &NAT_KIND,
    read: |job| Box::pin(read_nat(job)),
};

async fn read_internet(job: Arc<Job>) -> Result<(), Gap> {
    let mut gateways = job
        .aws
        .ec2(&job.region)
        .describe_internet_gateways()
        .max_results(PAGE)
        .into_paginator()
        .items()
        .send();
    while let Some(gateway) = gateways.next().await {
        let mut gateway = gateway.map_err(|e| gap(&DESCRIBE_INTERNET, &e))?;
        let id = have(&DESCRIBE_INTERNET, gateway.internet_gateway_id.take())?;
        let arn = job.arn("ec2", &format!("internet-gateway/{id}"));
        let resource = job.resource(&id, Some(arn), tags(gateway.tags.take()));
        let document = InternetGateway {
            vpc_ids: each(gateway.attachments, |a| a.vpc_id),
        };
        job.emit(resource, &document).await;
    }
    Ok(())
}

async fn read_nat(job: Arc<Job>) -> Result<(), Gap> {
    let mut gateways = job
        .aws
        .ec2(&job.region)
        .describe_nat_gateways()
        .max_results(PAGE)
        .into_paginator()
        .items()
        .send();
    while let Some(gateway) = gateways.next().await {
        let mut gateway = gateway.map_err(|e| gap(&DESCRIBE_NAT, &e))?;
        if gateway.state == Some(NatGatewayState::Deleted) {
            continue;
        }
        let id = have(&DESCRIBE_NAT, gateway.nat_gateway_id.take())?;
        let arn = job.arn("ec2", &format!("natgateway/{id}"));
        let resource = job.resource(&id, Some(arn), tags(gateway.tags.take()));
        job.emit(resource, &nat_document(gateway)?).await;
    }
    Ok(())
}

fn nat_document(gateway: SdkNat) -> Result<NatGateway, Gap> {
    Ok(NatGateway {
        state: have(&DESCRIBE_NAT, gateway.state)?.as_str().to_owned(),
        subnet_id: gateway.subnet_id,
        vpc_id: gateway.vpc_id,
        connectivity_type: gateway.connectivity_type.map(|t| t.as_str().to_owned()),
        availability_mode: gateway.availability_mode.map(|m| m.as_str().to_owned()),
        create_time: time(gateway.create_time),
        reach: Part::Unread,
        gateway_endpoints: Part::Unread,
    })
}
