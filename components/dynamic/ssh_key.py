"""An Ed25519 SSH key pair that lives in the stack's state.

Used twice for a VPS: as its host key, so that the first connection is already pinned (no
trust on first use), and as the key that logs in where the user gave none.
"""

from typing import Any

import pulumi
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class SshKeyProvider(ResourceProvider):
    """Makes the key. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Generate the key pair."""
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        outs = {
            "purpose": props["purpose"],
            "private_key": private.decode(),
            "public_key": public.decode(),
        }
        return CreateResult(props["purpose"], outs)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Never: a key changes only when somebody replaces it on purpose."""
        return DiffResult(changes=False)

    def update(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keep what is there: the default would wipe the outputs, and with them the key."""
        return UpdateResult(olds)


class SshKey(Resource, module="mailstack", name="SshKey"):
    """An Ed25519 SSH key pair."""

    private_key: pulumi.Output[str]
    """The private half in OpenSSH's format; a secret."""
    public_key: pulumi.Output[str]
    """``ssh-ed25519 AAAA…``, without a comment."""

    def __init__(
        self, name: str, *, purpose: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register the key; ``purpose`` says in the state what it is for."""
        props = {"purpose": purpose, "private_key": None, "public_key": None}
        secret = pulumi.ResourceOptions(additional_secret_outputs=["private_key"])
        super().__init__(SshKeyProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
