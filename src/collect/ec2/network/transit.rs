//! Reads what joins VPCs with other networks: transit gateways, VPN connections, Client VPN endpoints.

use super::{PAGE, collect_field, have, tags, time, word};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{
    ClientVpnEndpoint, TransitGateway, VpnConnection, VpnTunnel,
};
use crate::model::{Call, Definition, Gap, Kind, Scope, TypedDocument};
use aws_sdk_ec2::types::VgwTelemetry;
use std::sync::Arc;

const TRANSIT_GATEWAYS: Call = crate::call!("ec2", "DescribeTransitGateways");
const VPN_CONNECTIONS: Call = crate::call!("ec2", "DescribeVpnConnections");
const CLIENT_VPNS: Call = crate::call!("ec2", "DescribeClientVpnEndpoints");

const TRANSIT_GATEWAY_KIND: Kind = Kind {
    name: TransitGateway::KIND,
    scope: Scope::Region,
    list: &[&TRANSIT_GATEWAYS],
    parts: &[],
    definition: Definition::Typed(TransitGateway::schema),
};

const VPN_CONNECTION_KIND: Kind = Kind {
    name: VpnConnection::KIND,
    scope: Scope::Region,
    list: &[&VPN_CONNECTIONS],
    parts: &[],
    definition: Definition::Typed(VpnConnection::schema),
};

const CLIENT_VPN_KIND: Kind = Kind {
    name: ClientVpnEndpoint::KIND,
    scope: Scope::Region,
    list: &[&CLIENT_VPNS],
    parts: &[],
    definition: Definition::Typed(ClientVpnEndpoint::schema),
};

pub(super) const TRANSIT_GATEWAY: Collector = Collector {
    kind: &TRANSIT_GATEWAY_KIND,
    read: |job| Box::pin(transit_gateways(job)),
};

pub(super) const VPN_CONNECTION: Collector = Collector {
    kind: &VPN_CONNECTION_KIND,
    read: |job| Box::pin(vpn_connections(job)),
};

pub(super) const CLIENT_VPN: Collector = Collector {
    kind: &CLIENT_VPN_KIND,
    read: |job| Box::pin(client_vpns(job)),
};

async fn transit_gateways(job: Arc<Job>) -> Result<(), Gap> {
    let mut gateways = job
        .aws
        .ec2(&job.region)
        .describe_transit_gateways()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(gateway) = gateways.next().await {
        let mut gateway = gateway.map_err(|e| gap(&TRANSIT_GATEWAYS, &e))?;
        let id = have(
            &TRANSIT_GATEWAYS,
            gateway.transit_gateway_id.take(),
            "TransitGatewayId",
        )?;
        let resource = job.resource(
            &id,
            gateway.transit_gateway_arn.take(),
            tags(gateway.tags.take()),
        );
        let options = gateway.options;
        let document = TransitGateway {
            state: word(gateway.state),
            owner_id: gateway.owner_id,
            auto_accept_shared_attachments: word(
                options.and_then(|o| o.auto_accept_shared_attachments),
            ),
        };
        job.emit(resource, &document).await;
    }
    Ok(())
}

async fn vpn_connections(job: Arc<Job>) -> Result<(), Gap> {
    let ec2 = job.aws.ec2(&job.region);
    // This operation has no pages.
    let answer = ec2.describe_vpn_connections().send().await;
    let answer = answer.map_err(|e| gap(&VPN_CONNECTIONS, &e))?;
    for mut connection in answer.vpn_connections.unwrap_or_default() {
        let id = have(
            &VPN_CONNECTIONS,
            connection.vpn_connection_id.take(),
            "VpnConnectionId",
        )?;
        let arn = job.arn("ec2", &format!("vpn-connection/{id}"));
        let resource = job.resource(&id, Some(arn), tags(connection.tags.take()));
        let document = VpnConnection {
            state: word(connection.state),
            transit_gateway_id: connection.transit_gateway_id,
            vpn_gateway_id: connection.vpn_gateway_id,
            tunnels: collect_field(connection.vgw_telemetry, |tunnel| Some(vpn_tunnel(tunnel))),
        };
        job.emit(resource, &document).await;
    }
    Ok(())
}

/// A tunnel whose status AWS does not tell is neither up nor down.
fn vpn_tunnel(tunnel: VgwTelemetry) -> VpnTunnel {
    VpnTunnel {
        outside_ip_address: tunnel.outside_ip_address,
        status: have(&VPN_CONNECTIONS, word(tunnel.status), "VgwTelemetry.Status").into(),
        last_status_change: time(tunnel.last_status_change),
    }
}

async fn client_vpns(job: Arc<Job>) -> Result<(), Gap> {
    let mut endpoints = job
        .aws
        .ec2(&job.region)
        .describe_client_vpn_endpoints()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(endpoint) = endpoints.next().await {
        let mut endpoint = endpoint.map_err(|e| gap(&CLIENT_VPNS, &e))?;
        let id = have(
            &CLIENT_VPNS,
            endpoint.client_vpn_endpoint_id.take(),
            "ClientVpnEndpointId",
        )?;
        let arn = job.arn("ec2", &format!("client-vpn-endpoint/{id}"));
        let resource = job.resource(&id, Some(arn), tags(endpoint.tags.take()));
        let document = ClientVpnEndpoint {
            status: word(endpoint.status.and_then(|s| s.code)),
            connection_log_enabled: endpoint.connection_log_options.and_then(|o| o.enabled),
            split_tunnel: endpoint.split_tunnel,
        };
        job.emit(resource, &document).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Part;
    use aws_sdk_ec2::types::TelemetryStatus;

    #[test]
    fn a_tunnel_without_a_status_is_not_down() {
        let up = VgwTelemetry::builder().status(TelemetryStatus::Up).build();
        assert_eq!(vpn_tunnel(up).status, Part::Read("UP".to_owned()));
        let silent = VgwTelemetry::builder().build();
        let Part::Gap(gap) = vpn_tunnel(silent).status else {
            panic!("a gap");
        };
        assert!(gap.detail.contains("VgwTelemetry.Status"), "{}", gap.detail);
    }
}
