"""Plants an account of the size that `make bench` measures: 24 buckets, 120 instances, 48 databases, 44
users and roles, with what belongs to them, over three regions.
"""

import concurrent.futures
import time

from plant import OWNED, client, compute, database, identity, network, pairs, tagged, watch

REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")


def identities():
    """22 users with keys, 22 roles, 10 policies."""
    iam = client("iam")
    for number in range(10):
        iam.create_policy(
            PolicyName=f"policy-{number}",
            PolicyDocument=identity.document(identity.allow(["s3:GetObject"], f"arn:aws:s3:::bucket-{number}/*")),
        )
    for number in range(22):
        iam.create_user(UserName=f"user-{number}")
        iam.create_access_key(UserName=f"user-{number}")
        iam.create_role(
            RoleName=f"role-{number}", AssumeRolePolicyDocument=identity.trust({"Service": "ec2.amazonaws.com"})
        )
    iam.create_instance_profile(InstanceProfileName="app-reader")
    iam.add_role_to_instance_profile(InstanceProfileName="app-reader", RoleName="role-0")
    iam.generate_credential_report()


def buckets():
    """24 buckets in one region, as most accounts have them."""
    s3 = client("s3", "eu-west-1")
    for number in range(24):
        s3.create_bucket(
            Bucket=f"bucket-{number}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        s3.put_bucket_tagging(Bucket=f"bucket-{number}", Tagging={"TagSet": pairs(OWNED)})
        s3.put_bucket_versioning(Bucket=f"bucket-{number}", VersioningConfiguration={"Status": "Enabled"})


def region(name):
    """40 instances, 16 databases, 30 volumes, 20 snapshots, 10 alarms and the networks of the sample."""
    nets = network.plant(name)
    ec2 = client("ec2", name)
    machines = {
        f"machine-{number}": compute.launch(ec2, nets, f"machine-{number}", "m7g.large", "private-a", "web", {})
        for number in range(40)
    }
    for number in range(30):
        volume = ec2.create_volume(
            AvailabilityZone=f"{name}a", Size=50, VolumeType="gp3", TagSpecifications=tagged("volume", f"disk-{number}")
        )
        if number < 20:
            ec2.create_snapshot(
                VolumeId=volume["VolumeId"], TagSpecifications=tagged("snapshot", f"snapshot-{number}")
            )
    rds = client("rds", name)
    rds.create_db_subnet_group(
        DBSubnetGroupName="private",
        DBSubnetGroupDescription="private",
        SubnetIds=[nets.subnets["private-a"], nets.subnets["private-b"]],
    )
    inside = {"VpcSecurityGroupIds": [nets.groups["database"]], "DBSubnetGroupName": "private"}
    for number in range(16):
        database.make(rds, f"database-{number}", inside)
    topic = client("sns", name).create_topic(Name="alarms")["TopicArn"]
    for number in range(10):
        watch.alarm(name, f"alarm-{number}", [topic], machines["machine-0"])


def main():
    """Plants all of it."""
    began = time.monotonic()
    identities()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for job in [pool.submit(buckets), *(pool.submit(region, name) for name in REGIONS)]:
            job.result()
    print(f"Planted the account to measure in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
