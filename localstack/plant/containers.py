"""Repositories of images, clusters of containers and of Kubernetes."""

import json

from . import ACCOUNT, OWNED, client, pairs
from .messages import allow, policy


def plant(region, nets):
    """All of them."""
    repositories(region)
    services(region, nets)
    kubernetes(region, nets)


def repositories(region):
    """A repository whose tags stay and whose old images go, and one that anyone may pull from."""
    ecr = client("ecr", region)
    ecr.create_repository(repositoryName="sound-images", imageTagMutability="IMMUTABLE", tags=pairs(OWNED))
    ecr.put_lifecycle_policy(
        repositoryName="sound-images",
        lifecyclePolicyText=json.dumps(
            {
                "rules": [
                    {
                        "rulePriority": 1,
                        "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7},
                        "action": {"type": "expire"},
                    }
                ]
            }
        ),
    )
    ecr.create_repository(repositoryName="open-images")
    ecr.set_repository_policy(
        repositoryName="open-images", policyText=policy(allow("*", "ecr:BatchGetImage", "*"))
    )


def services(region, nets):
    """A service over two zones that rolls back, and one that does neither and has public addresses."""
    ecs = client("ecs", region)
    ecs.create_cluster(
        clusterName="sound-cluster-of-containers",
        settings=[{"name": "containerInsights", "value": "enhanced"}],
        tags=[{"key": key, "value": value} for key, value in OWNED.items()],
    )
    logs = {"logDriver": "awslogs", "options": {"awslogs-group": "/tasks", "awslogs-region": region}}
    container = {"name": "web", "image": "web:1", "memory": 128}
    ecs.register_task_definition(
        family="sound-task",
        runtimePlatform={"cpuArchitecture": "ARM64"},
        containerDefinitions=[{**container, "logConfiguration": logs, "readonlyRootFilesystem": True}],
    )
    ecs.register_task_definition(
        family="careless-task",
        pidMode="host",
        containerDefinitions=[
            {
                **container,
                "privileged": True,
                "environment": [{"name": "DB_PASSWORD", "value": "correct-horse-battery-staple"}],
            }
        ],
    )
    for name, subnets, address, rollback in [
        ("sound-service", ["private-a", "private-b"], "DISABLED", True),
        ("careless-service", ["bare-only"], "ENABLED", False),
    ]:
        ecs.create_service(
            cluster="sound-cluster-of-containers",
            serviceName=name,
            taskDefinition="sound-task" if rollback else "careless-task",
            desiredCount=2,
            launchType="FARGATE",
            platformVersion="LATEST" if rollback else "1.3.0",
            propagateTags="SERVICE" if rollback else "NONE",
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": [nets.subnets[subnet] for subnet in subnets],
                    "securityGroups": [nets.groups["web"]],
                    "assignPublicIp": address,
                }
            },
            deploymentConfiguration={"deploymentCircuitBreaker": {"enable": rollback, "rollback": rollback}},
        )


def kubernetes(region, nets):
    """A cluster that is closed, and one that is open to the internet; node groups in two zones and in one."""
    eks = client("eks", region)
    role = f"arn:aws:iam::{ACCOUNT}:role/app-reader"
    for name, sound in (("sound-kubernetes", True), ("careless-kubernetes", False)):
        network = {
            "subnetIds": [nets.subnets["private-a"], nets.subnets["private-b"]],
            "endpointPublicAccess": not sound,
            "endpointPrivateAccess": sound,
        }
        if not sound:
            network["publicAccessCidrs"] = ["0.0.0.0/0"]
        settings = {"encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": f"arn:aws:kms:{region}:{ACCOUNT}:key/1"}}]} if sound else {}
        eks.create_cluster(
            name=name,
            version="1.34" if sound else "1.29",
            roleArn=role,
            resourcesVpcConfig=network,
            logging={"clusterLogging": [{"types": ["api", "audit", "authenticator"], "enabled": sound}]},
            tags=OWNED,
            **settings,
        )
    for name, subnets in (("sound-nodes", ["private-a", "private-b"]), ("single-zone-nodes", ["private-a"])):
        eks.create_nodegroup(
            clusterName="sound-kubernetes",
            nodegroupName=name,
            nodeRole=role,
            instanceTypes=["m7g.large"],
            subnets=[nets.subnets[subnet] for subnet in subnets],
        )
