"""What every check is given."""

from dataclasses import dataclass

from doctor.outputs import Outputs
from doctor.resolver import Resolver


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stack's outputs and the way into the world.

    `try_relay`: whether to offer the server mail that it must refuse. `timeout`: seconds that one
    step of a conversation with the server may take; above the six that postscreen lets a new client
    wait on port 25.
    """

    outputs: Outputs
    resolver: Resolver
    try_relay: bool = False
    timeout: float = 15.0
