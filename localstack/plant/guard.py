"""What watches an account: trails, recorders, detectors, logs, backups, stacks and budgets."""

import json
import os

import boto3

from . import ACCOUNT, OWNED, client, storage


def plant(region):
    """All of them in the region that has nearly everything. Detectors and recorders are missing in others."""
    trails(region)
    recorders(region)
    logs(region)
    backups(region)
    stacks(region)
    budgets()
    client("guardduty", region).create_detector(Enable=True)
    client("securityhub", region).enable_security_hub(EnableDefaultStandards=False)
    client("inspector2", region).enable(accountIds=[ACCOUNT], resourceTypes=["EC2", "ECR"])
    client("macie2", region).enable_macie()
    client("organizations").create_organization(FeatureSet="ALL")


def trails(region):
    """A trail over all regions whose files cannot be changed, and one that has been stopped, in an open bucket."""
    cloudtrail = client("cloudtrail", region)
    # moto asks its own S3 whether the bucket is there, and the scan that of LocalStack.
    beside = boto3.session.Session().client(
        "s3", region_name="us-east-1", endpoint_url=os.environ["AWS_ENDPOINT_URL_CLOUDTRAIL"]
    )
    for bucket in ("sound-trail-files", "old-trail-files"):
        client("s3").create_bucket(Bucket=bucket)
        beside.create_bucket(Bucket=bucket)
    client("s3").delete_public_access_block(Bucket="old-trail-files")
    storage.policy(client("s3"), "old-trail-files", storage.everyone("old-trail-files"))
    cloudtrail.create_trail(
        Name="sound-trail",
        S3BucketName="sound-trail-files",
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
        KmsKeyId=f"arn:aws:kms:{region}:{ACCOUNT}:key/1",
    )
    cloudtrail.put_event_selectors(
        TrailName="sound-trail", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    )
    cloudtrail.start_logging(Name="sound-trail")
    cloudtrail.create_trail(Name="stopped-trail", S3BucketName="old-trail-files")


def recorders(region):
    """A recorder that records."""
    config = client("config", region)
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
        }
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "sound"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def logs(region):
    """A log group that keeps events for a year, one that forgets in a month, one that keeps all, and a policy
    for everybody."""
    watch = client("logs", region)
    watch.create_log_group(logGroupName="/shop/sound", tags=OWNED)
    watch.put_retention_policy(logGroupName="/shop/sound", retentionInDays=400)
    watch.create_log_group(logGroupName="/shop/short")
    watch.put_retention_policy(logGroupName="/shop/short", retentionInDays=30)
    watch.create_log_group(logGroupName="/shop/endless")
    watch.put_metric_filter(
        logGroupName="/shop/sound",
        filterName="errors",
        filterPattern="ERROR",
        metricTransformations=[{"metricName": "errors", "metricNamespace": "Shop", "metricValue": "1"}],
    )
    statement = {"Effect": "Allow", "Principal": "*", "Action": "logs:PutLogEvents", "Resource": "*"}
    watch.put_resource_policy(
        policyName="open-logs", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )


def backups(region):
    """A plan whose backups end, one whose backups never do, and their vault."""
    backup = client("backup", region)
    backup.create_backup_vault(BackupVaultName="sound-vault")
    for name, lifecycle in (("sound-plan", {"Lifecycle": {"DeleteAfterDays": 35}}), ("endless-plan", {})):
        backup.create_backup_plan(
            BackupPlan={
                "BackupPlanName": name,
                "Rules": [
                    {
                        "RuleName": "daily",
                        "TargetBackupVaultName": "sound-vault",
                        "ScheduleExpression": "cron(0 1 ? * * *)",
                        **lifecycle,
                    }
                ],
            }
        )


def stacks(region):
    """A protected stack, and one that is not and tells a secret."""
    cloudformation = client("cloudformation", region)
    topic = {"T": {"Type": "AWS::SNS::Topic", "Properties": {}}}
    secret = {"Password": {"Value": "correct-horse-battery-staple", "Description": "password"}}
    for name, outputs in (("sound-stack", {}), ("careless-stack", secret)):
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps({"Resources": topic, **({"Outputs": outputs} if outputs else {})}),
            EnableTerminationProtection=not outputs,
        )


def budgets():
    """A cost budget that tells somebody."""
    client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "sound-budget",
            "BudgetLimit": {"Amount": "100", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        },
        NotificationsWithSubscribers=[
            {
                "Notification": {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 100.0},
                "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "team@example.com"}],
            }
        ],
    )
