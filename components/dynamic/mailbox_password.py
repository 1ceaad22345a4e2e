"""The password of one mailbox or master user, and its hash.

A hash has a random salt: made anew at each ``up`` it would change the accounts file each
time. So it lives in the state and is remade only when the password changes. A password that
the stack file does not give is generated once and stays.
"""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from mail.password import generate_password, hash_password, is_hash


def _outputs(login: str, given: str | None) -> dict[str, Any]:
    if given is not None and is_hash(given):
        # Whoever brings a hash keeps the password to themselves.
        return {"login": login, "given": given, "password": "", "hash": given}
    plain = given if given is not None else generate_password()
    return {
        "login": login,
        "given": given,
        "password": plain,
        "hash": hash_password(plain),
    }


class MailboxPasswordProvider(ResourceProvider):
    """Hashes or generates. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Hash the given password, or generate one."""
        return CreateResult(props["login"], _outputs(props["login"], props.get("given")))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A new password is an update; another login is another resource."""
        replaces = ["login"] if olds.get("login") != news.get("login") else []
        rotated = olds.get("given") != news.get("given")
        return DiffResult(changes=bool(replaces) or rotated, replaces=replaces)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Hash the new password; where it is no longer given, generate one."""
        return UpdateResult(_outputs(news["login"], news.get("given")))


class MailboxPassword(Resource, module="mailstack", name="MailboxPassword"):
    """A login's password and hash, both secret."""

    password: pulumi.Output[str]
    """The password in plain, for the stack's secret outputs; empty when a hash was given."""
    hash: pulumi.Output[str]
    """``{SCHEME}hash`` as Dovecot reads it."""

    def __init__(
        self,
        name: str,
        *,
        login: str,
        given: pulumi.Input[str] | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register it; ``given`` is a password, a ``{SCHEME}hash``, or None to generate."""
        props = {"login": login, "given": given, "password": None, "hash": None}
        secret = pulumi.ResourceOptions(additional_secret_outputs=["given", "password", "hash"])
        super().__init__(
            MailboxPasswordProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret)
        )
