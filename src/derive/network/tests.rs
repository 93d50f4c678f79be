//! Tests over a small region: a VPC with a public and a private subnet.

mod untold;

use super::DERIVATIONS;
use crate::derive::World;
use crate::derive::derivations;
use crate::derive::sample::typed;
use crate::model::kinds::ec2::compute::Instance;
use crate::model::kinds::ec2::network::{
    Exposure, NatGateway, NatReach, NetworkAcl, NetworkInterface, PrefixList, RouteTable,
    SecurityGroup, Subnet, Vpc, VpcEndpoint, VpcPeeringConnection, WorldAccess,
};
use crate::model::kinds::lambda::Function;
use crate::model::kinds::rds::Instance as Database;
use crate::model::{Cause, Document, Gap, Part, TypedDocument};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const REGION: &str = "eu-west-1";

fn document<K: TypedDocument>(id: &str, fields: Value) -> Document {
    typed::<K>(REGION, id, fields)
}

fn denied(action: &str) -> Gap {
    Gap::new(action, Cause::Denied, "UnauthorizedOperation")
}

fn rule(cidrs: &[&str], lists: &[&str]) -> Value {
    json!({"protocol": "tcp", "from_port": 22, "to_port": 22, "ipv4_ranges": cidrs,
        "ipv6_ranges": [], "prefix_list_ids": lists, "groups": []})
}

fn group(id: &str, ingress: Vec<Value>) -> Document {
    named_group(id, ingress, false)
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn named_group(id: &str, ingress: Vec<Value>, in_launch_template: bool) -> Document {
    let fields = json!({"group_name": id, "ingress": ingress, "egress": [], "ingress_rules": 0,
        "egress_rules": 0, "in_launch_template": in_launch_template});
    document::<SecurityGroup>(id, fields)
}

fn interface(id: &str, subnet: &str, public: &[&str]) -> Document {
    let fields = json!({"status": "in-use", "security_group_ids": ["sg-open"], "vpc_id": "vpc-1",
        "subnet_id": subnet, "public_ips": public, "ipv6_addresses": []});
    document::<NetworkInterface>(id, fields)
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn table(id: &str, routes: Value, associations: Value) -> Document {
    let fields = json!({"vpc_id": "vpc-1", "routes": routes, "associations": associations});
    document::<RouteTable>(id, fields)
}

fn subnet(id: &str, zone: &str) -> Document {
    let fields = json!({"vpc_id": "vpc-1", "ipv6_cidr_blocks": [], "availability_zone": zone,
        "internet_gateway_block_mode": "off"});
    document::<Subnet>(id, fields)
}

fn allow_all() -> Document {
    let entry = json!({"rule_number": 100, "egress": false, "rule_action": "allow",
        "protocol": "-1", "cidr_block": "0.0.0.0/0"});
    let fields = json!({"is_default": true, "entries": [entry],
        "subnet_ids": ["subnet-public", "subnet-private"]});
    document::<NetworkAcl>("acl-1", fields)
}

/// Every kind that the derivations read is listed, be it without resources.
fn region() -> World {
    let mut world = World::default();
    for derivation in DERIVATIONS {
        for need in derivation.needs {
            world.listed(need.kind, REGION);
        }
    }
    let public = json!([
        {"destination_cidr_block": "10.0.0.0/16", "gateway_id": "local", "state": "active"},
        {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active"},
    ]);
    let private = json!([
        {"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1", "state": "active"},
    ]);
    for document in [
        group("sg-open", vec![rule(&["0.0.0.0/0"], &[])]),
        table(
            "rtb-public",
            public,
            json!([{"main": false, "subnet_id": "subnet-public"}]),
        ),
        table("rtb-main", private, json!([{"main": true}])),
        subnet("subnet-public", "eu-west-1a"),
        subnet("subnet-private", "eu-west-1b"),
        allow_all(),
        interface("eni-1", "subnet-public", &["198.51.100.1"]),
    ] {
        world.add(REGION, document);
    }
    world
}

fn derive<T: DeserializeOwned>(world: &World, kind: &str, part: &str, id: &str) -> Result<T, Gap> {
    let all = derivations();
    let derivation = all.iter().find(|d| d.kind == kind && d.part == part);
    let mut parts = (derivation.unwrap().run)(world, REGION);
    let value = parts.remove(id).unwrap().get().cloned()?;
    Ok(serde_json::from_value(value).unwrap())
}

fn exposed(world: &World, id: &str) -> Result<Exposure, Gap> {
    derive(world, "ec2.network_interface", "exposure", id)
}

#[test]
fn address_route_acl_and_group_together_expose() {
    let exposure = exposed(&region(), "eni-1").unwrap();
    assert!(exposure.internet);
    assert_eq!(exposure.summary, "tcp 22");
    assert_eq!(exposure.addresses, ["198.51.100.1"]);
}

#[test]
fn without_a_route_nothing_is_exposed() {
    let mut world = region();
    world.add(
        REGION,
        interface("eni-2", "subnet-private", &["198.51.100.2"]),
    );
    assert!(!exposed(&world, "eni-2").unwrap().internet);
}

#[test]
fn without_an_address_gaps_do_not_matter() {
    let mut world = region();
    world.add(REGION, interface("eni-2", "subnet-public", &[]));
    world.missing(
        "ec2.security_group",
        REGION,
        denied("ec2:DescribeSecurityGroups"),
    );
    world.missing("ec2.route_table", REGION, denied("ec2:DescribeRouteTables"));
    assert!(!exposed(&world, "eni-2").unwrap().internet);
}

#[test]
fn a_gap_that_could_matter_stays_a_gap() {
    let mut world = region();
    world.add(REGION, subnet("subnet-other", "eu-west-1c"));
    world.add(
        REGION,
        interface("eni-2", "subnet-other", &["198.51.100.2"]),
    );
    world.missing("ec2.route_table", REGION, denied("ec2:DescribeRouteTables"));
    assert_eq!(exposed(&world, "eni-2").unwrap_err().cause, Cause::Denied);
    // The first interface's table was read before the list broke off.
    assert!(exposed(&world, "eni-1").unwrap().internet);
}

#[test]
fn a_shared_subnet_whose_acl_is_not_shown_is_a_gap() {
    let mut world = region();
    let associations = json!([{"main": false, "subnet_id": "subnet-shared"}]);
    let routes = json!([{"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]);
    world.add(REGION, subnet("subnet-shared", "eu-west-1a"));
    world.add(REGION, table("rtb-shared", routes, associations));
    world.add(
        REGION,
        interface("eni-2", "subnet-shared", &["198.51.100.2"]),
    );
    assert!(exposed(&world, "eni-2").is_err());
}

#[test]
fn blocked_public_access_goes_before_everything() {
    let mut world = region();
    let fields = json!({"vpc_id": "vpc-1", "ipv6_cidr_blocks": [],
        "internet_gateway_block_mode": "block-ingress"});
    world.add(REGION, document::<Subnet>("subnet-blocked", fields));
    world.add(
        REGION,
        interface("eni-2", "subnet-blocked", &["198.51.100.2"]),
    );
    assert!(!exposed(&world, "eni-2").unwrap().internet);
}

#[test]
fn a_more_specific_route_goes_first() {
    let mut world = region();
    let routes = json!([
        {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active"},
        {"destination_cidr_block": "0.0.0.0/1", "nat_gateway_id": "nat-1", "state": "active"},
        {"destination_cidr_block": "128.0.0.0/2", "nat_gateway_id": "nat-1", "state": "active"},
    ]);
    let associations = json!([{"main": false, "subnet_id": "subnet-split"}]);
    world.add(REGION, table("rtb-split", routes, associations));
    world.add(REGION, subnet("subnet-split", "eu-west-1a"));
    let public: bool = derive(&world, "ec2.subnet", "route_to_internet", "subnet-split").unwrap();
    assert!(!public);
    let public: bool = derive(&world, "ec2.subnet", "route_to_internet", "subnet-public").unwrap();
    assert!(public);
}

#[test]
fn prefix_lists_open_groups() {
    let mut world = region();
    let halves = json!({"entries": [{"cidr": "0.0.0.0/1"}, {"cidr": "128.0.0.0/1"}]});
    world.add(REGION, document::<PrefixList>("pl-1", halves));
    world.add(REGION, group("sg-list", vec![rule(&[], &["pl-1"])]));
    let open: WorldAccess =
        derive(&world, "ec2.security_group", "open_to_world", "sg-list").unwrap();
    assert_eq!(open.summary, "tcp 22");
    assert_eq!(open.cidrs, ["0.0.0.0/1", "128.0.0.0/1"]);
}

#[test]
fn an_unreadable_prefix_list_counts_only_where_it_could_matter() {
    let mut world = region();
    let gap = json!({"entries": {"$gap": denied("ec2:GetManagedPrefixListEntries")}});
    world.add(REGION, document::<PrefixList>("pl-1", gap));
    world.add(REGION, group("sg-list", vec![rule(&[], &["pl-1"])]));
    world.add(
        REGION,
        group("sg-both", vec![rule(&["0.0.0.0/0"], &["pl-1"])]),
    );
    let open = |id| derive::<WorldAccess>(&world, "ec2.security_group", "open_to_world", id);
    assert_eq!(open("sg-list").unwrap_err().cause, Cause::Denied);
    assert!(open("sg-open").is_ok());
    // Whatever the list holds, the port is open.
    assert_eq!(open("sg-both").unwrap().summary, "tcp 22");
}

#[test]
fn an_instance_is_judged_by_all_its_interfaces() {
    let mut world = region();
    let fields = |interfaces: Value| {
        json!({"state": "running", "instance_type": "t3.micro", "private_ip_addresses": [],
            "public_ip_addresses": ["198.51.100.1"], "ipv6_addresses": [],
            "security_group_ids": ["sg-none"], "subnet_id": "subnet-private",
            "block_devices": [], "network_interface_ids": interfaces, "managed_by_aws": false,
            "replaceable": false})
    };
    world.add(REGION, group("sg-none", vec![]));
    world.add(REGION, interface("eni-2", "subnet-private", &[]));
    world.add(
        REGION,
        document::<Instance>("i-1", fields(json!(["eni-2", "eni-1"]))),
    );
    world.add(
        REGION,
        document::<Instance>("i-2", fields(json!(["eni-9"]))),
    );
    let exposure = |id| derive::<Exposure>(&world, "ec2.instance", "exposure", id).unwrap();
    assert_eq!(exposure("i-1").summary, "tcp 22");
    assert!(!exposure("i-2").internet);
}

#[test]
fn a_group_is_used_by_whatever_names_it() {
    let mut world = region();
    let mut refers = rule(&[], &[]);
    refers["groups"] = json!([{"group_id": "sg-referred"}, {"group_id": "sg-self"}]);
    world.add(REGION, group("sg-self", vec![refers]));
    world.add(REGION, group("sg-referred", vec![]));
    let used = |world: &World, id| derive::<bool>(world, "ec2.security_group", "used", id);
    assert!(used(&world, "sg-open").unwrap());
    assert!(used(&world, "sg-referred").unwrap());
    assert!(!used(&world, "sg-self").unwrap());
    world.add(REGION, group("sg-idle", vec![]));
    world.missing("lambda.function", REGION, denied("lambda:ListFunctions"));
    assert!(used(&world, "sg-open").unwrap());
    assert!(used(&world, "sg-idle").is_err());
    // Its interface is gone until it runs again.
    let idle = json!({"architectures": [], "code_size": 1, "subnet_ids": ["subnet-private"],
        "security_group_ids": ["sg-idle"], "layers": []});
    world.add(REGION, document::<Function>("idle", idle));
    assert!(used(&world, "sg-idle").unwrap());
    world.add(REGION, named_group("sg-template", vec![], true));
    assert!(used(&world, "sg-template").unwrap());
    world.add(REGION, group("sg-database", vec![]));
    assert!(used(&world, "sg-database").is_err());
    world.add(REGION, database("sg-database"));
    assert!(used(&world, "sg-database").unwrap());
    world.missing(
        "ec2.network_interface",
        REGION,
        denied("ec2:DescribeNetworkInterfaces"),
    );
    assert!(used(&world, "sg-open").unwrap());
    assert!(used(&world, "sg-self").is_err());
}

/// A database that is stopped, say, and has no interface.
fn database(group: &str) -> Document {
    let fields = json!({"status": "stopped", "instance_class": "db.m7g.large", "engine": "postgres",
        "engine_version": "16.4", "multi_az": false, "read_replica_db_instance_identifiers": [],
        "vpc_security_group_ids": [group], "storage_encrypted": true,
        "backup_retention_period": 7, "automated_backup_replications": [],
        "deletion_protection": true, "auto_minor_version_upgrade": true,
        "enabled_cloudwatch_logs_exports": [], "db_parameter_groups": [],
        "pending_modified_values": []});
    document::<Database>("database", fields)
}

#[test]
fn a_group_is_unused_only_where_launch_templates_were_read() {
    let mut world = region();
    let mut hidden = group("sg-hidden", vec![]);
    let gap = denied("ec2:DescribeLaunchTemplates");
    hidden.set("in_launch_template", Part::Gap(gap.clone()));
    world.add(REGION, hidden);
    let used = |world: &World, id| derive::<bool>(world, "ec2.security_group", "used", id);
    assert_eq!(used(&world, "sg-hidden"), Err(gap));
    assert!(used(&world, "sg-open").unwrap());
}

#[test]
fn a_nat_gateway_serves_the_subnets_that_route_to_it() {
    let mut world = region();
    let fields = json!({"state": "available", "subnet_id": "subnet-public", "vpc_id": "vpc-1"});
    world.add(REGION, document::<NatGateway>("nat-1", fields));
    let reach: NatReach = derive(&world, "ec2.nat_gateway", "reach", "nat-1").unwrap();
    assert_eq!(reach.zone.as_deref(), Some("eu-west-1a"));
    assert_eq!(reach.subnets, 1);
    assert_eq!(reach.other_zones, ["eu-west-1b"]);
}

fn vpc(id: &str, cidr: &str) -> Document {
    let fields = json!({"cidr_blocks": [cidr], "ipv6_cidr_blocks": [], "is_default": false});
    document::<Vpc>(id, fields)
}

fn peering(id: &str, sides: [(&str, &str); 2], status: &str) -> Document {
    let [a, b] = sides
        .map(|(vpc, cidr)| json!({"vpc_id": vpc, "cidr_blocks": [cidr], "ipv6_cidr_blocks": []}));
    let fields = json!({"status": status, "requester": a, "accepter": b});
    document::<VpcPeeringConnection>(id, fields)
}

#[test]
fn addresses_may_be_shared_beyond_a_neighbour() {
    let mut world = region();
    let (one, hub, far) = (
        ("vpc-1", "10.0.0.0/16"),
        ("vpc-hub", "10.9.0.0/16"),
        ("vpc-far", "10.0.8.0/24"),
    );
    world.add(REGION, vpc(one.0, one.1));
    world.add(REGION, vpc("vpc-alone", "10.0.0.0/16"));
    world.add(REGION, peering("pcx-1", [one, hub], "active"));
    world.add(REGION, peering("pcx-2", [far, hub], "active"));
    world.add(
        REGION,
        peering("pcx-3", [("vpc-alone", "10.0.0.0/16"), far], "deleted"),
    );
    let overlaps = |id| derive::<Vec<Value>>(&world, "ec2.vpc", "overlaps", id).unwrap();
    assert_eq!(overlaps("vpc-1").len(), 1);
    assert_eq!(overlaps("vpc-1")[0]["vpc_id"], "vpc-far");
    assert!(overlaps("vpc-alone").is_empty());
    let mesh: Value = derive(&world, "ec2.vpc", "mesh", "vpc-1").unwrap();
    assert_eq!(mesh, json!({"vpcs": 3, "connections": 2}));
}

#[test]
fn an_endpoint_counts_when_it_is_available_and_routed_to() {
    let mut world = region();
    world.add(REGION, vpc("vpc-1", "10.0.0.0/16"));
    let endpoint = |service: &str, tables: Value| {
        json!({"service_name": format!("com.amazonaws.{REGION}.{service}"),
            "vpc_endpoint_type": "Gateway", "state": "available", "vpc_id": "vpc-1",
            "route_table_ids": tables, "subnet_ids": [], "security_group_ids": []})
    };
    let s3 = endpoint("s3", json!(["rtb-main"]));
    let dynamodb = endpoint("dynamodb", json!([]));
    world.add(REGION, document::<VpcEndpoint>("vpce-1", s3));
    world.add(REGION, document::<VpcEndpoint>("vpce-2", dynamodb));
    let services: Vec<String> = derive(&world, "ec2.vpc", "gateway_endpoints", "vpc-1").unwrap();
    assert_eq!(services, ["s3"]);
    let private: Vec<String> = derive(&world, "ec2.vpc", "private_subnets", "vpc-1").unwrap();
    assert_eq!(private, ["subnet-private"]);
}
