//! Which traffic is let in: security groups, network ACLs and prefix lists, and the launch templates
//! that name groups.

use super::{Ec2, tags};
use crate::account::Answer;
use crate::account::item::index_of;
use crate::account::xml::Xml;

/// Launch templates of a region.
const TEMPLATES: usize = 3;

pub(super) fn answer(ec2: &Ec2<'_>) -> Option<Answer> {
    let size = ec2.size();
    Some(match ec2.call.operation {
        "DescribeNetworkAcls" => ec2.list("networkAclSet", size.vpcs, |xml, index| {
            acl(ec2, xml, index);
        }),
        "DescribeSecurityGroups" => {
            ec2.list("securityGroupInfo", size.security_groups, |xml, index| {
                security_group(ec2, xml, index);
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
        "DescribeLaunchTemplates" => ec2.list("launchTemplates", TEMPLATES, |xml, index| {
            xml.text("launchTemplateId", ec2.id("lt", index))
                .text("launchTemplateName", format!("template-{index}"))
                .text("latestVersionNumber", 2);
        }),
        "DescribeLaunchTemplateVersions" => versions(ec2),
        _ => return None,
    })
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
