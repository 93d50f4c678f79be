//! Instances, images and addresses.

use super::{Ec2, tags};
use crate::account::Answer;
use crate::account::item::{Item, days_after, days_before, index_of};
use crate::account::xml::Xml;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Planted in user data.
pub(crate) const PASSWORD: &str = "planted-in-user-data-7Kq";
/// Planted in user data, in the form of AWS's own keys.
pub(crate) const SECRET_KEY: &str = "PlantedInUserData/9ZtQ3mWx7Lk2Vb5Nc8Rj4H";

/// Current and old, Intel and Arm, steady and burstable.
const TYPES: &[(&str, &str)] = &[
    ("t3.micro", "x86_64"),
    ("m5.large", "x86_64"),
    ("m4.large", "x86_64"),
    ("t2.small", "x86_64"),
    ("c6g.large", "arm64"),
    ("m7g.xlarge", "arm64"),
    ("r5.xlarge", "x86_64"),
];

pub(super) fn answer(ec2: &Ec2<'_>) -> Option<Answer> {
    let size = ec2.size();
    Some(match ec2.call.operation {
        "DescribeInstances" => ec2.list("reservationSet", size.instances, |xml, index| {
            xml.text("reservationId", ec2.id("r", index));
            xml.text("ownerId", ec2.call.account);
            xml.list("instancesSet", "item", [index], |xml, index| {
                instance(ec2, xml, index);
            });
        }),
        "DescribeInstanceStatus" => ec2.list("instanceStatusSet", size.instances, |xml, index| {
            status(ec2, xml, index);
        }),
        "DescribeInstanceAttribute" => attribute(ec2),
        "DescribeInstanceTypes" => types(ec2),
        "DescribeInstanceCreditSpecifications" => unlimited(ec2),
        "DescribeImages" => images(ec2),
        "DescribeAddresses" => ec2.respond(|xml| {
            xml.list("addressesSet", "item", 0..size.addresses, |xml, index| {
                address(ec2, xml, index);
            });
        }),
        _ => return None,
    })
}

fn instance(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("instance", index);
    let stopped = item.one_in(6, "stopped");
    let (kind, architecture) = item.pick("type", TYPES);
    let place = ec2.place(index);
    let public_ip = ec2.public_ip(index);
    xml.text("instanceId", item.id("i"))
        .text(
            "imageId",
            ec2.id("ami", item.draw("image", ec2.size().images + 1)),
        )
        .within("instanceState", |xml| {
            xml.text("code", if stopped { 80 } else { 16 })
                .text("name", if stopped { "stopped" } else { "running" });
        })
        .text("instanceType", kind)
        .text("architecture", architecture)
        .text("launchTime", item.past("launch", 500));
    if stopped {
        let day = item.past("stop", 90).strftime("%Y-%m-%d").to_string();
        xml.text("reason", format!("User initiated ({day} 12:00:00 GMT)"));
    }
    settings(ec2, xml, item, place.second_zone);
    xml.text("subnetId", ec2.id("subnet", place.subnet))
        .text("vpcId", ec2.id("vpc", place.vpc))
        .text("privateIpAddress", &place.private_ip)
        .maybe("ipAddress", public_ip.as_ref())
        .text("sourceDestCheck", true)
        .text("ebsOptimized", !item.one_in(4, "ebs"))
        .text("enaSupport", true)
        .text("virtualizationType", "hvm")
        .text("platformDetails", "Linux/UNIX")
        .text("rootDeviceType", "ebs")
        .text("rootDeviceName", "/dev/xvda");
    xml.list("blockDeviceMapping", "item", [index], |xml, volume| {
        xml.text("deviceName", "/dev/xvda").within("ebs", |xml| {
            xml.text("volumeId", ec2.id("vol", volume))
                .text("status", "attached")
                .text("deleteOnTermination", !item.one_in(5, "keep root"));
        });
    });
    xml.list("groupSet", "item", ec2.groups_of(index), |xml, group| {
        xml.text("groupId", ec2.id("sg", group));
    });
    xml.list("networkInterfaceSet", "item", [index], |xml, index| {
        ec2.interface(xml, index);
    });
    tags(xml, item);
}

/// What is set of an instance when it is launched.
fn settings(ec2: &Ec2<'_>, xml: &mut Xml, item: Item<'_>, second_zone: bool) {
    if item.one_in(4, "key pair") {
        xml.text("keyName", "shared-key");
    }
    xml.within("placement", |xml| {
        let dedicated = item.one_in(20, "host");
        xml.text("availabilityZone", ec2.zone(second_zone))
            .text("tenancy", if dedicated { "dedicated" } else { "default" });
    });
    xml.within("monitoring", |xml| {
        let on = item.one_in(3, "monitoring");
        xml.text("state", if on { "enabled" } else { "disabled" });
    });
    xml.within("metadataOptions", |xml| {
        let old = item.one_in(3, "imds");
        xml.text("state", "applied")
            .text("httpTokens", if old { "optional" } else { "required" })
            .text("httpPutResponseHopLimit", 1)
            .text("httpEndpoint", "enabled");
    });
    if !item.one_in(5, "profile") {
        let role = item.draw("role", ec2.size().roles);
        let account = ec2.call.account;
        xml.within("iamInstanceProfile", |xml| {
            let arn = format!("arn:aws:iam::{account}:instance-profile/role-{role:04}");
            xml.text("arn", arn);
        });
    }
    xml.within("maintenanceOptions", |xml| {
        let off = item.one_in(5, "recovery");
        xml.text("autoRecovery", if off { "disabled" } else { "default" });
    });
}

fn status(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("instance", index);
    let stopped = item.one_in(6, "stopped");
    let impaired = item.one_in(25, "impaired");
    let word = match (stopped, impaired) {
        (true, _) => "not-applicable",
        (false, true) => "impaired",
        (false, false) => "ok",
    };
    xml.text("instanceId", item.id("i"));
    for check in ["systemStatus", "instanceStatus", "attachedEbsStatus"] {
        xml.within(check, |xml| {
            xml.text("status", word);
        });
    }
    let event = item.one_in(15, "event").then(|| days_after(item.now, 5));
    xml.list("eventsSet", "item", event, |xml, when| {
        xml.text("code", "system-reboot")
            .text("description", "The instance will be rebooted <b>soon</b>")
            .text("notBefore", when);
    });
}

fn attribute(ec2: &Ec2<'_>) -> Answer {
    let id = ec2.form.get("InstanceId").unwrap_or_default();
    let index = index_of(id).filter(|index| *index < ec2.size().instances);
    let Some(index) = index else {
        return ec2.refuse("InvalidInstanceID.NotFound");
    };
    let item = ec2.item("instance", index);
    ec2.respond(|xml| {
        xml.text("instanceId", id);
        if ec2.form.get("Attribute") == Some("userData") {
            xml.within("userData", |xml| {
                xml.maybe("value", user_data(&item).map(|text| STANDARD.encode(text)));
            });
        } else {
            xml.within("disableApiTermination", |xml| {
                xml.text("value", !item.one_in(3, "unprotected"));
            });
        }
    })
}

/// The requested types.
fn types(ec2: &Ec2<'_>) -> Answer {
    let names = ec2.form.filter("instance-type").unwrap_or_default();
    ec2.list("instanceTypeSet", names.len(), |xml, at| {
        xml.text("instanceType", names[at])
            .text("currentGeneration", names[at] != "m4.large")
            .text("autoRecoverySupported", names[at] != "r5.xlarge");
    })
}

/// Every other instance of the T families, whatever its type was before, as EC2 lists them.
fn unlimited(ec2: &Ec2<'_>) -> Answer {
    let count = ec2.size().instances;
    ec2.list(
        "instanceCreditSpecificationSet",
        count.div_ceil(2),
        |xml, at| {
            xml.text("instanceId", ec2.id("i", at * 2))
                .text("cpuCredits", "unlimited");
        },
    )
}

/// None, harmless, with a password, or with a key.
fn user_data(item: &Item<'_>) -> Option<String> {
    match item.draw("user data", 8) {
        0 => Some(format!("#!/bin/sh\nexport DB_PASSWORD='{PASSWORD}'\n")),
        1 => Some(format!(
            "#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY={SECRET_KEY}\n"
        )),
        2..5 => Some("#!/bin/sh\nyum -y update\n".to_owned()),
        _ => None,
    }
}

/// The account's own images; by id also those that only instances name.
fn images(ec2: &Ec2<'_>) -> Answer {
    match ec2.form.filter("image-id") {
        None => ec2.list("imagesSet", ec2.size().images, |xml, index| {
            image(ec2, xml, index);
        }),
        Some(ids) => {
            let known = ids.into_iter().filter_map(index_of);
            let known: Vec<usize> = known.filter(|index| *index < ec2.size().images).collect();
            ec2.list("imagesSet", known.len(), |xml, at| {
                image(ec2, xml, known[at]);
            })
        }
    }
}

fn image(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("image", index);
    let created = days_before(item.now, if index.is_multiple_of(2) { 20 } else { 700 });
    xml.text("imageId", item.id("ami"))
        .text("imageState", "available")
        .text("imageOwnerId", ec2.call.account)
        .text("name", format!("base-{index:04}"))
        .text("creationDate", created.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
        .text("isPublic", index % 4 == 3)
        .text("architecture", "x86_64")
        .text("platformDetails", "Linux/UNIX")
        .text("rootDeviceType", "ebs")
        .maybe("imdsSupport", (index.is_multiple_of(2)).then_some("v2.0"));
    xml.list("blockDeviceMapping", "item", [index], |xml, snapshot| {
        xml.text("deviceName", "/dev/xvda").within("ebs", |xml| {
            xml.text("snapshotId", ec2.id("snap", snapshot))
                .text("volumeSize", 8)
                .text("encrypted", index.is_multiple_of(2));
        });
    });
    tags(xml, item);
}

fn address(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("address", index);
    xml.text("allocationId", item.id("eipalloc"))
        .text("domain", "vpc")
        .text(
            "publicIp",
            format!("52.16.{}.{}", index / 250, index % 250 + 1),
        );
    if !index.is_multiple_of(3) {
        xml.text("associationId", item.id("eipassoc"))
            .text("instanceId", ec2.id("i", index % ec2.size().instances))
            .text(
                "networkInterfaceId",
                ec2.id("eni", index % ec2.size().instances),
            );
    }
    tags(xml, item);
}
