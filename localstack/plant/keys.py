"""Keys, secrets, certificates and parameters."""

from . import ACCOUNT, OWNED, STRANGER, client, pairs
from .messages import allow, policy

SECRET = "battery-horse-staple-correct"
"""Must be nowhere in what the program writes."""

KEYS = {
    name: f"00000000-0000-4000-8000-00000000000{number}"
    for number, name in enumerate(["sound", "unrotated", "open", "shared", "doomed"], start=1)
}
"""The ids of the keys."""


def plant(region):
    """All of them; the ids of the keys by what they are."""
    found = keys(region)
    secrets(region, found["sound"])
    certificates(region)
    parameters(region)
    return found


def keys(region):
    """A key that is rotated, one that is not, one that anyone may use, and one about to be deleted."""
    kms = client("kms", region)
    own = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", "*")

    # By this tag LocalStack takes an id, which has to be a UUID, so that the expectations can name the key.
    def create(name, *more):
        made = kms.create_key(
            Policy=policy(own, *more),
            Tags=[{"TagKey": key, "TagValue": value} for key, value in {"_custom_id_": KEYS[name], **OWNED}.items()],
        )
        return made["KeyMetadata"]["KeyId"]

    found = {
        "sound": create("sound"),
        "unrotated": create("unrotated"),
        "open": create("open", allow("*", "kms:Decrypt", "*")),
        "shared": create("shared", allow({"AWS": f"arn:aws:iam::{STRANGER}:root"}, "kms:Decrypt", "*")),
        "doomed": create("doomed"),
    }
    for name in ("sound", "open", "shared"):
        kms.enable_key_rotation(KeyId=found[name])
    kms.schedule_key_deletion(KeyId=found["doomed"], PendingWindowInDays=30)
    return found


def secrets(region, key):
    """A secret with a key of its own, and one that anyone may read."""
    manager = client("secretsmanager", region)
    manager.create_secret(Name="sound-secret", SecretString=SECRET, KmsKeyId=key, Tags=pairs(OWNED))
    manager.create_secret(Name="open-secret", SecretString=SECRET)
    manager.put_resource_policy(
        SecretId="open-secret", ResourcePolicy=policy(allow("*", "secretsmanager:GetSecretValue", "*"))
    )


def certificates(region):
    """A certificate that nothing uses."""
    client("acm", region).request_certificate(DomainName="shop.example.com", ValidationMethod="DNS")


def parameters(region):
    """A password that is encrypted, and one that is not."""
    ssm = client("ssm", region)
    ssm.put_parameter(Name="/shop/db/password", Value=SECRET, Type="SecureString")
    ssm.put_parameter(Name="/shop/api/token", Value=SECRET, Type="String")
    ssm.put_parameter(Name="/shop/region", Value=region, Type="String")
