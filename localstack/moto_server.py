"""moto's server, with the holes filled that an audit falls into.

- What moto lacks is answered with 501. moto says 500, which SDKs take for a passing fault and try
  again for half a minute; LocalStack, and AWS in a region without an operation, say it at once.
- DescribeSnapshots honours RestorableByUserIds=all. moto ignores it, so every snapshot would be public.
- GetAccountAuthorizationDetails lists those AWS managed policies that are attached, as AWS does. moto
  lists all 1,500.
- The credential report has a row for the root user, as AWS's has: MFA on, last used long ago.
"""

import sys

from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from moto.iam.models import IAMBackend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import run_simple

ERROR = """<?xml version="1.0" encoding="UTF-8"?>
<ErrorResponse><Errors><Error><Code>{code}</Code><Message>not emulated</Message></Error></Errors>
<Error><Code>{code}</Code><Message>not emulated</Message></Error></ErrorResponse>"""

ROOT = (
    "<root_account>,arn:aws:iam::{account}:root,2020-01-01T00:00:00+00:00,not_supported,"
    "2021-01-01T00:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,"
    "false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
)


def not_implemented(_error):
    """The answer to an operation that moto does not have, in the form of the query protocols."""
    return ERROR.format(code="NotImplemented"), 501, {"Content-Type": "text/xml"}


def application(service):
    """moto's application for one service."""
    app = create_backend_app(service)
    app.register_error_handler(NotImplementedError, not_implemented)
    return app


def fill_snapshots():
    """Makes DescribeSnapshots honour RestorableByUserIds=all."""
    whole = ElasticBlockStore.describe_snapshots

    def describe_snapshots(self):
        answer = whole(self)
        if "all" in self._get_param("RestorableByUserIds", []):
            public = [s for s in answer.result["Snapshots"] if "all" in s.create_volume_permission_groups]
            answer.result["Snapshots"] = public
        return answer

    ElasticBlockStore.describe_snapshots = describe_snapshots


def fill_iam():
    """Leaves out AWS managed policies that nothing uses, and adds the root user's row."""
    whole = IAMBackend.get_account_authorization_details

    def get_account_authorization_details(self, policy_filter):
        details = whole(self, policy_filter)
        aws = set(self.aws_managed_policies)
        details["managed_policies"] = [
            p for p in details["managed_policies"] if p not in aws or p.attachment_count
        ]
        return details

    report = IAMBackend.get_credential_report

    def get_credential_report(self):
        header, *rows = report(self).splitlines(keepends=True)
        return "".join([header, ROOT.format(account=self.account_id), *rows])

    IAMBackend.get_account_authorization_details = get_account_authorization_details
    IAMBackend.get_credential_report = get_credential_report


if __name__ == "__main__":
    host, port = sys.argv[1:]
    fill_snapshots()
    fill_iam()
    run_simple(
        host,
        int(port),
        DomainDispatcherApplication(application),
        threaded=True,
        request_handler=MotoRequestHandler,
    )
