"""A mail server on loopback: STARTTLS, and one user. Prints its port, and each e-mail as a line of JSON.

    python smtp_server.py CERTIFICATE KEY USER PASSWORD
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Printer:
    """Takes every e-mail."""

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "subject": mail["subject"],
            "id": mail["message-id"],
            "text": mail.get_content(),
        }
        print(json.dumps(told), flush=True)
        return "250 OK"


async def main():
    certificate, key, user, password = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    login = (user.encode(), password.encode())

    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == login, handled=False)

    def smtp():
        return SMTP(
            Printer(),
            hostname="localhost",
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )

    server = await asyncio.get_running_loop().create_server(smtp, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
