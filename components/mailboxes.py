"""The logins: a password and a hash for each mailbox and master user."""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
from pydantic import SecretStr

from components.dynamic.mailbox_password import MailboxPassword


@dataclass(frozen=True, kw_only=True)
class Login:
    """A login name with the password that the stack file gives, if it does."""

    name: str
    password: SecretStr | None


class Mailboxes(pulumi.ComponentResource):
    """Passwords and hashes, by login."""

    passwords: dict[str, pulumi.Output[str]]
    """In plain, for the stack's secret outputs; empty where the stack file gives a hash."""
    hashes: dict[str, pulumi.Output[str]]
    """As Dovecot reads them."""

    def __init__(
        self, name: str, *, logins: Iterable[Login], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mailstack:mail:Mailboxes", name, None, opts)
        self.passwords, self.hashes = {}, {}
        for login in logins:
            given = login.password
            made = MailboxPassword(
                login.name,
                login=login.name,
                given=pulumi.Output.secret(given.get_secret_value()) if given else None,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.passwords[login.name] = made.password
            self.hashes[login.name] = made.hash
        self.register_outputs({})
