"""What a rule sees: one resource, and what the stack file asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mail.services import DEFAULT_SERVICES

PRODUCTION = "prod"
"""How the name of a stack begins whose mail is real."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as it is about to be: inputs in camelCase, without what is not known yet."""

    type: str
    name: str
    props: Mapping[str, Any] = field(repr=False)  # secrets are in plain here
    protected: bool = False

    def texts(self, *keys: str) -> Iterator[str]:
        """Give the texts that are known among these inputs, those in lists too."""
        for key in keys:
            value = self.props.get(key)
            values = value if isinstance(value, list) else [value]
            yield from (item for item in values if isinstance(item, str))

    def maps(self, key: str) -> Iterator[Mapping[str, Any]]:
        """Give the maps of an input that is a list of them, or a map of them."""
        value = self.props.get(key) or []
        values = value.values() if isinstance(value, Mapping) else value
        yield from (item for item in values if isinstance(item, Mapping))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the stack file asks for, as far as the rules need it."""

    stack: str
    services: tuple[str, ...] = DEFAULT_SERVICES
    protect: bool = True

    @property
    def production(self) -> bool:
        """Whether this is a stack for real mail: `prod`, `prod-eu`, `production`."""
        return self.stack.startswith(PRODUCTION)


def read_asked(project: Path, stack: str) -> Asked:
    """Read `Pulumi.<stack>.yaml`: the policy library gives no config (pulumi-policy 1.21).

    Nothing read here can be a secret, so nothing is decrypted. A file that is not there, or is
    wrong, asks for nothing special: the program itself says what is wrong with it.
    """
    path = project / f"Pulumi.{stack}.yaml"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        config = document["config"]
        server = config.get("mailstack:server") or {}
        return Asked(
            stack=stack,
            services=tuple(server.get("services") or DEFAULT_SERVICES),
            protect=str(config.get("mailstack:protect", True)).lower() != "false",
        )
    except (OSError, yaml.YAMLError, LookupError, TypeError, AttributeError):
        return Asked(stack=stack)
