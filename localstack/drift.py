"""Changes the sample account while the service watches it, so that audits differ: drift.py PROCESS

In the middle of every minute, a security group is opened to the world, and closed again a minute later. Ends with
the process whose number is given.
"""

import os
import sys
import time

from plant import client, tagged

ANYWHERE = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "only for a moment"}],
}
CHANGE = 45
"""The second of a minute at which something changes. Audits begin with the minute."""


def runs(process):
    """Whether a process is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def main(process):
    """Opens and closes in turn, until the process is gone."""
    ec2 = client("ec2", "eu-west-1")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(
        GroupName="drift",
        Description="Opened and closed again",
        VpcId=vpc,
        TagSpecifications=tagged("security-group", "drift"),
    )["GroupId"]
    changes = [ec2.authorize_security_group_ingress, ec2.revoke_security_group_ingress]
    changed = time.time() // 60
    while runs(process):
        now = time.time()
        if now // 60 != changed and now % 60 >= CHANGE:
            changed = now // 60
            changes[0](GroupId=group, IpPermissions=[ANYWHERE])
            changes.reverse()
        time.sleep(0.5)


if __name__ == "__main__":
    main(int(sys.argv[1]))
