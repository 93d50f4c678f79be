"""What faces the internet: distributions, zones, APIs and firewalls."""

from . import OWNED, client, pairs


def plant(region):
    """All of them."""
    distributions()
    zones()
    apis(region)
    firewalls(region)


def distributions():
    """A distribution that redirects to HTTPS and logs, and one that does neither."""
    cloudfront = client("cloudfront")
    for name, policy, logs in (("sound", "redirect-to-https", True), ("careless", "allow-all", False)):
        cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags={
                "DistributionConfig": {
                    "CallerReference": name,
                    "Comment": name,
                    "Enabled": True,
                    "DefaultRootObject": "index.html" if logs else "",
                    "Logging": {"Enabled": logs, "IncludeCookies": False, "Bucket": "sound.s3.amazonaws.com" if logs else "", "Prefix": ""},
                    "Origins": {
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "web",
                                "DomainName": "origin.example.com",
                                "CustomOriginConfig": {
                                    "HTTPPort": 80,
                                    "HTTPSPort": 443,
                                    "OriginProtocolPolicy": "https-only" if logs else "http-only",
                                },
                            }
                        ],
                    },
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "web",
                        "ViewerProtocolPolicy": policy,
                        "Compress": logs,
                        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                        "MinTTL": 0,
                    },
                },
                "Tags": {"Items": pairs({"Name": name})},
            }
        )


def zones():
    """A zone with a failover record that is tied to a health check, and one that is not."""
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="zone")["HostedZone"]["Id"]
    check = route53.create_health_check(
        CallerReference="check",
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "shop.example.com", "Port": 443},
    )["HealthCheck"]["Id"]

    def record(name, **more):
        return {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": name,
                "Type": "A",
                "TTL": 60,
                "Failover": "PRIMARY",
                "SetIdentifier": name,
                "ResourceRecords": [{"Value": "203.0.113.10"}],
                **more,
            },
        }

    route53.change_resource_record_sets(
        HostedZoneId=zone,
        ChangeBatch={
            "Changes": [
                record("checked.example.com", HealthCheckId=check),
                record("unchecked.example.com"),
            ]
        },
    )


def apis(region):
    """A REST API with a stage whose variables hold a secret, and an HTTP API without authorization."""
    rest = client("apigateway", region)
    api = rest.create_rest_api(name="careless-api", tags=OWNED)["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    rest.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    rest.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = rest.create_deployment(restApiId=api)["id"]
    rest.create_stage(
        restApiId=api,
        stageName="careless-stage",
        deploymentId=deployment,
        variables={"DB_PASSWORD": "correct-horse-battery-staple"},
    )
    rest.create_stage(restApiId=api, stageName="sound-stage", deploymentId=deployment, tracingEnabled=True)
    http = client("apigatewayv2", region)
    for name, kind in (("sound-http-api", "AWS_IAM"), ("open-http-api", "NONE")):
        made = http.create_api(Name=name, ProtocolType="HTTP", Tags=OWNED)["ApiId"]
        http.create_route(ApiId=made, RouteKey="GET /orders", AuthorizationType=kind)
        http.create_stage(ApiId=made, StageName=f"{name}-stage")


def firewalls(region):
    """A web ACL with rules, and one without."""
    waf = client("wafv2", region)
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
    rule = {
        "Name": "rate",
        "Priority": 1,
        "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
        "Action": {"Block": {}},
        "VisibilityConfig": seen,
    }
    for name, rules in (("sound-acl", [rule]), ("empty-acl", [])):
        waf.create_web_acl(
            Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=rules, VisibilityConfig=seen
        )
