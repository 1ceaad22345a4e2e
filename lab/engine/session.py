"""What one operation works with: the state on disk, its journal, and the providers."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from lab.engine import checkpoint, dynamic, urns
from lab.engine.cancelling import Cancellation
from lab.engine.checkpoint import Pending, StackPaths
from lab.engine.connections import Connections, PortSource
from lab.engine.dynamic import DynamicHost
from lab.engine.journal import Journal
from lab.engine.registry import Registry
from lab.engine.reporting import Reporter
from lab.engine.resources import Resource
from lab.engine.running import Program
from lab.engine.secrets import PassphraseSecrets
from lab.engine.serialize import Serializer
from lab.engine.state import State


@dataclass(slots=True, kw_only=True)
class Session:
    """Context manager; leaving it ends the processes and connections it opened.

    Attributes:
        olds: the resources of the state before, each after what it depends on.
        digest: SHA-256 of the checkpoint they are in.
    """

    paths: StackPaths
    secrets: PassphraseSecrets
    serializer: Serializer
    reporter: Reporter
    cancelled: Cancellation
    olds: list[Resource]
    digest: str
    program: Program
    ports: Mapping[str, PortSource]
    registry: Registry = field(init=False)
    _cleanup: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        host = DynamicHost(self.program.work_dir, self.program.project)
        self._cleanup.callback(host.stop)
        if not self.olds or any(old.type == _DYNAMIC_TYPE for old in self.olds):
            # It takes as long to start as the program to be imported: let both go on at once.
            host.start()
        connections = Connections({dynamic.PACKAGE: host.port, **self.ports})
        self._cleanup.callback(connections.close)
        self.registry = Registry(connections)
        for old in self.olds:
            if old.is_provider:
                self.registry.remember(old)
        return self

    def __exit__(self, *_error: object) -> None:
        self._cleanup.close()

    def state(self, *, journaled: bool) -> State:
        """The state to change; a journaled one survives a crash at any moment."""
        journal = None
        if journaled:
            journal = Journal(self.paths.journal, self.digest)
            self._cleanup.callback(journal.close)
        return State(self.olds, self.serializer, journal)

    def save(self, resources: Sequence[Resource], pending: Sequence[Pending] = ()) -> None:
        """Write the checkpoint; the journal is not needed after that.

        Raises:
            StateError: it cannot be written; checkpoint and journal are as before.
        """
        state = (list(resources), list(pending))
        self.digest = checkpoint.save(self.paths, self.secrets, self.serializer, state)
        self.paths.journal.unlink(missing_ok=True)


_DYNAMIC_TYPE = f"{urns.PROVIDER_PREFIX}{dynamic.PACKAGE}"
