"""Instances, clusters and snapshots of RDS."""

from . import OWNED, client, pairs
from .compute import put

PASSWORD = "correct-horse-battery"
SOUND = {
    "DBInstanceClass": "db.m7g.large",
    "Engine": "postgres",
    "EngineVersion": "16.4",
    "AllocatedStorage": 100,
    "MaxAllocatedStorage": 500,
    "StorageType": "gp3",
    "MultiAZ": True,
    "StorageEncrypted": True,
    "BackupRetentionPeriod": 14,
    "DeletionProtection": True,
    "AutoMinorVersionUpgrade": True,
    "CopyTagsToSnapshot": True,
    "EnablePerformanceInsights": True,
    "EnableIAMDatabaseAuthentication": True,
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:aws:iam::123456789012:role/rds-monitoring",
    "PubliclyAccessible": False,
    "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
}
BUSY = {"DatabaseConnections": 40.0, "CPUUtilization": 40.0, "FreeStorageSpace": 70 * 2.0**30, "FreeableMemory": 4 * 2.0**30}
FLAWED = {
    # name: what differs from SOUND
    "single-az": {"MultiAZ": False},
    "unencrypted": {"StorageEncrypted": False},
    "no-backup": {"BackupRetentionPeriod": 0},
    "unprotected": {"DeletionProtection": False},
    "old-class": {"DBInstanceClass": "db.m4.large"},
    "x86-class": {"DBInstanceClass": "db.m6i.large"},
    "old-mysql": {"Engine": "mysql", "EngineVersion": "5.7.44", "EnableCloudwatchLogsExports": ["error"]},
    "no-insights": {"EnablePerformanceInsights": False},
    "no-monitoring": {"MonitoringInterval": 0, "MonitoringRoleArn": None},
    "no-minor-upgrade": {"AutoMinorVersionUpgrade": False},
    "fixed-storage": {"MaxAllocatedStorage": None},
    "gp2-storage": {"StorageType": "gp2"},
    "no-logs": {"EnableCloudwatchLogsExports": None},
    "idle-database": {},
    "saturated-database": {},
    "full-database": {"MaxAllocatedStorage": None},
    "exposed-database": {"PubliclyAccessible": True},
    "public-but-closed": {"PubliclyAccessible": True},
    "nobodys-database": {},
}


def plant(region, nets):
    """One database for each flaw, in the VPC `main`."""
    rds = client("rds", region)
    for name, subnets in {"private": ["private-a", "private-b"], "public": ["public-a", "public-b"]}.items():
        rds.create_db_subnet_group(
            DBSubnetGroupName=name,
            DBSubnetGroupDescription=name,
            SubnetIds=[nets.subnets[s] for s in subnets],
        )
    courses = {
        "idle-database": {**BUSY, "DatabaseConnections": 0.0, "CPUUtilization": 1.0},
        "saturated-database": {**BUSY, "CPUUtilization": 97.0, "FreeableMemory": 1e8},
        "full-database": {**BUSY, "FreeStorageSpace": 2.0**30},
    }
    for name, changes in {"sound-database": {}, **FLAWED}.items():
        open_to_all = name == "exposed-database"
        group = nets.groups["all-traffic" if open_to_all else "database"]
        public = changes.get("PubliclyAccessible", False)
        make(rds, name, {**changes, "VpcSecurityGroupIds": [group], "DBSubnetGroupName": "public" if public else "private"})
        whole = name in courses or name == "sound-database"
        put(region, "AWS/RDS", "DBInstanceIdentifier", name, courses.get(name, BUSY), whole)
    clusters(rds, region, nets)
    snapshots(rds)
    return [*FLAWED, "sound-database"]


def make(rds, name, changes):
    """One instance; a change of None leaves the setting out."""
    settings = {k: v for k, v in {**SOUND, **changes}.items() if v is not None}
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        MasterUsername="root1",
        MasterUserPassword=PASSWORD,
        Tags=[] if name == "nobodys-database" else pairs(OWNED),
        **settings,
    )


def clusters(rds, region, nets):
    """A cluster with two members, and one with a single member and nothing right."""
    for name, good, members in (("sound-cluster", True, 2), ("lonely-cluster", False, 1)):
        rds.create_db_cluster(
            DBClusterIdentifier=name,
            Engine="aurora-postgresql",
            EngineVersion="16.4",
            MasterUsername="root1",
            MasterUserPassword=PASSWORD,
            DBSubnetGroupName="private",
            VpcSecurityGroupIds=[nets.groups["database"]],
            BackupRetentionPeriod=14 if good else 1,
            StorageEncrypted=good,
            DeletionProtection=good,
            CopyTagsToSnapshot=good,
            EnableIAMDatabaseAuthentication=good,
            EnableCloudwatchLogsExports=["postgresql"] if good else [],
            Tags=pairs(OWNED) if good else [],
        )
        for number in range(members):
            member = f"{name}-{number + 1}"
            rds.create_db_instance(
                DBInstanceIdentifier=member,
                DBClusterIdentifier=name,
                DBInstanceClass="db.r7g.large",
                Engine="aurora-postgresql",
                AvailabilityZone=f"{region}{'ab'[number]}",
                EnablePerformanceInsights=good,
                Tags=pairs(OWNED),
            )
            put(region, "AWS/RDS", "DBInstanceIdentifier", member, BUSY)


def snapshots(rds):
    """A public snapshot and a private one, of instances and of a cluster."""
    for name in ("public-db-snapshot", "private-db-snapshot"):
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="sound-database", Tags=pairs(OWNED))
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="public-db-snapshot", AttributeName="restore", ValuesToAdd=["all"]
    )
    for name in ("public-cluster-snapshot", "private-cluster-snapshot"):
        rds.create_db_cluster_snapshot(
            DBClusterSnapshotIdentifier=name, DBClusterIdentifier="sound-cluster", Tags=pairs(OWNED)
        )
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="public-cluster-snapshot", AttributeName="restore", ValuesToAdd=["all"]
    )


def plant_second(region, nets):
    """Two databases: one sound, one that somebody made in a hurry."""
    rds = client("rds", region)
    rds.create_db_subnet_group(
        DBSubnetGroupName="private",
        DBSubnetGroupDescription="private",
        SubnetIds=list(nets.subnets.values()),
    )
    inside = {"VpcSecurityGroupIds": [nets.groups["database"]], "DBSubnetGroupName": "private"}
    make(rds, "reporting-database", inside)
    hurry = {"MultiAZ": False, "BackupRetentionPeriod": 0, "DeletionProtection": False, "StorageEncrypted": False}
    make(rds, "hurried-database", {**inside, **hurry})
    for name in ("reporting-database", "hurried-database"):
        put(region, "AWS/RDS", "DBInstanceIdentifier", name, BUSY)
