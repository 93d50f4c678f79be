"""Users, groups, roles and policies of IAM; the account's contacts."""

import json

from . import ACCOUNT, STRANGER, client

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"
GITHUB = "token.actions.githubusercontent.com"


def document(*statements):
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **rest):
    """A statement of a policy."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


def trust(principal, action="sts:AssumeRole", **condition):
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return document(statement)


def plant():
    """Everything of IAM, and the contacts of the account."""
    iam = client("iam")
    contacts()
    iam.update_account_password_policy(MinimumPasswordLength=8, RequireSymbols=False)
    policies = {
        "everything": document(allow("*")),
        "narrow": document(allow(["s3:GetObject"], "arn:aws:s3:::sound/*")),
        "climbs": document(allow(["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"])),
        "passes-any-role": document(allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])),
        "new-keys": document(allow(["iam:CreateAccessKey"])),
        "unused-policy": document(allow(["sqs:SendMessage"], f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders")),
    }
    arns = {
        name: iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
        for name, text in policies.items()
    }
    users(iam, arns)
    roles(iam, arns)
    iam.generate_credential_report()


def contacts():
    """Billing and operations have a contact; security has none."""
    for kind in ("BILLING", "OPERATIONS"):
        client("account").put_alternate_contact(
            AlternateContactType=kind,
            Name="On call",
            Title="Engineer",
            EmailAddress="on-call@example.com",
            PhoneNumber="+1 555 0100",
        )


def users(iam, arns):
    """People and machines."""
    names = ["no-mfa", "with-mfa", "admin-no-mfa", "direct-policy", "exposed-key", "two-keys", "inactive-key"]
    for name in [*names, "no-credentials"]:
        iam.create_user(UserName=name)
    for name in ("no-mfa", "with-mfa", "admin-no-mfa"):
        iam.create_login_profile(UserName=name, Password="Correct-horse-1")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="with-mfa")["VirtualMFADevice"]
    iam.enable_mfa_device(
        UserName="with-mfa",
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    iam.attach_user_policy(UserName="admin-no-mfa", PolicyArn=ADMINISTRATOR)
    iam.attach_user_policy(UserName="direct-policy", PolicyArn=arns["narrow"])
    iam.put_user_policy(UserName="direct-policy", PolicyName="inline", PolicyDocument=document(allow("*")))
    iam.attach_user_policy(UserName="exposed-key", PolicyArn=QUARANTINE)
    iam.create_access_key(UserName="exposed-key")
    for _ in range(2):
        iam.create_access_key(UserName="two-keys")
    key = iam.create_access_key(UserName="inactive-key")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="inactive-key", AccessKeyId=key, Status="Inactive")
    for group, policy in (("engineers", READ_ONLY), ("administrators", ADMINISTRATOR)):
        iam.create_group(GroupName=group)
        iam.attach_group_policy(GroupName=group, PolicyArn=policy)
    iam.create_group(GroupName="empty-group")
    iam.attach_group_policy(GroupName="engineers", PolicyArn=arns["narrow"])
    iam.add_user_to_group(GroupName="engineers", UserName="with-mfa")
    iam.add_user_to_group(GroupName="engineers", UserName="no-mfa")
    iam.add_user_to_group(GroupName="administrators", UserName="admin-no-mfa")


def roles(iam, arns):
    """Who is trusted, and with what."""
    provider = iam.create_open_id_connect_provider(
        Url=f"https://{GITHUB}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    other = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    web = "sts:AssumeRoleWithWebIdentity"
    audience = {f"{GITHUB}:aud": "sts.amazonaws.com"}
    repository = {f"{GITHUB}:sub": "repo:example/shop:ref:refs/heads/main"}
    trusts = {
        "trusts-anyone": trust("*"),
        "trusts-anyone-aws": trust({"AWS": "*"}),
        "trusts-organization": trust({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-exampleorg1"}),
        "trusts-itself": trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        "trusts-stranger": trust(other),
        "trusts-partner": trust(other, StringEquals={"sts:ExternalId": "f3b1c2d4"}),
        "github-any-repository": trust({"Federated": provider}, web, StringEquals=audience),
        "github-everything": trust({"Federated": provider}, web, StringLike={f"{GITHUB}:sub": "repo:*"}, StringEquals=audience),
        "github-main": trust({"Federated": provider}, web, StringEquals={**audience, **repository}),
        "app-admin": trust({"Service": "ec2.amazonaws.com"}),
        "app-reader": trust({"Service": "ec2.amazonaws.com"}),
        "climber": trust({"Service": "lambda.amazonaws.com"}),
        "admin-with-mfa": trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        "admin-by-tag": trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    }
    for name, text in trusts.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)
    iam.attach_role_policy(RoleName="app-admin", PolicyArn=ADMINISTRATOR)
    iam.attach_role_policy(RoleName="app-reader", PolicyArn=arns["narrow"])
    iam.attach_role_policy(RoleName="climber", PolicyArn=arns["climbs"])
    iam.attach_role_policy(RoleName="climber", PolicyArn=arns["passes-any-role"])
    iam.put_role_policy(RoleName="trusts-itself", PolicyName="inline", PolicyDocument=document(allow("s3:ListAllMyBuckets")))
    # MFA keeps nobody from anything; whom a tag of the principal keeps out is not in the policy.
    for name, condition in [
        ("admin-with-mfa", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ("admin-by-tag", {"StringEquals": {"aws:PrincipalTag/team": "platform"}}),
    ]:
        text = document(allow("*", Condition=condition))
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=text)
    for name in ("app-admin", "app-reader"):
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
