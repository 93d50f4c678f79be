//! Reads internet gateways and NAT gateways.

use super::{PAGE, collect_field, derived, have, silent, tags, time};
use crate::aws::error::gap;
use crate::collect::metrics::{self, GET_METRIC_DATA, Query, Stat};
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{InternetGateway, NatGateway, NatTraffic};
use crate::model::kinds::metric::Metric;
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_ec2::types::{NatGateway as SdkNat, NatGatewayState};
use std::sync::Arc;

const DESCRIBE_INTERNET: Call = crate::call!("ec2", "DescribeInternetGateways");
const DESCRIBE_NAT: Call = crate::call!("ec2", "DescribeNatGateways");

/// The days that metrics are read of.
const DAYS: u32 = 14;

const INTERNET_KIND: Kind = Kind {
    name: InternetGateway::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_INTERNET],
    parts: &[],
    definition: Definition::Typed(InternetGateway::schema),
};

const NAT_KIND: Kind = Kind {
    name: NatGateway::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_NAT],
    parts: &[
        PartSpec {
            name: "traffic",
            calls: &[&GET_METRIC_DATA],
            per: Per::Metrics(4),
        },
        derived("reach"),
        derived("gateway_endpoints"),
    ],
    definition: Definition::Typed(NatGateway::schema),
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
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(gateway) = gateways.next().await {
        let mut gateway = gateway.map_err(|e| gap(&DESCRIBE_INTERNET, &e))?;
        let id = have(
            &DESCRIBE_INTERNET,
            gateway.internet_gateway_id.take(),
            "InternetGatewayId",
        )?;
        let arn = job.arn("ec2", &format!("internet-gateway/{id}"));
        let resource = job.resource(&id, Some(arn), tags(gateway.tags.take()));
        let document = InternetGateway {
            vpc_ids: collect_field(gateway.attachments, |a| a.vpc_id),
        };
        job.emit(resource, &document).await;
    }
    Ok(())
}

/// Everything is listed before the metrics are read: they come for all gateways at once.
async fn read_nat(job: Arc<Job>) -> Result<(), Gap> {
    let mut found = Vec::new();
    let end = list_nat(&job, &mut found).await;
    let selected: Vec<String> = found
        .iter()
        .filter(|(_, own)| own.state == "available")
        .map(|(resource, _)| resource.id.clone())
        .collect();
    let parts = metrics::parts(&job, "traffic", &job.region, &selected, |id| {
        [
            ("BytesOutToDestination", Stat::Sum),
            ("BytesInFromDestination", Stat::Sum),
            ("ActiveConnectionCount", Stat::Maximum),
            ("ErrorPortAllocation", Stat::Sum),
        ]
        .map(|(name, stat)| {
            Query::hourly("AWS/NATGateway", name, stat, DAYS).of("NatGatewayId", id)
        })
    })
    .await;
    let mut parts = parts.into_iter();
    for (resource, mut own) in found {
        own.traffic = if own.state == "available" {
            parts.next().map(traffic).unwrap_or_default()
        } else if job.wants("traffic") {
            traffic(Part::Read([(); 4].map(|()| silent(DAYS))))
        } else {
            Part::Unread
        };
        job.emit(resource, &own).await;
    }
    end
}

fn traffic(part: Part<[Metric; 4]>) -> Part<NatTraffic> {
    match part {
        Part::Unread => Part::Unread,
        Part::Gap(gap) => Part::Gap(gap),
        Part::Read([bytes_out, bytes_in, connections, port_errors]) => Part::Read(NatTraffic {
            bytes_out,
            bytes_in,
            connections,
            port_errors,
        }),
    }
}

async fn list_nat(job: &Job, found: &mut Vec<(Resource, NatGateway)>) -> Result<(), Gap> {
    let mut gateways = job
        .aws
        .ec2(&job.region)
        .describe_nat_gateways()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(gateway) = gateways.next().await {
        let mut gateway = gateway.map_err(|e| gap(&DESCRIBE_NAT, &e))?;
        if gateway.state == Some(NatGatewayState::Deleted) {
            continue;
        }
        let id = have(&DESCRIBE_NAT, gateway.nat_gateway_id.take(), "NatGatewayId")?;
        let arn = job.arn("ec2", &format!("natgateway/{id}"));
        let resource = job.resource(&id, Some(arn), tags(gateway.tags.take()));
        found.push((resource, nat_document(gateway)?));
    }
    Ok(())
}

fn nat_document(gateway: SdkNat) -> Result<NatGateway, Gap> {
    Ok(NatGateway {
        state: have(&DESCRIBE_NAT, gateway.state, "State")?
            .as_str()
            .to_owned(),
        subnet_id: gateway.subnet_id,
        vpc_id: gateway.vpc_id,
        connectivity_type: gateway.connectivity_type.map(|t| t.as_str().to_owned()),
        availability_mode: gateway.availability_mode.map(|m| m.as_str().to_owned()),
        create_time: time(gateway.create_time),
        traffic: Part::Unread,
        reach: Part::Unread,
        gateway_endpoints: Part::Unread,
    })
}
