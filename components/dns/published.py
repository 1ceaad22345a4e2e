"""What a DNS provider's records have in common, whoever the provider is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import pulumi

from components.placeholders import Placeholders
from mail.facts import Record
from mail.foreign import Existing


@dataclass(frozen=True, kw_only=True)
class Published:
    """A resource, its name, and the records that it stands for: several where they are a set."""

    name: str
    resource: pulumi.CustomResource
    records: tuple[Record, ...]


class Publisher(Protocol):
    """A DNS provider: makes the records' resources, and knows what stands there already."""

    kind: ClassVar[str]
    """Type token of its records: what `pulumi import` wants."""
    sets: ClassVar[bool]
    """Whether a resource is all records of one name and type."""

    def publish(self, records: Iterable[Record], placeholders: Placeholders) -> list[Published]:
        """Make the resources."""
        ...

    def existing(self, zone: str) -> pulumi.Output[list[Existing]]:
        """List what the zone holds, ours and others'."""
        ...


def options(parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """Give a record's options.

    What `pulumi import` adopts has no parent: on a new stack there is none to name yet. By the
    alias the program knows it again.
    """
    adopted = pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)
    return pulumi.ResourceOptions(parent=parent, aliases=[adopted])
