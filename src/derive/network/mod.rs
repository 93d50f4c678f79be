//! What the internet can reach, where routes lead, and which parts of a network nothing uses.

pub mod cidr;
mod exposure;
mod facts;
mod policy;
pub mod ports;
mod routes;
#[cfg(test)]
mod tests;
mod unused;
mod vpcs;

pub(super) use facts::Listing;

use super::{Derivation, Need};

const GROUPS: Need = listed("ec2.security_group");
const TABLES: Need = listed("ec2.route_table");
const ACLS: Need = listed("ec2.network_acl");
const SUBNETS: Need = listed("ec2.subnet");
const VPCS: Need = listed("ec2.vpc");
const INTERFACES: Need = listed("ec2.network_interface");
const NATS: Need = listed("ec2.nat_gateway");
const ENDPOINTS: Need = listed("ec2.vpc_endpoint");
const PEERINGS: Need = listed("ec2.vpc_peering_connection");
const FUNCTIONS: Need = listed("lambda.function");
const LISTS: Need = Need {
    kind: "ec2.prefix_list",
    parts: &["entries"],
};

/// A kind of which only the fields of its list call are read.
const fn listed(kind: &'static str) -> Need {
    Need { kind, parts: &[] }
}

const fn derivation(
    kind: &'static str,
    part: &'static str,
    needs: &'static [Need],
    run: super::Run,
) -> Derivation {
    Derivation {
        kind,
        part,
        needs,
        run,
    }
}

/// The derivations of this folder.
pub const DERIVATIONS: &[Derivation] = &[
    derivation(
        "ec2.security_group",
        "open_to_world",
        &[GROUPS, LISTS],
        &exposure::security_groups,
    ),
    derivation(
        "ec2.security_group",
        "attached",
        &[GROUPS, INTERFACES],
        &unused::group_attached,
    ),
    derivation(
        "ec2.security_group",
        "used",
        &[
            Need {
                kind: "ec2.security_group",
                parts: &["in_launch_template"],
            },
            INTERFACES,
            FUNCTIONS,
            listed("rds.instance"),
        ],
        &unused::group_used,
    ),
    derivation(
        "ec2.network_acl",
        "open_to_world",
        &[ACLS],
        &exposure::network_acls,
    ),
    derivation(
        "ec2.network_interface",
        "exposure",
        &[INTERFACES, GROUPS, LISTS, TABLES, ACLS, SUBNETS],
        &exposure::interfaces,
    ),
    derivation(
        "ec2.instance",
        "exposure",
        &[
            listed("ec2.instance"),
            INTERFACES,
            GROUPS,
            LISTS,
            TABLES,
            ACLS,
            SUBNETS,
        ],
        &exposure::instances,
    ),
    derivation(
        "rds.instance",
        "exposure",
        &[listed("rds.instance"), GROUPS, LISTS, TABLES, ACLS, SUBNETS],
        &exposure::databases,
    ),
    derivation(
        "ec2.subnet",
        "route_to_internet",
        &[SUBNETS, TABLES, LISTS],
        &routes::subnet_public,
    ),
    derivation(
        "ec2.subnet",
        "effective_route_table",
        &[SUBNETS, TABLES],
        &routes::subnet_table,
    ),
    derivation(
        "ec2.route_table",
        "broad_peering_routes",
        &[TABLES, PEERINGS],
        &routes::broad_peering_routes,
    ),
    derivation(
        "ec2.nat_gateway",
        "reach",
        &[NATS, SUBNETS, TABLES],
        &routes::nat_reach,
    ),
    derivation(
        "ec2.nat_gateway",
        "gateway_endpoints",
        &[NATS, ENDPOINTS],
        &vpcs::nat_endpoints,
    ),
    derivation(
        "ec2.vpc_endpoint",
        "policy",
        &[ENDPOINTS],
        &policy::endpoints,
    ),
    derivation(
        "ec2.vpc",
        "in_use",
        &[VPCS, INTERFACES],
        &unused::vpc_in_use,
    ),
    derivation(
        "ec2.vpc",
        "subnet_zones",
        &[VPCS, SUBNETS],
        &vpcs::subnet_zones,
    ),
    derivation(
        "ec2.vpc",
        "private_subnets",
        &[VPCS, SUBNETS, TABLES, LISTS],
        &vpcs::private_subnets,
    ),
    derivation(
        "ec2.vpc",
        "nat_gateways",
        &[VPCS, NATS],
        &vpcs::nat_gateways,
    ),
    derivation(
        "ec2.vpc",
        "gateway_endpoints",
        &[VPCS, ENDPOINTS],
        &vpcs::gateway_endpoints,
    ),
    derivation(
        "ec2.vpc",
        "interface_endpoints",
        &[VPCS, ENDPOINTS],
        &vpcs::interface_endpoints,
    ),
    derivation("ec2.vpc", "overlaps", &[VPCS, PEERINGS], &vpcs::overlaps),
    derivation("ec2.vpc", "mesh", &[VPCS, PEERINGS], &vpcs::mesh),
];
