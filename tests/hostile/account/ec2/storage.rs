//! Volumes and snapshots.

use super::{Ec2, tags};
use crate::account::Answer;
use crate::account::item::index_of;
use crate::account::xml::Xml;

pub(super) fn answer(ec2: &Ec2<'_>) -> Option<Answer> {
    let size = ec2.size();
    Some(match ec2.call.operation {
        "DescribeVolumes" => ec2.list("volumeSet", size.volumes, |xml, index| {
            volume(ec2, xml, index);
        }),
        "DescribeVolumeStatus" => ec2.list("volumeStatusSet", size.volumes, |xml, index| {
            let item = ec2.item("volume", index);
            let impaired = item.one_in(30, "impaired");
            xml.text("volumeId", item.id("vol"))
                .within("volumeStatus", |xml| {
                    xml.text("status", if impaired { "impaired" } else { "ok" });
                });
        }),
        "DescribeSnapshots" => snapshots(ec2),
        "DescribeSnapshotAttribute" => snapshot_attribute(ec2),
        "DescribeFastSnapshotRestores" => {
            let fast: Vec<usize> = (0..size.snapshots).step_by(20).collect();
            ec2.list("fastSnapshotRestoreSet", fast.len(), |xml, at| {
                xml.text("snapshotId", ec2.id("snap", fast[at]))
                    .text("availabilityZone", ec2.zone(false))
                    .text("state", "enabled");
            })
        }
        _ => return None,
    })
}

/// The first volumes are what instances started from, some of the rest hold their data, and the
/// others are attached to nothing.
fn volume(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("volume", index);
    let instances = ec2.size().instances;
    let instance = match index {
        root if root < instances => Some(root),
        data if data.is_multiple_of(2) => Some(data % instances),
        _ => None,
    };
    let kind = item.pick("type", &["gp3", "gp3", "gp3", "gp2", "io1", "standard"]);
    let size = item.pick("size", &[8, 20, 100, 500]);
    xml.text("volumeId", item.id("vol"))
        .text("size", size)
        .text("volumeType", kind)
        .text(
            "status",
            if instance.is_some() {
                "in-use"
            } else {
                "available"
            },
        )
        .text("createTime", item.past("create", 900))
        .text("availabilityZone", ec2.zone(index % 2 == 1))
        .text("encrypted", !item.one_in(4, "plain"))
        .text("multiAttachEnabled", false);
    match kind {
        "gp3" => {
            xml.text("iops", 3000).text("throughput", 125);
        }
        "io1" => {
            xml.text("iops", 50 * size);
        }
        _ => {}
    }
    xml.list("attachmentSet", "item", instance, |xml, instance| {
        let root = index < instances;
        xml.text("volumeId", item.id("vol"))
            .text("instanceId", ec2.id("i", instance))
            .text("device", if root { "/dev/xvda" } else { "/dev/sdf" })
            .text("status", "attached")
            .text("deleteOnTermination", root);
    });
    tags(xml, item);
}

/// All of the account's snapshots, or only those that everyone may restore.
fn snapshots(ec2: &Ec2<'_>) -> Answer {
    let count = ec2.size().snapshots;
    if ec2.form.get("RestorableBy.1") == Some("all") {
        let public: Vec<usize> = (0..count).filter(|index| is_public(*index)).collect();
        return ec2.list("snapshotSet", public.len(), |xml, at| {
            snapshot(ec2, xml, public[at]);
        });
    }
    ec2.list("snapshotSet", count, |xml, index| snapshot(ec2, xml, index))
}

fn is_public(index: usize) -> bool {
    index % 15 == 7
}

fn snapshot(ec2: &Ec2<'_>, xml: &mut Xml, index: usize) {
    let item = ec2.item("snapshot", index);
    // Some were taken of volumes that are gone.
    let volume = item.draw("volume", ec2.size().volumes * 5 / 4);
    xml.text("snapshotId", item.id("snap"))
        .text("volumeId", ec2.id("vol", volume))
        .text("status", "completed")
        .text("startTime", item.past("start", 400))
        .text("ownerId", ec2.call.account)
        .text("volumeSize", 100)
        .text("encrypted", !item.one_in(4, "plain"))
        .text("storageTier", "standard");
    tags(xml, item);
}

fn snapshot_attribute(ec2: &Ec2<'_>) -> Answer {
    let id = ec2.form.get("SnapshotId").unwrap_or_default();
    let index = index_of(id).filter(|index| *index < ec2.size().snapshots);
    let Some(index) = index else {
        return ec2.refuse("InvalidSnapshot.NotFound");
    };
    ec2.respond(|xml| {
        let all = is_public(index).then_some("all");
        xml.text("snapshotId", id)
            .list("createVolumePermission", "item", all, |xml, group| {
                xml.text("group", group);
            });
    })
}
