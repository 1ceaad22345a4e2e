"""Building and taking apart URNs: `urn:pulumi:<stack>::<project>::<types>::<name>`."""

from typing import Final

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"


def build(*, stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource; the stack itself never shows in the chain of parent types."""
    chain = qualified_type(parent)
    prefix = f"{chain}$" if chain and chain != STACK_TYPE else ""
    return f"urn:pulumi:{stack}::{project}::{prefix}{type_}::{name}"


def qualified_type(urn: str) -> str:
    """The types of a resource and its parents, `$` between them; empty for an empty URN."""
    return urn.split("::", 3)[2] if urn else ""


def type_of(urn: str) -> str:
    """The resource's own type."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The resource's name."""
    return urn.split("::", 3)[3] if urn else ""


def is_provider(type_: str) -> bool:
    """Whether the type is that of a provider resource."""
    return type_.startswith(PROVIDER_PREFIX)


def package_of(type_: str) -> str:
    """The package that serves a type or function; for a provider type, the one it is of."""
    if is_provider(type_):
        return type_.removeprefix(PROVIDER_PREFIX)
    return type_.split(":", 1)[0]


def split_reference(reference: str) -> tuple[str, str]:
    """A provider reference `<urn>::<id>` as URN and id."""
    urn, _, id_ = reference.rpartition("::")
    return urn, id_
