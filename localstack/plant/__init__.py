"""The sample account, by service."""

import functools

import boto3

ACCOUNT = "123456789012"
STRANGER = "999988887777"
"""Another account, trusted by what should not trust it."""
OWNED = {"Owner": "platform", "CostCenter": "1234", "Environment": "production"}
HOSTILE = "<script>alert(1)</script>"
"""A name that a report must show as it is and never run."""


@functools.cache
def client(service, region="us-east-1"):
    """An AWS client; the endpoints come from the environment."""
    # A session each: boto3's default one is not safe to share between threads.
    return boto3.session.Session().client(service, region_name=region)


def pairs(tags):
    """Tags in the form of most APIs."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tagged(kind, name, tags=OWNED):
    """The TagSpecifications of an EC2 call."""
    return [{"ResourceType": kind, "Tags": pairs({"Name": name, **tags})}]
