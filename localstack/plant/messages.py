"""Queues, topics, rules of events and state machines."""

import json

from . import ACCOUNT, OWNED, STRANGER, client, pairs


def policy(*statements):
    """A resource policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal, action, resource, **condition):
    """One statement that allows."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def plant(region):
    """All of them."""
    queues(region)
    topics(region)
    rules(region)
    machines(region)


def queues(region):
    """A sound queue with its dead-letter queue, one without any care, one that anyone may send to, and one
    that S3 may send to on anybody's behalf."""
    sqs = client("sqs", region)
    arn = f"arn:aws:sqs:{region}:{ACCOUNT}:"
    letters = sqs.create_queue(QueueName="dead-letters", Attributes={"SqsManagedSseEnabled": "true"}, tags=OWNED)
    sqs.send_message(QueueUrl=letters["QueueUrl"], MessageBody="an order that could not be worked on")
    sqs.create_queue(
        QueueName="sound-queue",
        tags=OWNED,
        Attributes={
            "SqsManagedSseEnabled": "true",
            "ReceiveMessageWaitTimeSeconds": "20",
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn + "dead-letters", "maxReceiveCount": 5}),
            "Policy": policy(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "sqs:*",
                    "Resource": arn + "sound-queue",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ),
        },
    )
    sqs.create_queue(QueueName="careless-queue", Attributes={"SqsManagedSseEnabled": "false"})
    sqs.create_queue(
        QueueName="open-queue",
        Attributes={"Policy": policy(allow("*", "sqs:SendMessage", arn + "open-queue"))},
    )
    sqs.create_queue(
        QueueName="deputy-queue",
        Attributes={
            "Policy": policy(
                allow({"Service": "s3.amazonaws.com"}, "sqs:SendMessage", arn + "deputy-queue",
                      ArnLike={"aws:SourceArn": "arn:aws:s3:::some-bucket"})
            )
        },
    )


def topics(region):
    """A sound topic with a subscriber, one that anyone may publish to, and one that nobody hears."""
    sns = client("sns", region)
    arn = f"arn:aws:sns:{region}:{ACCOUNT}:"
    sound = sns.create_topic(Name="sound-topic", Attributes={"KmsMasterKeyId": "alias/aws/sns"}, Tags=pairs(OWNED))
    subscription = sns.subscribe(
        TopicArn=sound["TopicArn"],
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{region}:{ACCOUNT}:sound-queue",
        ReturnSubscriptionArn=True,
    )
    sns.set_subscription_attributes(
        SubscriptionArn=subscription["SubscriptionArn"],
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{region}:{ACCOUNT}:dead-letters"}),
    )
    sns.create_topic(Name="unheard-topic")
    sns.create_topic(
        Name="open-topic", Attributes={"Policy": policy(allow("*", "sns:Publish", arn + "open-topic"))}
    )


def rules(region):
    """A rule with a target and its dead-letter queue, one without, and one that leads to nothing."""
    events = client("events", region)
    pattern = json.dumps({"source": ["aws.health"]})
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:{region}:{ACCOUNT}:sound-queue"}
    letters = {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{region}:{ACCOUNT}:dead-letters"}}
    for name, targets in [
        ("health-notices", [{**target, **letters}]),
        ("lossy-rule", [target]),
        ("leads-nowhere", []),
    ]:
        events.put_rule(Name=name, EventPattern=pattern, State="ENABLED")
        if targets:
            events.put_targets(Rule=name, Targets=targets)


def machines(region):
    """A state machine that logs and ends, and one that does neither."""
    states = client("stepfunctions", region)
    wait = {"Type": "Pass", "End": True}
    role = f"arn:aws:iam::{ACCOUNT}:role/app-reader"
    logs = client("logs", region)
    logs.create_log_group(logGroupName="/machines/sound")
    logs.put_retention_policy(logGroupName="/machines/sound", retentionInDays=400)
    states.create_state_machine(
        name="sound-machine",
        roleArn=role,
        definition=json.dumps({"StartAt": "A", "TimeoutSeconds": 60, "States": {"A": wait}}),
        loggingConfiguration={
            "level": "ERROR",
            "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/machines/sound:*"}}
            ],
        },
        tracingConfiguration={"enabled": True},
        tags=[{"key": key, "value": value} for key, value in OWNED.items()],
    )
    states.create_state_machine(
        name="careless-machine", roleArn=role, definition=json.dumps({"StartAt": "A", "States": {"A": wait}})
    )


__all__ = ["STRANGER", "allow", "plant", "policy"]
