"""CloudWatch alarms and the SNS topics they tell."""

from . import ACCOUNT, OWNED, client, pairs

RUNBOOK = "Disk fills up. Runbook: https://runbooks.example.com/disk"


def plant(region, _nets, machines, _databases):
    """Alarms that tell somebody, and alarms that tell nobody."""
    sns = client("sns", region)
    heard = sns.create_topic(Name="heard")["TopicArn"]
    # Subscriptions of queues confirm themselves; those of mailboxes wait for a click.
    queue = f"arn:aws:sqs:{region}:{ACCOUNT}:pager"
    client("sqs", region).create_queue(QueueName="pager")
    sns.subscribe(TopicArn=heard, Protocol="sqs", Endpoint=queue)
    unheard = sns.create_topic(Name="unheard")["TopicArn"]
    sns.subscribe(TopicArn=unheard, Protocol="email", Endpoint="on-call@example.com")
    gone = f"arn:aws:sns:{region}:{ACCOUNT}:deleted"
    function = f"arn:aws:lambda:{region}:{ACCOUNT}:function"
    scaling = f"arn:aws:autoscaling:{region}:{ACCOUNT}:scalingPolicy:1:autoScalingGroupName/shop:policyName/out"
    for name, actions, rest in [
        ("sound-alarm", [heard], {}),
        ("no-action", [], {}),
        ("topic-gone", [gone], {}),
        ("topic-unheard", [unheard], {}),
        ("calls-function", [f"{function}:sound-function"], {}),
        ("function-gone", [f"{function}:deleted"], {}),
        ("scales", [scaling], {}),
        ("actions-disabled", [heard], {"ActionsEnabled": False}),
        ("no-runbook", [heard], {"AlarmDescription": "Disk fills up."}),
    ]:
        alarm(region, name, actions, machines["sound"], **rest)
    alarm(
        region,
        "database-full",
        [heard],
        None,
        Namespace="AWS/RDS",
        MetricName="FreeStorageSpace",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "sound-database"}],
        Threshold=10 * 2.0**30,
        ComparisonOperator="LessThanThreshold",
    )


def alarm(region, name, actions, machine, **rest):
    """One alarm on the processor of a machine."""
    settings = {
        "AlarmDescription": RUNBOOK,
        "ActionsEnabled": True,
        "AlarmActions": actions,
        "MetricName": "CPUUtilization",
        "Namespace": "AWS/EC2",
        "Statistic": "Average",
        "Dimensions": [{"Name": "InstanceId", "Value": machine}],
        "Period": 300,
        "EvaluationPeriods": 3,
        "Threshold": 90.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **rest,
    }
    cloudwatch = client("cloudwatch", region)
    cloudwatch.put_metric_alarm(AlarmName=name, **settings)
    # Not with the alarm: LocalStack keeps tags in it, and then cannot write it out as CBOR.
    arn = f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{name}"
    cloudwatch.tag_resource(ResourceARN=arn, Tags=pairs(OWNED))
