"""What a running lab daemon tells others: lab/<stack>/run.json."""

import dataclasses
import json
from typing import Self


@dataclasses.dataclass(frozen=True, kw_only=True)
class DockerInfo:
    """The Docker endpoint of the lab: a unix socket, real or simulated, and why."""

    socket: str
    simulated: bool
    reason: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunInfo:
    """Where a lab's services listen. `dns` is "address:port", `providers` gives loopback ports."""

    pid: int
    dns: str
    providers: dict[str, int]
    docker: DockerInfo | None = None

    @property
    def debug_providers(self) -> str:
        """The value of PULUMI_DEBUG_PROVIDERS that attaches a real engine to this lab."""
        return ",".join(f"{name}:{port}" for name, port in self.providers.items())

    def to_json(self, *, line: bool = False) -> str:
        """The text of run.json, or the same in one line."""
        return json.dumps(dataclasses.asdict(self), indent=None if line else 2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read run.json; raises ValueError, TypeError or KeyError when it isn't one."""
        raw = json.loads(text)
        docker = raw.pop("docker")
        return cls(docker=DockerInfo(**docker) if docker else None, **raw)
