"""Buckets of S3, in three regions."""

import json

from . import ACCOUNT, OWNED, client, pairs

BLOCK = {flag: True for flag in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")}


def plant():
    """Each bucket shows one thing; `sound` is right in everything, `bare` in nothing."""
    for region, names in {
        "eu-west-1": [
            "sound-replica",
            "access-logs",
            "sound",
            "bare",
            "public-policy",
            "public-acl",
            "public-but-blocked",
            "public-with-condition",
            "versions-for-ever",
            "website",
            "any-origin",
            "tidies-tmp-only",
            "copied-next-door",
        ],
        "us-east-1": ["reports-virginia"],
        "ap-southeast-2": ["forgotten-sydney"],
    }.items():
        for name in names:
            s3 = client("s3", region)
            where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            locked = {"ObjectLockEnabledForBucket": True} if name == "sound" else {}
            s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced", **where, **locked)
            if name not in ("bare", "forgotten-sydney"):
                s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(OWNED)})
            # New buckets have all four on, in AWS; LocalStack does the same.
            if name.startswith("public") or name in ("bare", "website"):
                s3.delete_public_access_block(Bucket=name)
    s3 = client("s3", "eu-west-1")
    public(s3)
    odd(s3)
    tidy = {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    tidy |= {"ID": "tmp", "Filter": {"Prefix": "tmp/"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    s3.put_bucket_versioning(Bucket="tidies-tmp-only", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket="tidies-tmp-only", LifecycleConfiguration={"Rules": [tidy]})
    for name in ("sound-replica", "access-logs", "copied-next-door", "reports-virginia"):
        harden(client("s3", "us-east-1" if name == "reports-virginia" else "eu-west-1"), name)
    sound(s3)


def policy(s3, bucket, *statements):
    """Sets a bucket's policy."""
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def everyone(bucket, **condition):
    """A statement that lets the world read a bucket."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return {**statement, "Condition": condition} if condition else statement


def tls_only(bucket):
    """A statement that refuses requests without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def public(s3):
    """Buckets that the world can read, or nearly."""
    policy(s3, "public-policy", everyone("public-policy"))
    s3.put_bucket_ownership_controls(
        Bucket="public-acl", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    s3.put_bucket_acl(Bucket="public-acl", ACL="public-read")
    policy(s3, "public-but-blocked", everyone("public-but-blocked"))
    s3.put_public_access_block(Bucket="public-but-blocked", PublicAccessBlockConfiguration=BLOCK)
    inside = everyone("public-with-condition", StringEquals={"aws:SourceVpce": "vpce-0123456789abcdef0"})
    policy(s3, "public-with-condition", inside)


def odd(s3):
    """Settings that are off on their own."""
    s3.put_bucket_versioning(Bucket="versions-for-ever", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_website(Bucket="website", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    rule = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket="any-origin", CORSConfiguration={"CORSRules": [rule]})


def harden(s3, name):
    """What every bucket should have."""
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    policy(s3, name, tls_only(name))
    rule = {
        "ID": "keep-tidy",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 30, "StorageClass": "INTELLIGENT_TIERING"}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})


def replicate(s3, name, destination):
    """Copies every object of a bucket into another."""
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{destination}"},
    }
    s3.put_bucket_replication(
        Bucket=name, ReplicationConfiguration={"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [rule]}
    )


def sound(s3):
    """The bucket that nothing is wrong with."""
    harden(s3, "sound")
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0b8b1c1e-5f0a-4d8e-9a55-1f3c6f3b9d11"}
    s3.put_bucket_encryption(
        Bucket="sound",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}]
        },
    )
    s3.put_bucket_logging(
        Bucket="sound", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "sound/"}}
    )
    s3.put_bucket_notification_configuration(
        Bucket="sound", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    replicate(s3, "sound", "reports-virginia")
    replicate(s3, "copied-next-door", "sound-replica")
    s3.put_object_lock_configuration(
        Bucket="sound",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}},
        },
    )
