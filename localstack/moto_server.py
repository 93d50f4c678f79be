"""moto's server, except that what moto lacks is answered with 501.

moto answers 500 there, which SDKs take for a passing fault and try again for half a minute.
LocalStack, and AWS in a region without an operation, say at once that it is not offered.
"""

import sys

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import run_simple

ERROR = """<?xml version="1.0" encoding="UTF-8"?>
<ErrorResponse><Errors><Error><Code>{code}</Code><Message>not emulated</Message></Error></Errors>
<Error><Code>{code}</Code><Message>not emulated</Message></Error></ErrorResponse>"""


def not_implemented(_error):
    """The answer to an operation that moto does not have, in the form of the query protocols."""
    return ERROR.format(code="NotImplemented"), 501, {"Content-Type": "text/xml"}


def application(service):
    """moto's application for one service."""
    app = create_backend_app(service)
    app.register_error_handler(NotImplementedError, not_implemented)
    return app


if __name__ == "__main__":
    host, port = sys.argv[1:]
    run_simple(
        host,
        int(port),
        DomainDispatcherApplication(application),
        threaded=True,
        request_handler=MotoRequestHandler,
    )
