//! VPCs, subnets and network interfaces.
//!
//! Each VPC has two public and two private subnets. Every other one has flow logs. The first is the
//! default VPC.

use super::{Ec2, tags};
use crate::account::Answer;
use crate::account::item::Item;
use crate::account::xml::Xml;

/// Where an instance or interface is.
pub(super) struct Place {
    pub(super) vpc: usize,
    pub(super) subnet: usize,
    pub(super) second_zone: bool,
    pub(super) private_ip: String,
    public: bool,
}

pub(super) fn answer(ec2: &Ec2<'_>) -> Option<Answer> {
    let size = ec2.size();
    Some(match ec2.call.operation {
        "DescribeVpcs" => ec2.list("vpcSet", size.vpcs, |xml, index| vpc(ec2, xml, index)),
        "DescribeFlowLogs" => ec2.list("flowLogSet", size.vpcs.div_ceil(2), |xml, index| {
            flow_log(ec2, xml, index);
        }),
        "DescribeTransitGateways" => {
            ec2.list("transitGatewaySet", size.transits(), |xml, index| {
                transit_gateway(ec2, xml, index);
            })
        }
        "DescribeVpnConnections" => ec2.list("vpnConnectionSet", size.transits(), |xml, index| {
            vpn_connection(ec2, xml, index);
        }),
        "DescribeClientVpnEndpoints" => {
            ec2.list("clientVpnEndpoint", size.transits(), |xml, index| {
                client_vpn_endpoint(ec2, xml, index);
            })
        }
        "DescribeSubnets" => ec2.list("subnetSet", size.subnets(), |xml, index| {
            subnet(ec2, xml, index);
        }),
        "DescribeNetworkInterfaces" => {
            ec2.list("networkInterfaceSet", size.interfaces(), |xml, index| {
                ec2.interface(xml, index);
                tags_of_interface(xml, ec2.item("network-interface", index));
            })
        }
        _ => return None,
    })
}

/// The first two octets of a VPC's addresses.
pub(super) fn network(vpc: usize) -> String {
    match vpc {
        0 => "172.31".to_owned(),
        vpc => format!("10.{}", vpc % 256),
    }
}

impl Ec2<'_> {
    pub(super) fn place(&self, index: usize) -> Place {
        let vpc = index % self.size().vpcs;
        let quarter = self.item("instance", index).draw("subnet", 4);
        let host = index / self.size().vpcs + 10;
        Place {
            vpc,
            subnet: vpc * 4 + quarter,
            second_zone: quarter % 2 == 1,
            private_ip: format!(
                "{}.{}.{}",
                network(vpc),
                quarter * 16 + host / 250,
                host % 250
            ),
            public: quarter < 2,
        }
    }

    /// Half of what is in a public subnet has a public address.
    pub(super) fn public_ip(&self, index: usize) -> Option<String> {
        let public = self.place(index).public && self.item("instance", index).one_in(2, "public");
        public.then(|| {
            format!(
                "54.{}.{}.{}",
                index / 62_500,
                index / 250 % 250,
                index % 250 + 1
            )
        })
    }

    /// The security groups of an instance: one or two of its VPC. None has the last group of all, which
    /// only a launch template names, if anything does.
    pub(super) fn groups_of(&self, index: usize) -> Vec<usize> {
        let (vpcs, vpc) = (self.size().vpcs, index % self.size().vpcs);
        let rows = self.size().security_groups / vpcs;
        let item = self.item("instance", index);
        let mut groups: Vec<usize> = ["first group", "second group"]
            .iter()
            .map(|which| vpc + vpcs * item.draw(which, rows))
            .collect();
        groups.dedup();
        groups.retain(|group| group + 1 != self.size().security_groups);
        if groups.is_empty() {
            groups.push(vpc);
        }
        groups
    }

    /// A network interface, as instances and the list of interfaces show it.
    pub(super) fn interface(&self, xml: &mut Xml, index: usize) {
        let instances = self.size().instances;
        let place = self.place(index);
        let attached = index < instances;
        let public_ip = self.public_ip(index).filter(|_| attached);
        xml.text("networkInterfaceId", self.id("eni", index))
            .text("interfaceType", "interface")
            .text("status", if attached { "in-use" } else { "available" })
            .text("vpcId", self.id("vpc", place.vpc))
            .text("subnetId", self.id("subnet", place.subnet))
            .text("privateIpAddress", &place.private_ip)
            .text("sourceDestCheck", index % 30 != 29)
            .text("requesterManaged", false);
        xml.list("groupSet", "item", self.groups_of(index), |xml, group| {
            xml.text("groupId", self.id("sg", group));
        });
        if let Some(ip) = public_ip {
            xml.within("association", |xml| {
                xml.text("publicIp", ip);
            });
        }
        if attached {
            xml.within("attachment", |xml| {
                xml.text("instanceId", self.id("i", index))
                    .text("instanceOwnerId", self.call.account)
                    .text("deleteOnTermination", true)
                    .text("status", "attached");
            });
        }
    }
}

fn tags_of_interface(xml: &mut Xml, item: Item<'_>) {
    xml.list("tagSet", "item", item.tags(), |xml, (key, value)| {
        xml.text("key", key).text("value", value);
    });
}

fn vpc(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("vpc", index);
    let cidr = format!("{}.0.0/16", network(index));
    xml.text("vpcId", item.id("vpc"))
        .text("state", "available")
        .text("cidrBlock", &cidr)
        .text("isDefault", index == 0)
        .text("instanceTenancy", "default");
    xml.list("cidrBlockAssociationSet", "item", [cidr], |xml, cidr| {
        xml.text("cidrBlock", cidr).within("cidrBlockState", |xml| {
            xml.text("state", "associated");
        });
    });
    xml.within("blockPublicAccessStates", |xml| {
        let closed = index % 3 == 1;
        let mode = if closed { "block-ingress" } else { "off" };
        xml.text("internetGatewayBlockMode", mode);
    });
    tags(xml, item);
}

fn flow_log(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let failing = index % 5 == 1;
    xml.text("flowLogId", ec2.id("fl", index))
        .text("resourceId", ec2.id("vpc", index * 2))
        .text("flowLogStatus", "ACTIVE")
        .text(
            "deliverLogsStatus",
            if failing { "FAILED" } else { "SUCCESS" },
        )
        .text("trafficType", "ALL")
        .text("logDestinationType", "s3");
}

fn transit_gateway(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("transit-gateway", index);
    let id = item.id("tgw");
    let (region, account) = (ec2.call.region, ec2.call.account);
    xml.text("transitGatewayId", &id)
        .text(
            "transitGatewayArn",
            format!("arn:aws:ec2:{region}:{account}:transit-gateway/{id}"),
        )
        .text("state", "available")
        .text("ownerId", account)
        .within("options", |xml| {
            let open = index % 2 == 1;
            xml.text(
                "autoAcceptSharedAttachments",
                if open { "enable" } else { "disable" },
            );
        });
    tags(xml, item);
}

fn vpn_connection(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("vpn", index);
    xml.text("vpnConnectionId", item.id("vpn"))
        .text("state", "available")
        .text("transitGatewayId", ec2.id("tgw", index))
        .within("vgwTelemetry", |xml| {
            for tunnel in 0..2 {
                xml.within("item", |xml| {
                    let up = tunnel == 0 || index.is_multiple_of(2);
                    xml.text("outsideIpAddress", format!("198.51.100.{tunnel}"))
                        .text("status", if up { "UP" } else { "DOWN" });
                });
            }
        });
    tags(xml, item);
}

fn client_vpn_endpoint(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("cvpn-endpoint", index);
    xml.text("clientVpnEndpointId", item.id("cvpn-endpoint"))
        .within("status", |xml| {
            xml.text("code", "available");
        })
        .within("connectionLogOptions", |xml| {
            xml.text("Enabled", index.is_multiple_of(2));
        })
        .text("splitTunnel", true);
    tags(xml, item);
}

fn subnet(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("subnet", index);
    let (vpc, quarter) = (index / 4, index % 4);
    // Every fifth VPC has all of its subnets in one zone.
    let second_zone = quarter % 2 == 1 && vpc % 5 != 4;
    let full = item.one_in(12, "full");
    xml.text("subnetId", item.id("subnet"))
        .text("vpcId", ec2.id("vpc", vpc))
        .text("state", "available")
        .text("ownerId", ec2.call.account)
        .text(
            "cidrBlock",
            format!("{}.{}.0/20", network(vpc), quarter * 16),
        )
        .text("availabilityZone", ec2.zone(second_zone))
        .text("availableIpAddressCount", if full { 12 } else { 3900 })
        .text("defaultForAz", vpc == 0)
        .text("mapPublicIpOnLaunch", quarter < 2 && vpc.is_multiple_of(2));
    tags(xml, item);
}
