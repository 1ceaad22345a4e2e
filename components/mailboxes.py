"""The logins: a password and a hash for each mailbox and master user."""

import pulumi

from components.dynamic.mailbox_password import MailboxPassword
from settings import Settings


class Mailboxes(pulumi.ComponentResource):
    """Passwords and hashes, by login."""

    passwords: dict[str, pulumi.Output[str]]
    """In plain, for the stack's secret outputs; empty where the stack file gives a hash."""
    hashes: dict[str, pulumi.Output[str]]
    """As Dovecot reads them."""

    def __init__(
        self, name: str, *, settings: Settings, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mailstack:mail:Mailboxes", name, None, opts)
        self.passwords, self.hashes = {}, {}
        logins = {box.address: box.password for box in settings.mailboxes}
        logins |= {login: master.password for login, master in settings.server.masters.items()}
        for login, given in logins.items():
            made = MailboxPassword(
                login,
                login=login,
                given=pulumi.Output.secret(given.get_secret_value()) if given else None,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.passwords[login] = made.password
            self.hashes[login] = made.hash
        self.register_outputs({})
