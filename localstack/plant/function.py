"""Lambda functions. LocalStack keeps them without running any, so that no Docker is needed."""

import io
import zipfile

from . import ACCOUNT, OWNED, client

PASSWORD = "correct-horse-battery-staple"
"""Must be nowhere in what the program writes."""


def plant(region):
    """A sound function, one with every flaw that needs no traffic, and one that an organization may call."""
    sound = create(
        region,
        "sound-function",
        Runtime="python3.13",
        Architectures=["arm64"],
        TracingConfig={"Mode": "Active"},
        Environment={"Variables": {"STAGE": "production"}},
        Tags=OWNED,
    )
    functions = client("lambda", region)
    functions.put_function_concurrency(FunctionName=sound, ReservedConcurrentExecutions=10)
    functions.put_function_event_invoke_config(
        FunctionName=sound,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:{region}:{ACCOUNT}:pager"}},
    )
    functions.create_function_url_config(FunctionName=sound, AuthType="AWS_IAM")
    functions.add_permission(
        FunctionName=sound,
        StatementId="uploads",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::sound",
        SourceAccount=ACCOUNT,
    )

    careless = create(
        region,
        "careless-function",
        Runtime="python3.9",
        Architectures=["x86_64"],
        Environment={"Variables": {"DB_PASSWORD": PASSWORD}},
    )
    functions.add_permission(
        FunctionName=careless, StatementId="all", Action="lambda:InvokeFunction", Principal="*"
    )
    functions.add_permission(
        FunctionName=careless,
        StatementId="uploads",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::sound",
    )
    functions.create_function_url_config(
        FunctionName=careless, AuthType="NONE", Cors={"AllowOrigins": ["*"]}
    )

    shared = create(region, "shared-function", Runtime="python3.13", Architectures=["arm64"])
    functions.add_permission(
        FunctionName=shared,
        StatementId="organization",
        Action="lambda:InvokeFunction",
        Principal="*",
        PrincipalOrgID="o-abcdefghij",
    )


def create(region, name, **settings):
    """One function; the name."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return None\n")
    client("lambda", region).create_function(
        FunctionName=name,
        Role=f"arn:aws:iam::{ACCOUNT}:role/app-reader",
        Handler="index.handler",
        Code={"ZipFile": package.getvalue()},
        **settings,
    )
    return name
