//! VPCs and what is in them.
//!
//! Each VPC has two public and two private subnets, a main, a public and a private route table, and
//! an internet gateway. Every other one has a NAT gateway and flow logs. The first is the default VPC.

#![allow(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of services, in lower case"
)]

use super::{Ec2, tags};
use crate::account::Answer;
use crate::account::item::{Item, index_of};
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
        "DescribeSubnets" => ec2.list("subnetSet", size.subnets(), |xml, index| {
            subnet(ec2, xml, index);
        }),
        "DescribeRouteTables" => ec2.list("routeTableSet", size.route_tables(), |xml, index| {
            route_table(ec2, xml, index);
        }),
        "DescribeNetworkAcls" => ec2.list("networkAclSet", size.vpcs, |xml, index| {
            acl(ec2, xml, index);
        }),
        "DescribeInternetGateways" => ec2.list(
            "internetGatewaySet",
            size.internet_gateways(),
            |xml, index| {
                let item = ec2.item("internet-gateway", index);
                let vpc = (index < ec2.size().vpcs).then_some(index);
                xml.text("internetGatewayId", item.id("igw"));
                xml.list("attachmentSet", "item", vpc, |xml, vpc| {
                    xml.text("vpcId", ec2.id("vpc", vpc))
                        .text("state", "available");
                });
                tags(xml, item);
            },
        ),
        "DescribeNatGateways" => ec2.list("natGatewaySet", size.nat_gateways(), |xml, index| {
            nat_gateway(ec2, xml, index);
        }),
        "DescribeVpcEndpoints" => ec2.list("vpcEndpointSet", size.endpoints(), |xml, index| {
            endpoint(ec2, xml, index);
        }),
        "DescribeVpcEndpointServices" => services(ec2),
        "DescribeLaunchTemplates" => ec2.list("launchTemplates", TEMPLATES, |xml, index| {
            xml.text("launchTemplateId", ec2.id("lt", index))
                .text("launchTemplateName", format!("template-{index}"))
                .text("latestVersionNumber", 2);
        }),
        "DescribeLaunchTemplateVersions" => versions(ec2),
        "DescribeVpcPeeringConnections" => {
            ec2.list("vpcPeeringConnectionSet", size.peerings(), |xml, index| {
                peering(ec2, xml, index);
            })
        }
        "DescribeManagedPrefixLists" => ec2.list("prefixListSet", 2, |xml, index| {
            prefix_list(ec2, xml, index);
        }),
        "GetManagedPrefixListEntries" => {
            let id = ec2.form.get("PrefixListId").unwrap_or_default();
            let open = id == ec2.id("pl", 1);
            ec2.list("entrySet", 1, |xml, _| {
                xml.text("cidr", if open { "0.0.0.0/0" } else { "10.0.0.0/8" });
            })
        }
        "DescribeSecurityGroups" => {
            ec2.list("securityGroupInfo", size.security_groups, |xml, index| {
                security_group(ec2, xml, index);
            })
        }
        "DescribeNetworkInterfaces" => {
            ec2.list("networkInterfaceSet", size.interfaces(), |xml, index| {
                ec2.interface(xml, index);
                tags_of_interface(xml, ec2.item("network-interface", index));
            })
        }
        _ => return None,
    })
}

/// Launch templates of a region.
const TEMPLATES: usize = 3;

/// Two versions of a launch template, each with a group of its own.
fn versions(ec2: &Ec2<'_>) -> Answer {
    let id = ec2.form.get("LaunchTemplateId").unwrap_or_default();
    let Some(index) = index_of(id).filter(|index| *index < TEMPLATES) else {
        return ec2.refuse("InvalidLaunchTemplateId.NotFound");
    };
    ec2.list("launchTemplateVersionSet", 2, |xml, version| {
        xml.text("launchTemplateId", id)
            .text("versionNumber", version + 1)
            .within("launchTemplateData", |xml| {
                let groups = ec2.size().security_groups.max(1);
                let group = ec2.id("sg", (10 + index * 2 + version) % groups);
                if version == 0 {
                    xml.texts("securityGroupIdSet", "item", [group]);
                } else {
                    xml.list("networkInterfaceSet", "item", [group], |xml, group| {
                        xml.texts("groupSet", "groupId", [group]);
                    });
                }
            });
    })
}

/// The services that are asked for. Systems Manager heeds endpoint policies in every other region.
fn services(ec2: &Ec2<'_>) -> Answer {
    let names = ec2.form.list("ServiceName");
    let regions = ec2.size().regions();
    let place = regions.iter().position(|r| *r == ec2.call.region);
    let heeded = place.is_none_or(|place| place.is_multiple_of(2));
    ec2.list("serviceDetailSet", names.len(), |xml, at| {
        xml.text("serviceName", names[at])
            .text("owner", "amazon")
            .text(
                "vpcEndpointPolicySupported",
                heeded || !names[at].ends_with(".ssm"),
            );
    })
}

/// The first two octets of a VPC's addresses.
fn network(vpc: usize) -> String {
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

fn route_table(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("route-table", index);
    let (vpc, which) = (index / 3, index % 3);
    let subnets = match which {
        1 => vec![vpc * 4, vpc * 4 + 1],
        2 => vec![vpc * 4 + 2, vpc * 4 + 3],
        _ => Vec::new(),
    };
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
    xml.text("routeTableId", item.id("rtb"))
        .text("vpcId", ec2.id("vpc", vpc))
        .text("ownerId", ec2.call.account);
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

/// Some allow everything, some keep administration out.
fn acl(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("network-acl", index);
    let careful = index % 2 == 1;
    let rule = |xml: &mut Xml, number: u32, egress: bool, action: &str| {
        xml.text("ruleNumber", number)
            .text("egress", egress)
            .text("ruleAction", action)
            .text("cidrBlock", "0.0.0.0/0");
    };
    xml.text("networkAclId", item.id("acl"))
        .text("vpcId", ec2.id("vpc", index))
        .text("default", !careful);
    xml.within("entrySet", |xml| {
        xml.within("item", |xml| {
            rule(xml, 100, false, "allow");
            if careful {
                xml.text("protocol", 6).within("portRange", |xml| {
                    xml.text("from", 443).text("to", 443);
                });
            } else {
                xml.text("protocol", -1);
            }
        });
        for egress in [false, true] {
            xml.within("item", |xml| {
                rule(xml, 32_767, egress, "deny");
                xml.text("protocol", -1);
            });
        }
    });
    let subnets = index * 4..index * 4 + 4;
    xml.list("associationSet", "item", subnets, |xml, subnet| {
        xml.text("subnetId", ec2.id("subnet", subnet));
    });
    tags(xml, item);
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

fn prefix_list(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let id = ec2.id("pl", index);
    let (region, account) = (ec2.call.region, ec2.call.account);
    xml.text("prefixListId", &id)
        .text(
            "prefixListArn",
            format!("arn:aws:ec2:{region}:{account}:prefix-list/{id}"),
        )
        .text("prefixListName", ["offices", "everyone"][index])
        .text("ownerId", account)
        .text("addressFamily", "IPv4")
        .text("state", "create-complete")
        .text("maxEntries", 10);
}

/// The first group of each VPC is its default one.
fn security_group(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("security-group", index);
    let vpcs = ec2.size().vpcs;
    let name = match index {
        default if default < vpcs => "default".to_owned(),
        other if other % 9 == 4 => format!("launch-wizard-{other}"),
        other => format!("group-{other:04}"),
    };
    xml.text("groupId", item.id("sg"))
        .text("groupName", name)
        .text("groupDescription", "generated <group> & more")
        .text("vpcId", ec2.id("vpc", index % vpcs))
        .text("ownerId", ec2.call.account);
    let (protocol, ports, open) = match item.draw("rule", 8) {
        0 => ("tcp", Some((22, 22)), true),
        1 => ("tcp", Some((3306, 3306)), true),
        2 => ("-1", None, true),
        3 => ("tcp", Some((23, 23)), true),
        4 => ("tcp", Some((443, 443)), true),
        _ => ("tcp", Some((8080, 8080)), false),
    };
    xml.within("ipPermissions", |xml| {
        xml.within("item", |xml| {
            xml.text("ipProtocol", protocol);
            if let Some((from, to)) = ports {
                xml.text("fromPort", from).text("toPort", to);
            }
            xml.within("ipRanges", |xml| {
                xml.within("item", |xml| {
                    xml.text("cidrIp", if open { "0.0.0.0/0" } else { "10.0.0.0/8" });
                });
            });
        });
    });
    xml.within("ipPermissionsEgress", |xml| {
        xml.within("item", |xml| {
            xml.text("ipProtocol", "-1").within("ipRanges", |xml| {
                xml.within("item", |xml| {
                    xml.text("cidrIp", "0.0.0.0/0");
                });
            });
        });
    });
    tags(xml, item);
}
