"""Instances, volumes, snapshots, images and addresses of EC2."""

import datetime

from . import HOSTILE, OWNED, client, pairs, tagged

IMAGE = "ami-0abcdef1234567890"
PASSWORD = "correct-horse-battery-staple"
"""Planted in user data, so that it is found, and so that a test can look for it where it must not be."""
SAFE = {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0b8b1c1e-5f0a-4d8e-9a55-1f3c6f3b9d11"

MACHINES = {
    # name: (type, subnet, security group, what differs)
    "sound": ("m7g.large", "private-a", "web", {}),
    "sound-b": ("m7g.large", "private-b", "web", {}),
    "exposed-ssh": ("m7g.large", "public-a", "ssh-world", {"public": True}),
    "exposed-halves": ("m7g.large", "public-a", "ssh-halves", {"public": True}),
    "exposed-prefix-list": ("m7g.large", "public-a", "ssh-prefix-list", {"public": True}),
    "exposed-database": ("m7g.large", "public-b", "mysql-world", {"public": True}),
    "exposed-everything": ("m7g.large", "public-b", "all-traffic", {"public": True}),
    "behind-acl": ("m7g.large", "walled", "ssh-world", {"public": True}),
    "private-ssh": ("m7g.large", "private-a", "ssh-world", {}),
    "office-ssh": ("m7g.large", "public-a", "ssh-office", {"public": True}),
    "imdsv1": ("m7g.large", "private-a", "web", {"metadata": {**SAFE, "HttpTokens": "optional"}}),
    "idle": ("m7g.large", "private-a", "web", {}),
    "oversized": ("m7g.large", "private-a", "web", {}),
    "saturated": ("m7g.large", "private-a", "web", {}),
    "old-t2": ("t2.micro", "private-a", "web", {}),
    "old-m4": ("m4.large", "private-b", "web", {}),
    "x86": ("m6i.large", "private-b", "web", {}),
    "windows": ("m6i.large", "private-b", "web", {}),
    "unmonitored": ("m7g.large", "private-b", "web", {"monitoring": False}),
    "stopped": ("m7g.large", "private-b", "web", {"stopped": True}),
    "leaky": ("m7g.large", "private-a", "web", {"data": f"#!/bin/sh\nexport DB_PASSWORD={PASSWORD}\n"}),
    "harmless-data": ("m7g.large", "private-a", "web", {"data": "#!/bin/sh\ndnf install -y nginx\n"}),
    "with-store": ("m6gd.large", "private-a", "web", {}),
    "node": ("m7g.large", "private-a", "web", {"tags": {**OWNED, "karpenter.sh/nodepool": "default"}}),
    "admin": ("m7g.large", "private-a", "web", {"profile": "app-admin"}),
    "nobodys": ("m7g.large", "private-a", "web", {"tags": {}}),
    "dev-always-on": ("m7g.large", "private-a", "web", {"tags": {**OWNED, "Environment": "dev"}}),
    HOSTILE: ("m7g.large", "private-a", "web", {"tags": {**OWNED, "Owner": '"><img src=x onerror=alert(2)>'}}),
}


def plant(region, nets):
    """All machines of MACHINES, the disks, and a course of metrics for each."""
    ec2 = client("ec2", region)
    machines = {name: launch(ec2, nets, name, *row) for name, row in MACHINES.items()}
    disks = volumes(ec2, region, machines)
    snapshots(ec2, region)
    images(ec2, machines)
    ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", "unassociated"))
    used = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", "associated"))
    ec2.associate_address(AllocationId=used["AllocationId"], InstanceId=machines["office-ssh"])
    measure(region, nets, machines, disks)
    return machines


def launch(ec2, nets, name, kind, subnet, group, extra):
    """One instance."""
    tags = {"Name": name, **extra.get("tags", OWNED)}
    answer = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType=kind,
        MinCount=1,
        MaxCount=1,
        Monitoring={"Enabled": extra.get("monitoring", True)},
        MetadataOptions=extra.get("metadata", SAFE),
        IamInstanceProfile={"Name": extra.get("profile", "app-reader")},
        UserData=extra.get("data", ""),
        NetworkInterfaces=[
            {
                "DeviceIndex": 0,
                "SubnetId": nets.subnets[subnet],
                "Groups": [nets.groups[group]],
                "AssociatePublicIpAddress": extra.get("public", False),
            }
        ],
        BlockDeviceMappings=[
            {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True, "KmsKeyId": KEY}}
        ],
        TagSpecifications=[{"ResourceType": kind, "Tags": pairs(tags)} for kind in ("instance", "volume")],
    )
    identifier = answer["Instances"][0]["InstanceId"]
    if extra.get("stopped"):
        ec2.stop_instances(InstanceIds=[identifier])
    return identifier


def volumes(ec2, region, machines):
    """Disks that stand alone, and one that hangs on a stopped machine."""
    made = {}
    for name, kind, rest in [
        ("unattached", "gp3", {"Encrypted": True}),
        ("old-gp2", "gp2", {"Encrypted": True}),
        ("old-io1", "io1", {"Encrypted": True, "Iops": 3000}),
        ("plain", "gp3", {"Encrypted": False}),
        ("sound-data", "gp3", {"Encrypted": True}),
        ("on-stopped", "gp3", {"Encrypted": True}),
    ]:
        answer = ec2.create_volume(
            AvailabilityZone=f"{region}a", Size=100, VolumeType=kind, TagSpecifications=tagged("volume", name), **rest
        )
        made[name] = answer["VolumeId"]
    for disk, machine in (("sound-data", "sound"), ("on-stopped", "stopped"), ("old-gp2", "sound-b"), ("plain", "idle")):
        ec2.attach_volume(VolumeId=made[disk], InstanceId=machines[machine], Device="/dev/sdf")
    ec2.create_snapshot(VolumeId=made["sound-data"], TagSpecifications=tagged("snapshot", "sound-data"))
    return made


def snapshots(ec2, region):
    """A public one, one shared with another account, and one whose volume is gone."""
    volume = ec2.create_volume(
        AvailabilityZone=f"{region}a", Size=8, VolumeType="gp3", TagSpecifications=tagged("volume", "deleted")
    )["VolumeId"]
    for name, sharing in [
        ("public-snapshot", {"GroupNames": ["all"]}),
        ("shared-snapshot", {"UserIds": ["999988887777"]}),
        ("orphaned-snapshot", None),
    ]:
        made = ec2.create_snapshot(VolumeId=volume, TagSpecifications=tagged("snapshot", name))["SnapshotId"]
        if sharing:
            ec2.modify_snapshot_attribute(
                SnapshotId=made, Attribute="createVolumePermission", OperationType="add", **sharing
            )
    ec2.delete_volume(VolumeId=volume)


def images(ec2, machines):
    """A public image and a private one."""
    for name in ("public-image", "private-image"):
        made = ec2.create_image(InstanceId=machines["sound"], Name=name, TagSpecifications=tagged("image", name))
        if name == "public-image":
            ec2.modify_image_attribute(ImageId=made["ImageId"], LaunchPermission={"Add": [{"Group": "all"}]})


def hours(step):
    """The middle of every so many hours of the last two weeks and a day."""
    now = datetime.datetime.now(datetime.UTC).replace(minute=30, second=0, microsecond=0)
    return [now - datetime.timedelta(hours=h) for h in range(1, 15 * 24, step)]


def put(region, namespace, dimension, identifier, values, whole=False):
    """Two weeks of values, always the same one: metric to value. Checks judge hourly ones; a value
    every half a day, which takes less time to plant, is too little to judge by."""
    moments = hours(1 if whole else 12)
    data = [
        {
            "MetricName": metric,
            "Dimensions": [{"Name": dimension, "Value": identifier}],
            "Timestamp": moment,
            "Value": value,
        }
        for metric, value in values.items()
        for moment in moments
    ]
    for start in range(0, len(data), 1000):
        client("cloudwatch", region).put_metric_data(Namespace=namespace, MetricData=data[start : start + 1000])


def measure(region, nets, machines, disks):
    """Metrics: everything is busy but what is named idle."""
    busy = {"CPUUtilization": 40.0, "NetworkIn": 5e8, "NetworkOut": 5e8}
    courses = {
        "idle": {"CPUUtilization": 0.4, "NetworkIn": 9e3, "NetworkOut": 7e3},
        "saturated": {"CPUUtilization": 97.0, "NetworkIn": 5e9, "NetworkOut": 5e9},
        "old-t2": {**busy, "CPUCreditBalance": 0.0, "CPUSurplusCreditsCharged": 3.0},
        "oversized": {**busy, "CPUUtilization": 8.0},
        "dev-always-on": busy,
        "sound": busy,
        "stopped": {},
    }
    for name, identifier in machines.items():
        put(region, "AWS/EC2", "InstanceId", identifier, courses.get(name, busy), whole=name in courses)
    for name, identifier in disks.items():
        operations = 0.0 if name == "plain" else 90_000.0
        values = {"VolumeReadOps": operations, "VolumeWriteOps": operations, "VolumeIdleTime": 1800.0}
        put(region, "AWS/EBS", "VolumeId", identifier, values, whole=name in ("plain", "sound-data"))
    for name in ("nat-busy", "nat-idle", "nat-bare"):
        traffic = 0.0 if name == "nat-idle" else 2e8
        values = {"BytesOutToDestination": traffic, "BytesOutToSource": traffic, "ActiveConnectionCount": traffic / 1e7}
        put(region, "AWS/NATGateway", "NatGatewayId", nets.gateways[name], values, whole=True)


def safe_defaults(region):
    """The region's settings as they should be."""
    client("ec2", region).enable_ebs_encryption_by_default()


def plant_small(region, nets):
    """One sound machine."""
    ec2 = client("ec2", region)
    nets.groups["web"] = nets.groups["database"]
    machine = launch(ec2, nets, "reporting", "c7g.large", "private-a", "web", {})
    put(region, "AWS/EC2", "InstanceId", machine, {"CPUUtilization": 35.0, "NetworkIn": 4e8, "NetworkOut": 4e8})


def plant_forgotten(region):
    """A trial in the default VPC: nothing is tagged, encrypted or used."""
    ec2 = client("ec2", region)
    ec2.create_volume(AvailabilityZone=f"{region}a", Size=500, VolumeType="gp2", TagSpecifications=tagged("volume", "trial", {}))
    answer = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="m4.large",
        MinCount=1,
        MaxCount=1,
        MetadataOptions={"HttpTokens": "optional", "HttpEndpoint": "enabled"},
        TagSpecifications=tagged("instance", "trial", {}),
    )
    machine = answer["Instances"][0]["InstanceId"]
    nothing = {"CPUUtilization": 0.2, "NetworkIn": 2e3, "NetworkOut": 2e3}
    put(region, "AWS/EC2", "InstanceId", machine, nothing, whole=True)
