"""VPCs with subnets, gateways, routes, network ACLs and security groups."""

from . import client, tagged

WORLD = "0.0.0.0/0"
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]
"""The world again, as two ranges that no comparison with 0.0.0.0/0 finds."""
OFFICE = "203.0.113.0/24"


class Nets:
    """What the other modules need of a region's networks, by name."""

    def __init__(self):
        self.vpcs = {}
        self.subnets = {}
        self.groups = {}
        self.gateways = {}


def plant(region):
    """The VPC `main`, which is right, and `bare`, which is not."""
    ec2 = client("ec2", region)
    nets = Nets()
    vpc(ec2, nets, "main", "10.0.0.0/16")
    vpc(ec2, nets, "bare", "10.1.0.0/16")
    for name, owner, block, zone in [
        ("public-a", "main", "10.0.0.0/24", "a"),
        ("public-b", "main", "10.0.1.0/24", "b"),
        ("private-a", "main", "10.0.10.0/24", "a"),
        ("private-b", "main", "10.0.11.0/24", "b"),
        ("private-far", "main", "10.0.12.0/24", "b"),
        ("bare-only", "bare", "10.1.0.0/24", "a"),
        ("bare-private", "bare", "10.1.1.0/24", "a"),
        ("walled", "main", "10.0.20.0/24", "a"),
        ("tight", "main", "10.0.30.0/28", "a"),
    ]:
        answer = ec2.create_subnet(
            VpcId=nets.vpcs[owner],
            CidrBlock=block,
            AvailabilityZone=f"{region}{zone}",
            TagSpecifications=tagged("subnet", name),
        )
        nets.subnets[name] = answer["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=nets.subnets["bare-only"], MapPublicIpOnLaunch={"Value": True})
    route(ec2, nets, region)
    wall(ec2, nets)
    ec2.create_flow_logs(
        ResourceIds=[nets.vpcs["main"]],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="flow-logs",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow-logs",
        TagSpecifications=tagged("vpc-flow-log", "main"),
    )
    groups(ec2, nets)
    return nets


def plant_small(region):
    """One VPC with two private subnets, for databases."""
    ec2 = client("ec2", region)
    nets = Nets()
    vpc(ec2, nets, "second", "10.8.0.0/16")
    for zone, block in (("a", "10.8.0.0/24"), ("b", "10.8.1.0/24")):
        answer = ec2.create_subnet(
            VpcId=nets.vpcs["second"],
            CidrBlock=block,
            AvailabilityZone=f"{region}{zone}",
            TagSpecifications=tagged("subnet", f"private-{zone}"),
        )
        nets.subnets[f"private-{zone}"] = answer["Subnet"]["SubnetId"]
    group(ec2, nets, "database", "second", [(5432, 5432, ["10.8.0.0/16"])])
    return nets


def vpc(ec2, nets, name, block):
    """A VPC with an internet gateway."""
    made = ec2.create_vpc(CidrBlock=block, TagSpecifications=tagged("vpc", name))["Vpc"]["VpcId"]
    nets.vpcs[name] = made
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", name))
    nets.gateways[name] = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=nets.gateways[name], VpcId=made)


def table(ec2, nets, name, owner, subnets):
    """A route table for some subnets."""
    made = ec2.create_route_table(VpcId=nets.vpcs[owner], TagSpecifications=tagged("route-table", name))
    identifier = made["RouteTable"]["RouteTableId"]
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=identifier, SubnetId=nets.subnets[subnet])
    return identifier


def nat(ec2, nets, name, subnet):
    """A NAT gateway with an address."""
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", name))
    made = ec2.create_nat_gateway(
        SubnetId=nets.subnets[subnet],
        AllocationId=address["AllocationId"],
        TagSpecifications=tagged("natgateway", name),
    )
    nets.gateways[name] = made["NatGateway"]["NatGatewayId"]
    return nets.gateways[name]


def route(ec2, nets, region):
    """`main` has a NAT gateway in each zone and an endpoint for S3; `bare` one NAT gateway and none."""
    public = table(ec2, nets, "main-public", "main", ["public-a", "public-b", "walled", "tight"])
    bare = table(ec2, nets, "bare-public", "bare", ["bare-only"])
    for identifier, owner in ((public, "main"), (bare, "bare")):
        ec2.create_route(RouteTableId=identifier, DestinationCidrBlock=WORLD, GatewayId=nets.gateways[owner])
    inside = []
    for name, owner, subnet, gateway, near in [
        ("main-private-a", "main", "private-a", "nat-busy", "public-a"),
        ("main-private-b", "main", "private-b", "nat-idle", "public-b"),
        ("bare-private", "bare", "bare-private", "nat-bare", "bare-only"),
    ]:
        identifier = table(ec2, nets, name, owner, [subnet])
        ec2.create_route(
            RouteTableId=identifier, DestinationCidrBlock=WORLD, NatGatewayId=nat(ec2, nets, gateway, near)
        )
        inside.append(identifier)
    # In zone b, behind the NAT gateway of zone a.
    ec2.associate_route_table(RouteTableId=inside[0], SubnetId=nets.subnets["private-far"])
    ec2.create_vpc_endpoint(
        VpcId=nets.vpcs["main"],
        ServiceName=f"com.amazonaws.{region}.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=[public, *inside[:2]],
        TagSpecifications=tagged("vpc-endpoint", "main-s3"),
    )
    # A service that heeds endpoint policies, and one that does not.
    for service in ("ssm", "codepipeline"):
        ec2.create_vpc_endpoint(
            VpcId=nets.vpcs["main"],
            ServiceName=f"com.amazonaws.{region}.{service}",
            VpcEndpointType="Interface",
            SubnetIds=[nets.subnets["private-a"], nets.subnets["private-b"]],
            TagSpecifications=tagged("vpc-endpoint", f"main-{service}"),
        )


def wall(ec2, nets):
    """A subnet behind a network ACL that lets nothing but HTTPS in."""
    made = ec2.create_network_acl(VpcId=nets.vpcs["main"], TagSpecifications=tagged("network-acl", "https-only"))
    identifier = made["NetworkAcl"]["NetworkAclId"]
    for egress in (False, True):
        ec2.create_network_acl_entry(
            NetworkAclId=identifier,
            RuleNumber=100,
            Protocol="-1" if egress else "6",
            RuleAction="allow",
            Egress=egress,
            CidrBlock=WORLD,
            **({} if egress else {"PortRange": {"From": 443, "To": 443}}),
        )
    filters = [{"Name": "association.subnet-id", "Values": [nets.subnets["walled"]]}]
    for acl in ec2.describe_network_acls(Filters=filters)["NetworkAcls"]:
        for association in acl["Associations"]:
            if association["SubnetId"] == nets.subnets["walled"]:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=identifier
                )


def group(ec2, nets, name, owner, rules, description="Planted"):
    """A security group with rules: from port, to port, ranges; a port of None is all traffic."""
    made = ec2.create_security_group(
        GroupName=name,
        Description=description,
        VpcId=nets.vpcs[owner],
        TagSpecifications=tagged("security-group", name),
    )
    nets.groups[name] = made["GroupId"]
    permissions = []
    for low, high, sources in rules:
        rule = {"IpProtocol": "-1"} if low is None else {"IpProtocol": "tcp", "FromPort": low, "ToPort": high}
        rule["IpRanges"] = [{"CidrIp": s} for s in sources if "." in s]
        rule["Ipv6Ranges"] = [{"CidrIpv6": s} for s in sources if ":" in s]
        rule["PrefixListIds"] = [{"PrefixListId": s} for s in sources if s.startswith("pl-")]
        permissions.append(rule)
    if permissions:
        ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=permissions)


def groups(ec2, nets):
    """Security groups that are open in every way there is, and their narrow twins."""
    everyone = ec2.create_managed_prefix_list(
        PrefixListName="everyone",
        MaxEntries=2,
        AddressFamily="IPv4",
        Entries=[{"Cidr": half} for half in HALVES],
        TagSpecifications=tagged("prefix-list", "everyone"),
    )["PrefixList"]["PrefixListId"]
    for name, rules in {
        "ssh-world": [(22, 22, [WORLD])],
        "ssh-halves": [(22, 22, HALVES)],
        "ssh-prefix-list": [(22, 22, [everyone])],
        "ssh-in-range": [(20, 30, [WORLD])],
        "ssh-office": [(22, 22, [OFFICE])],
        "rdp-ipv6": [(3389, 3389, ["::/0"])],
        "mysql-world": [(3306, 3306, [WORLD])],
        "mysql-vpc": [(3306, 3306, ["10.0.0.0/16"])],
        "all-traffic": [(None, None, [WORLD])],
        "all-ports": [(0, 65535, [WORLD])],
        "web": [(443, 443, [WORLD]), (80, 80, [WORLD])],
        "telnet-world": [(23, 23, [WORLD])],
        "database": [(5432, 5432, ["10.0.0.0/16"])],
        "unused-group": [(443, 443, [OFFICE])],
        "template-group": [(443, 443, [OFFICE])],
        "sprawling-permission": [(443, 443, [f"198.51.100.{n}/32" for n in range(1, 56)])],
    }.items():
        group(ec2, nets, name, "main", rules)
    group(ec2, nets, "bare-ssh", "bare", [(22, 22, [WORLD])])
    ec2.create_launch_template(
        LaunchTemplateName="batch", LaunchTemplateData={"SecurityGroupIds": [nets.groups["template-group"]]}
    )
