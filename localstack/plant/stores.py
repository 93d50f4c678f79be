"""Tables, streams, caches, file systems, search domains and warehouses."""

from . import OWNED, client, pairs


def plant(region, nets):
    """All of them."""
    tables(region)
    streams(region)
    caches(region)
    files(region, nets)
    domains(region)
    warehouses(region)


def tables(region):
    """A table that is paid by request and can be restored, and one with fixed capacity and no care."""
    dynamodb = client("dynamodb", region)
    key = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }
    dynamodb.create_table(
        TableName="sound-table",
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
        Tags=pairs(OWNED),
        **key,
    )
    dynamodb.update_continuous_backups(
        TableName="sound-table", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.create_table(
        TableName="careless-table",
        ProvisionedThroughput={"ReadCapacityUnits": 100, "WriteCapacityUnits": 100},
        **key,
    )


def streams(region):
    """A stream that is encrypted and keeps records for a week, and one as Kinesis makes it."""
    kinesis = client("kinesis", region)
    kinesis.create_stream(StreamName="sound-stream", ShardCount=1)
    kinesis.start_stream_encryption(
        StreamName="sound-stream", EncryptionType="KMS", KeyId="alias/aws/kinesis"
    )
    kinesis.increase_stream_retention_period(StreamName="sound-stream", RetentionPeriodHours=168)
    kinesis.create_stream(StreamName="careless-stream", ShardCount=1)


def caches(region):
    """A replication group with everything on, and one with everything off."""
    elasticache = client("elasticache", region)
    elasticache.create_replication_group(
        ReplicationGroupId="sound-cache",
        ReplicationGroupDescription="sound",
        Engine="redis",
        CacheNodeType="cache.r7g.large",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        AtRestEncryptionEnabled=True,
        TransitEncryptionEnabled=True,
        SnapshotRetentionLimit=7,
        AuthToken="a-token-of-the-emulator-only",
    )
    elasticache.create_replication_group(
        ReplicationGroupId="careless-cache",
        ReplicationGroupDescription="careless",
        Engine="redis",
        CacheNodeType="cache.m4.large",
        NumCacheClusters=1,
    )


def files(region, nets):
    """A file system that is encrypted and tiered, and one that is neither and lives in one zone."""
    efs = client("efs", region)
    sound = efs.create_file_system(
        CreationToken="sound", Encrypted=True, Tags=pairs({"Name": "sound-files", **OWNED}), Backup=True
    )["FileSystemId"]
    efs.put_lifecycle_configuration(
        FileSystemId=sound, LifecyclePolicies=[{"TransitionToIA": "AFTER_30_DAYS"}]
    )
    efs.create_file_system(
        CreationToken="careless",
        Tags=pairs({"Name": "careless-files"}),
        AvailabilityZoneName=f"{region}a",
    )


def domains(region):
    """A domain with encryption, and one without."""
    opensearch = client("opensearch", region)
    opensearch.create_domain(
        DomainName="sound-domain",
        EngineVersion="OpenSearch_2.11",
        ClusterConfig={
            "InstanceType": "r7g.large.search",
            "InstanceCount": 3,
            "ZoneAwarenessEnabled": True,
            "DedicatedMasterEnabled": True,
            "DedicatedMasterCount": 3,
        },
        EncryptionAtRestOptions={"Enabled": True},
        NodeToNodeEncryptionOptions={"Enabled": True},
        DomainEndpointOptions={"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
    )
    opensearch.create_domain(
        DomainName="careless-domain",
        EngineVersion="OpenSearch_2.11",
        ClusterConfig={"InstanceType": "t3.small.search", "InstanceCount": 1},
    )


def warehouses(region):
    """A private, encrypted cluster, and one that is neither."""
    redshift = client("redshift", region)
    for name, sound in (("sound-warehouse", True), ("careless-warehouse", False)):
        redshift.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.large",
            MasterUsername="warehouse" if sound else "awsuser",
            MasterUserPassword="Emulator-only-1",
            PubliclyAccessible=not sound,
            Encrypted=sound,
            AutomatedSnapshotRetentionPeriod=7 if sound else 1,
            EnhancedVpcRouting=sound,
            AllowVersionUpgrade=sound,
            Tags=pairs(OWNED),
        )
