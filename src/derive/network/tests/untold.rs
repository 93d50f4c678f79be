//! What AWS does not say of networks is a gap where it could matter.

use super::*;

/// What a connection may join is not left out where AWS does not say it.
#[test]
fn a_connection_without_a_status_or_a_side_is_a_gap() {
    let side = |vpc: &str, cidr: &str| json!({"vpc_id": vpc, "cidr_blocks": [cidr], "ipv6_cidr_blocks": []});
    let silent = json!({"cidr_blocks": [], "ipv6_cidr_blocks": []});
    for (status, accepter, is_known) in [
        (json!("active"), side("vpc-2", "10.0.8.0/24"), true),
        (json!("active"), silent.clone(), false),
        (json!("deleted"), silent, true),
        (Value::Null, side("vpc-2", "10.0.8.0/24"), false),
    ] {
        let mut world = region();
        world.add(REGION, vpc("vpc-1", "10.0.0.0/16"));
        let requester = side("vpc-1", "10.0.0.0/16");
        let fields = json!({"status": status, "requester": requester, "accepter": accepter});
        world.add(REGION, document::<VpcPeeringConnection>("pcx-1", fields));
        let mesh = derive::<Value>(&world, "ec2.vpc", "mesh", "vpc-1");
        let overlaps = derive::<Value>(&world, "ec2.vpc", "overlaps", "vpc-1");
        assert_eq!((mesh.is_ok(), overlaps.is_ok()), (is_known, is_known));
    }
}

/// What AWS does not say of an endpoint matters where no other one serves the same.
#[test]
fn an_endpoint_without_a_state_or_a_type_is_a_gap() {
    let endpoint = |state: Value, of: Value| {
        json!({"service_name": format!("com.amazonaws.{REGION}.s3"), "vpc_endpoint_type": of,
            "state": state, "vpc_id": "vpc-1", "route_table_ids": ["rtb-main"], "subnet_ids": [],
            "security_group_ids": []})
    };
    let available = endpoint(json!("available"), json!("Gateway"));
    let stateless = endpoint(Value::Null, json!("Gateway"));
    let no_type = endpoint(json!("available"), Value::Null);
    for (endpoints, is_known) in [
        (vec![&available], true),
        (vec![&stateless], false),
        (vec![&no_type], false),
        (vec![&stateless, &available], true),
        (vec![&no_type, &available], true),
        (vec![&endpoint(json!("deleting"), Value::Null)], true),
        (vec![&endpoint(Value::Null, json!("Interface"))], true),
    ] {
        let mut world = region();
        world.add(REGION, vpc("vpc-1", "10.0.0.0/16"));
        for (number, fields) in endpoints.into_iter().enumerate() {
            let id = format!("vpce-{number}");
            world.add(REGION, document::<VpcEndpoint>(&id, fields.clone()));
        }
        let services = derive::<Vec<String>>(&world, "ec2.vpc", "gateway_endpoints", "vpc-1");
        assert_eq!(services.is_ok(), is_known);
    }
}

/// A route without a state may lead nowhere.
#[test]
fn a_route_without_a_state_counts_only_where_it_could_matter() {
    let everything = |gateway: &str, state: Value| {
        let destination = "0.0.0.0/0";
        json!({"destination_cidr_block": destination, "gateway_id": gateway, "state": state})
    };
    for (route, expected) in [
        (everything("igw-1", json!("active")), Some(true)),
        (everything("igw-1", json!("blackhole")), Some(false)),
        (everything("igw-1", Value::Null), None),
        (everything("vgw-1", Value::Null), Some(false)),
    ] {
        let mut world = region();
        let associations = json!([{"main": false, "subnet_id": "subnet-private"}]);
        world.add(REGION, table("rtb-other", json!([route]), associations));
        world.add(
            REGION,
            interface("eni-2", "subnet-private", &["198.51.100.2"]),
        );
        let public = derive::<bool>(&world, "ec2.subnet", "route_to_internet", "subnet-private");
        assert_eq!(public.ok(), expected);
        assert_eq!(exposed(&world, "eni-2").is_ok(), expected.is_some());
    }
}

#[test]
fn a_broad_route_to_a_peer_without_a_state_is_a_gap() {
    for (destination, state, expected) in [
        ("10.0.0.0/8", json!("active"), Some(1)),
        ("10.0.0.0/8", json!("blackhole"), Some(0)),
        ("10.0.0.0/8", Value::Null, None),
        ("10.9.1.0/24", Value::Null, Some(0)),
    ] {
        let mut world = region();
        let sides = [("vpc-1", "10.0.0.0/16"), ("vpc-2", "10.9.0.0/16")];
        world.add(REGION, peering("pcx-1", sides, "active"));
        let route = json!({"destination_cidr_block": destination, "state": state,
            "vpc_peering_connection_id": "pcx-1"});
        world.add(REGION, table("rtb-peer", json!([route]), json!([])));
        let part = "broad_peering_routes";
        let broad = derive::<Vec<String>>(&world, "ec2.route_table", part, "rtb-peer");
        assert_eq!(broad.ok().map(|broad| broad.len()), expected);
    }
}
