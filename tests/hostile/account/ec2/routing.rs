//! Where the traffic of a VPC can go: gateways, route tables, endpoints and peerings.
//!
//! Each VPC has a main, a public and a private route table, and an internet gateway. Every other one
//! has a NAT gateway.

use super::network::network;
use super::{Ec2, tags};
use crate::account::Answer;
use crate::account::xml::Xml;

pub(super) fn answer(ec2: &Ec2<'_>) -> Option<Answer> {
    let size = ec2.size();
    Some(match ec2.call.operation {
        "DescribeRouteTables" => ec2.list("routeTableSet", size.route_tables(), |xml, index| {
            route_table(ec2, xml, index);
        }),
        "DescribeInternetGateways" => {
            let count = size.internet_gateways();
            ec2.list("internetGatewaySet", count, |xml, index| {
                internet_gateway(ec2, xml, index);
            })
        }
        "DescribeNatGateways" => ec2.list("natGatewaySet", size.nat_gateways(), |xml, index| {
            nat_gateway(ec2, xml, index);
        }),
        "DescribeVpcEndpoints" => ec2.list("vpcEndpointSet", size.endpoints(), |xml, index| {
            endpoint(ec2, xml, index);
        }),
        "DescribeVpcEndpointServices" => services(ec2),
        "DescribeVpcPeeringConnections" => {
            ec2.list("vpcPeeringConnectionSet", size.peerings(), |xml, index| {
                peering(ec2, xml, index);
            })
        }
        _ => return None,
    })
}

fn internet_gateway(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("internet-gateway", index);
    let vpc = (index < ec2.size().vpcs).then_some(index);
    xml.text("internetGatewayId", item.id("igw"));
    xml.list("attachmentSet", "item", vpc, |xml, vpc| {
        xml.text("vpcId", ec2.id("vpc", vpc))
            .text("state", "available");
    });
    tags(xml, item);
}

/// The services that the request names. Systems Manager supports endpoint policies in every other region.
fn services(ec2: &Ec2<'_>) -> Answer {
    let names = ec2.form.list("ServiceName");
    let regions = ec2.size().regions();
    let place = regions.iter().position(|r| *r == ec2.call.region);
    let supported = place.is_none_or(|place| place.is_multiple_of(2));
    ec2.list("serviceDetailSet", names.len(), |xml, at| {
        xml.text("serviceName", names[at])
            .text("owner", "amazon")
            .text(
                "vpcEndpointPolicySupported",
                supported || names[at].rsplit('.').next() != Some("ssm"),
            );
    })
}

fn route_table(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("route-table", index);
    let (vpc, which) = (index / 3, index % 3);
    let subnets = match which {
        1 => vec![vpc * 4, vpc * 4 + 1],
        2 => vec![vpc * 4 + 2, vpc * 4 + 3],
        _ => Vec::new(),
    };
    xml.text("routeTableId", item.id("rtb"))
        .text("vpcId", ec2.id("vpc", vpc))
        .text("ownerId", ec2.call.account);
    routes(ec2, xml, vpc, which);
    xml.within("associationSet", |xml| {
        if which == 0 {
            xml.within("item", |xml| {
                xml.text("main", true).within("associationState", |xml| {
                    xml.text("state", "associated");
                });
            });
        }
        for subnet in subnets {
            xml.within("item", |xml| {
                xml.text("main", false)
                    .text("subnetId", ec2.id("subnet", subnet))
                    .within("associationState", |xml| {
                        xml.text("state", "associated");
                    });
            });
        }
    });
    tags(xml, item);
}

fn routes(ec2: &Ec2<'_>, xml: &mut Xml, vpc: usize, which: usize) {
    let out = match (which, vpc) {
        // The default VPC's main table leads to the internet, as AWS makes it.
        (1, _) | (0, 0) => Some(("gatewayId", ec2.id("igw", vpc), "active")),
        (2, vpc) if vpc.is_multiple_of(2) => {
            Some(("natGatewayId", ec2.id("nat", vpc / 2), "active"))
        }
        (2, vpc) if vpc % 4 == 1 => Some(("natGatewayId", ec2.id("nat", 999_999), "blackhole")),
        _ => None,
    };
    let peer = (which == 2 && vpc % 3 == 1 && vpc / 3 < ec2.size().peerings())
        .then(|| (network(vpc + 1), ec2.id("pcx", vpc / 3)));
    xml.within("routeSet", |xml| {
        xml.within("item", |xml| {
            xml.text("destinationCidrBlock", format!("{}.0.0/16", network(vpc)))
                .text("gatewayId", "local")
                .text("state", "active");
        });
        if let Some((target, id, state)) = out {
            xml.within("item", |xml| {
                xml.text("destinationCidrBlock", "0.0.0.0/0")
                    .text(target, id)
                    .text("state", state);
            });
        }
        if let Some((network, id)) = peer {
            xml.within("item", |xml| {
                xml.text("destinationCidrBlock", format!("{network}.0.0/16"))
                    .text("vpcPeeringConnectionId", id)
                    .text("state", "active");
            });
        }
    });
}

fn nat_gateway(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("nat-gateway", index);
    let failed = index % 10 == 9;
    xml.text("natGatewayId", item.id("nat"))
        .text("state", if failed { "failed" } else { "available" })
        .text("subnetId", ec2.id("subnet", index * 8))
        .text("vpcId", ec2.id("vpc", index * 2))
        .text("connectivityType", "public")
        .text("createTime", item.past("create", 300));
    tags(xml, item);
}

/// For each VPC a gateway to S3 and an interface to Systems Manager.
fn endpoint(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    const OPEN: &str =
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    const NARROW: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-0001/*"}]}"#;
    let item = ec2.item("vpc-endpoint", index);
    let vpc = index / 2;
    let gateway = index.is_multiple_of(2);
    let service = if gateway { "s3" } else { "ssm" };
    let state = if item.one_in(10, "broken") {
        "failed"
    } else {
        "available"
    };
    xml.text("vpcEndpointId", item.id("vpce"))
        .text(
            "vpcEndpointType",
            if gateway { "Gateway" } else { "Interface" },
        )
        .text("vpcId", ec2.id("vpc", vpc))
        .text(
            "serviceName",
            format!("com.amazonaws.{}.{service}", ec2.call.region),
        )
        .text("state", state)
        .text(
            "policyDocument",
            if item.one_in(2, "open") { OPEN } else { NARROW },
        )
        .text("creationTimestamp", item.past("create", 300))
        .text("requesterManaged", false)
        .text("privateDnsEnabled", !gateway);
    if gateway {
        let table = (vpc % 4 != 3).then(|| ec2.id("rtb", vpc * 3 + 2));
        xml.texts("routeTableIdSet", "item", table);
    } else {
        let zones = if vpc.is_multiple_of(2) { 2 } else { 1 };
        let subnets = (0..zones).map(|n| ec2.id("subnet", vpc * 4 + 2 + n));
        xml.texts("subnetIdSet", "item", subnets);
    }
    tags(xml, item);
}

fn peering(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("peering", index);
    let pending = index % 4 == 3;
    let vpc = index * 3 + 1;
    xml.text("vpcPeeringConnectionId", item.id("pcx"));
    xml.within("status", |xml| {
        xml.text(
            "code",
            if pending {
                "pending-acceptance"
            } else {
                "active"
            },
        );
    });
    for (side, vpc) in [("requesterVpcInfo", vpc), ("accepterVpcInfo", vpc + 1)] {
        xml.within(side, |xml| {
            xml.text("vpcId", ec2.id("vpc", vpc))
                .text("ownerId", ec2.call.account)
                .text("region", ec2.call.region)
                .text("cidrBlock", format!("{}.0.0/16", network(vpc)))
                .within("peeringOptions", |xml| {
                    xml.text("allowDnsResolutionFromRemoteVpc", index % 2 == 1);
                });
        });
    }
    tags(xml, item);
}
