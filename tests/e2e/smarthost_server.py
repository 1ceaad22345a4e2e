"""Runs inside the smarthost's container: an SMTP server that keeps what it is given.

It takes mail only over TLS and after a login, as real smarthosts do, and writes each message to
stdout as one line of JSON. Arguments: certificate chain with key (PEM file), port, and the
logins: user → password in JSON.
"""

import json
import signal
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class _Keep:
    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content, login = envelope.content, session.auth_data
        assert isinstance(login, LoginPassword)
        kept = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "encrypted": session.ssl is not None,
            "login": login.login.decode(),
            "content": content.decode("latin-1") if isinstance(content, bytes) else content,
        }
        print(json.dumps(kept), flush=True)  # noqa: T201 - the test reads the container's log
        return "250 kept"


def main(certificate: str, port: str, logins: str) -> None:
    known = {
        LoginPassword(user.encode(), password.encode())
        for user, password in json.loads(logins).items()
    }
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        return AuthResult(success=given in known, auth_data=given)

    Controller(
        _Keep(),
        hostname="0.0.0.0",  # of its container, which publishes nothing
        port=int(port),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    ).start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
