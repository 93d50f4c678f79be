"""Load balancers, and groups that scale."""

from . import OWNED, client, pairs


def plant(region, nets):
    """All of them."""
    balancers(region, nets)
    classic(region, nets)
    groups(region, nets)


def balancers(region, nets):
    """A load balancer that redirects to HTTPS, one on the internet that takes plain requests, and one that
    leads nowhere."""
    elb = client("elbv2", region)

    def create(name, scheme, subnets):
        made = elb.create_load_balancer(
            Name=name,
            Subnets=[nets.subnets[subnet] for subnet in subnets],
            Scheme=scheme,
            Type="application",
            Tags=pairs(OWNED),
        )
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    sound = create("sound-balancer", "internet-facing", ["public-a", "public-b"])
    plain = create("plain-balancer", "internet-facing", ["public-a", "public-b"])
    create("idle-balancer", "internal", ["private-a", "private-b"])
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=sound,
        Attributes=[
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        ],
    )
    group = elb.create_target_group(
        Name="sound-targets", Protocol="HTTP", Port=80, VpcId=nets.vpcs["main"], TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.create_target_group(
        Name="unused-targets", Protocol="HTTP", Port=80, VpcId=nets.vpcs["main"], TargetType="ip"
    )
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    elb.create_listener(LoadBalancerArn=sound, Protocol="HTTP", Port=80, DefaultActions=[redirect])
    forward = {"Type": "forward", "TargetGroupArn": group}
    elb.create_listener(LoadBalancerArn=plain, Protocol="HTTP", Port=80, DefaultActions=[forward])


def classic(region, nets):
    """A classic load balancer that is left over."""
    client("elb", region).create_load_balancer(
        LoadBalancerName="left-over",
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80, "InstanceProtocol": "HTTP"}],
        Subnets=[nets.subnets["public-a"]],
    )


def groups(region, nets):
    """A group over two zones that scales, and one in one zone from a launch configuration."""
    scaling = client("autoscaling", region)
    ec2 = client("ec2", region)
    template = ec2.create_launch_template(
        LaunchTemplateName="scaling-template",
        LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "m7g.large", "MetadataOptions": {"HttpTokens": "required"}},
    )["LaunchTemplate"]["LaunchTemplateId"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="sound-group",
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=0,
        VPCZoneIdentifier=",".join([nets.subnets["private-a"], nets.subnets["private-b"]]),
    )
    scaling.put_scaling_policy(
        AutoScalingGroupName="sound-group",
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 50.0,
        },
    )
    scaling.create_launch_configuration(
        LaunchConfigurationName="old-configuration",
        ImageId="ami-12c6146b",
        InstanceType="m5.large",
        AssociatePublicIpAddress=True,
        UserData="export DB_PASSWORD=correct-horse-battery-staple",
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="careless-group",
        LaunchConfigurationName="old-configuration",
        MinSize=0,
        MaxSize=2,
        DesiredCapacity=0,
        VPCZoneIdentifier=nets.subnets["bare-only"],
    )
