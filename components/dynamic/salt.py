"""A random key that lives in the stack's state: it makes digests of secrets safe to show."""

import secrets
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

LENGTH = 32  # bytes


class SaltProvider(ResourceProvider):
    """Draws the key once. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Draw the key."""
        return CreateResult("salt", {**props, "value": secrets.token_hex(LENGTH)})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Never: with another key every digest would look changed."""
        return DiffResult(changes=False)

    def update(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keep what is there: the default would wipe the outputs."""
        return UpdateResult(olds)


class Salt(Resource, module="mailstack", name="Salt"):
    """A random key, made once."""

    value: pulumi.Output[str]
    """The key in hexadecimal; a secret."""

    def __init__(self, name: str, *, opts: pulumi.ResourceOptions | None = None) -> None:
        """Register the key."""
        secret = pulumi.ResourceOptions(additional_secret_outputs=["value"])
        super().__init__(
            SaltProvider(), name, {"value": None}, pulumi.ResourceOptions.merge(opts, secret)
        )
