"""A smarthost as the other components see it, of whatever kind."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Smarthost:
    """Where outbound mail goes, and the login there."""

    kind: str
    host: str
    port: int
    user: pulumi.Output[str]
    password: pulumi.Output[str]


def described(smarthost: Smarthost | None) -> dict[str, str | int]:
    """Say where mail goes, as the outputs do."""
    if smarthost is None:
        return {"kind": "none"}
    return {"kind": smarthost.kind, "host": smarthost.host, "port": smarthost.port}
