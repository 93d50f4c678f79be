//! Reads route tables and network ACLs.

use super::{PAGE, collect_field, derived, have, tags};
use crate::aws::error::gap;
use crate::collect::{Collector, Job};
use crate::model::kinds::ec2::network::{
    AclEntry, NetworkAcl, Route, RouteAssociation, RouteTable,
};
use crate::model::{Call, Definition, Gap, Kind, Part, Scope, TypedDocument};
use aws_sdk_ec2::types::{
    NetworkAcl as SdkAcl, NetworkAclEntry, Route as SdkRoute, RouteTable as SdkTable,
    RouteTableAssociationStateCode as AssociationState,
};
use std::sync::Arc;

const DESCRIBE_TABLES: Call = crate::call!("ec2", "DescribeRouteTables");
const DESCRIBE_ACLS: Call = crate::call!("ec2", "DescribeNetworkAcls");

/// The largest page of `DescribeRouteTables`.
const TABLES_PAGE: i32 = 100;

const TABLE: Kind = Kind {
    name: RouteTable::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_TABLES],
    parts: &[derived("broad_peering_routes")],
    definition: Definition::Typed(RouteTable::schema),
};

const ACL: Kind = Kind {
    name: NetworkAcl::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_ACLS],
    parts: &[derived("open_to_world")],
    definition: Definition::Typed(NetworkAcl::schema),
};

pub(super) const TABLES: Collector = Collector {
    kind: &TABLE,
    read: |job| Box::pin(read_tables(job)),
};

pub(super) const ACLS: Collector = Collector {
    kind: &ACL,
    read: |job| Box::pin(read_acls(job)),
};

async fn read_tables(job: Arc<Job>) -> Result<(), Gap> {
    let mut tables = job
        .aws
        .ec2(&job.region)
        .describe_route_tables()
        .max_results(TABLES_PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(table) = tables.next().await {
        let mut table = table.map_err(|e| gap(&DESCRIBE_TABLES, &e))?;
        let id = have(
            &DESCRIBE_TABLES,
            table.route_table_id.take(),
            "RouteTableId",
        )?;
        let arn = job.arn("ec2", &format!("route-table/{id}"));
        let resource = job.resource(&id, Some(arn), tags(table.tags.take()));
        job.emit(resource, &table_document(table)?).await;
    }
    Ok(())
}

fn table_document(table: SdkTable) -> Result<RouteTable, Gap> {
    Ok(RouteTable {
        vpc_id: have(&DESCRIBE_TABLES, table.vpc_id, "VpcId")?,
        routes: collect_field(table.routes, |r| Some(route(r))),
        associations: collect_field(table.associations, |association| {
            // One without a state stands: so does the one in AWS's own example of the answer.
            let state = association.association_state.and_then(|s| s.state);
            let gone = matches!(
                state,
                Some(
                    AssociationState::Disassociated
                        | AssociationState::Disassociating
                        | AssociationState::Failed
                )
            );
            (!gone).then(|| RouteAssociation {
                // Only the association of the main table says so.
                main: association.main.unwrap_or(false),
                subnet_id: association.subnet_id,
                gateway_id: association.gateway_id,
            })
        }),
        broad_peering_routes: Part::Unread,
    })
}

fn route(route: SdkRoute) -> Route {
    Route {
        destination_cidr_block: route.destination_cidr_block,
        destination_ipv6_cidr_block: route.destination_ipv6_cidr_block,
        destination_prefix_list_id: route.destination_prefix_list_id,
        gateway_id: route.gateway_id,
        nat_gateway_id: route.nat_gateway_id,
        egress_only_internet_gateway_id: route.egress_only_internet_gateway_id,
        transit_gateway_id: route.transit_gateway_id,
        vpc_peering_connection_id: route.vpc_peering_connection_id,
        network_interface_id: route.network_interface_id,
        instance_id: route.instance_id,
        state: route.state.map(|s| s.as_str().to_owned()),
    }
}

async fn read_acls(job: Arc<Job>) -> Result<(), Gap> {
    let mut acls = job
        .aws
        .ec2(&job.region)
        .describe_network_acls()
        .max_results(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    while let Some(acl) = acls.next().await {
        let mut acl = acl.map_err(|e| gap(&DESCRIBE_ACLS, &e))?;
        let id = have(&DESCRIBE_ACLS, acl.network_acl_id.take(), "NetworkAclId")?;
        let arn = job.arn("ec2", &format!("network-acl/{id}"));
        let resource = job.resource(&id, Some(arn), tags(acl.tags.take()));
        job.emit(resource, &acl_document(acl)?).await;
    }
    Ok(())
}

fn acl_document(acl: SdkAcl) -> Result<NetworkAcl, Gap> {
    let entries = acl.entries.unwrap_or_default().into_iter().map(entry);
    let mut entries = entries.collect::<Result<Vec<_>, Gap>>()?;
    entries.sort_by_key(|e| (e.egress, e.rule_number));
    Ok(NetworkAcl {
        vpc_id: acl.vpc_id,
        is_default: have(&DESCRIBE_ACLS, acl.is_default, "IsDefault")?,
        entries,
        subnet_ids: collect_field(acl.associations, |a| a.subnet_id),
        open_to_world: Part::Unread,
    })
}

fn entry(entry: NetworkAclEntry) -> Result<AclEntry, Gap> {
    let ports = entry.port_range.unwrap_or_else(|| {
        // Protocols without ports, and all protocols, have no range.
        aws_sdk_ec2::types::PortRange::builder().build()
    });
    Ok(AclEntry {
        rule_number: i64::from(have(&DESCRIBE_ACLS, entry.rule_number, "RuleNumber")?),
        egress: have(&DESCRIBE_ACLS, entry.egress, "Egress")?,
        rule_action: have(&DESCRIBE_ACLS, entry.rule_action, "RuleAction")?
            .as_str()
            .to_owned(),
        protocol: have(&DESCRIBE_ACLS, entry.protocol, "Protocol")?,
        cidr_block: entry.cidr_block,
        ipv6_cidr_block: entry.ipv6_cidr_block,
        from_port: ports.from.map(i64::from),
        to_port: ports.to.map(i64::from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::RuleAction;

    fn sdk_entry(number: i32, egress: bool) -> NetworkAclEntry {
        NetworkAclEntry::builder()
            .rule_number(number)
            .egress(egress)
            .rule_action(RuleAction::Allow)
            .protocol("-1")
            .cidr_block("0.0.0.0/0")
            .build()
    }

    #[test]
    fn entries_are_in_the_order_in_which_they_apply() {
        let sdk = SdkAcl::builder()
            .is_default(true)
            .entries(sdk_entry(32767, false))
            .entries(sdk_entry(100, true))
            .entries(sdk_entry(90, false))
            .build();
        let acl = acl_document(sdk).unwrap();
        let order: Vec<_> = acl
            .entries
            .iter()
            .map(|e| (e.egress, e.rule_number))
            .collect();
        assert_eq!(order, [(false, 90), (false, 32767), (true, 100)]);
        assert_eq!(acl.entries[0].from_port, None);
    }
}
