"""The small engine: up, preview, refresh and destroy of one stack, in this process."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from lab.engine import checkpoint, operations
from lab.engine.cancelling import Cancellation
from lab.engine.checkpoint import StackPaths
from lab.engine.connections import PortSource
from lab.engine.errors import InterruptedOperationError, OperationFailedError
from lab.engine.events import Event, Result
from lab.engine.lock import stack_lock
from lab.engine.masking import Masker
from lab.engine.properties import PropertyMap, masked, plain
from lab.engine.recovery import FindOrphans, Orphan, Recovered, recover
from lab.engine.reporting import Reporter
from lab.engine.running import Program
from lab.engine.secrets import PassphraseSecrets
from lab.engine.serialize import Serializer
from lab.engine.session import Session


def _no_orphans(_urn: str) -> list[Orphan]:
    return []


def _deaf(_event: Event) -> None:
    """For callers that only want the result."""


@dataclass(slots=True, kw_only=True)
class Engine:
    """One stack of one program.

    Attributes:
        program: the program's file; it runs unchanged, in this process.
        work_dir: its folder.
        backend: folder of the state, laid out as the real CLI's file backend.
        secrets: seals the secrets in the state.
        providers: TCP port on 127.0.0.1 of each package's provider process, or what gives it.
        config: configuration as the real CLI hands it over: JSON or text by `namespace:key`.
        config_secret_keys: those of the keys that hold a secret.
        config_secret_values: the secret texts in them, to hide them in messages.
        orphans: objects that the world has under a URN; asked after a crash.
        listener: told every event, one at a time, from any thread.
        log_file: gets errors in full, with tracebacks, secrets hidden.
    """

    project: str
    stack: str
    program: Path
    work_dir: Path
    backend: Path
    secrets: PassphraseSecrets
    providers: Mapping[str, PortSource]
    config: Mapping[str, str] = field(default_factory=dict)
    config_secret_keys: Iterable[str] = ()
    config_secret_values: Iterable[str] = ()
    orphans: FindOrphans = _no_orphans
    listener: Callable[[Event], None] | None = None
    log_file: Path | None = None

    def preview(self) -> Result:
        """What `up` would do; changes nothing.

        Raises:
            EngineError: see `up`.
        """
        return self._operate("preview", lambda s: operations.deploy(s, preview=True), locked=False)

    def up(self) -> Result:
        """Bring the stack to what the program wants.

        Raises:
            OperationFailedError: something failed; what succeeded is saved.
            InterruptedOperationError: Ctrl-C; what was done is saved.
            StackLockedError, WrongPassphraseError, StateError: nothing was done.
        """
        return self._operate("up", lambda s: operations.deploy(s, preview=False))

    def refresh(self) -> Result:
        """Take over into the state how the objects are now.

        Raises:
            EngineError: see `up`.
        """
        return self._operate("refresh", operations.refresh)

    def destroy(self) -> Result:
        """Delete everything; nothing at all while any of it is protected.

        Raises:
            EngineError: see `up`.
        """
        return self._operate("destroy", operations.destroy)

    def recover(self) -> Result:
        """Only pick up after a crash, before another engine goes on with the stack.

        Raises:
            EngineError: see `up`.
        """
        return self._operate("recover", lambda _session: None)

    def adopt(self, type_: str, name: str, id_: str, parent: str = "") -> Result:
        """Take an existing object into the state, as `pulumi import` does; nothing is changed.

        Raises:
            EngineError: see `up`; there is no such object, or the state has the resource already.
        """
        return self._operate(
            "import",
            lambda session: operations.adopt(
                session, type_=type_, name=name, id_=id_, parent=parent
            ),
        )

    def unprotect(self, names: Collection[str] | None = None) -> Result:
        """Take the protection from these resources, or all; the next `up` restores it.

        Raises:
            EngineError: see `up`.
        """
        return self._operate("unprotect", lambda session: operations.unprotect(session, names))

    def outputs(self, *, show_secrets: bool = False) -> PropertyMap:
        """The stack's outputs, from the state.

        Raises:
            StateError, WrongPassphraseError: the state cannot be read.
        """
        serializer = Serializer(self.secrets)
        found = self._load(serializer)[0].resources
        show = plain if show_secrets else masked
        return {key: show(value) for key, value in operations.stack_outputs(found).items()}

    def _operate(
        self, operation: str, work: Callable[[Session], None], *, locked: bool = True
    ) -> Result:
        masker = Masker()
        for text in self.config_secret_values:
            masker.learn_text(text)
        reporter = Reporter(operation, self.listener or _deaf, masker, self.log_file)
        paths = self._paths
        lock: AbstractContextManager[None] = nullcontext()
        if locked:
            lock = stack_lock(paths.lock, paths.cli_locks)
        with (
            lock,
            Cancellation(lambda text: reporter.say("warning", text)) as cancelled,
            self._open(reporter, cancelled, writing=locked) as session,
        ):
            work(session)
        outputs = reporter.result.outputs
        reporter.result.outputs = {key: masked(value) for key, value in outputs.items()}
        result = reporter.close()
        if result.problems:
            raise OperationFailedError(tuple(result.problems))
        if cancelled():
            raise InterruptedOperationError(
                f"{operation} was interrupted; what was done is saved: run it again to go on"
            )
        return result

    def _open(self, reporter: Reporter, cancelled: Cancellation, *, writing: bool) -> Session:
        serializer = Serializer(self.secrets, reporter.masker.learn)
        recovered, digest = self._load(serializer)
        if writing and recovered.changed:
            digest = checkpoint.save(
                self._paths, self.secrets, serializer, (recovered.resources, [])
            )
            self._paths.journal.unlink(missing_ok=True)
        for urn in recovered.adopted:
            reporter.say("info", "adopted the object that an interrupted operation made", urn)
        reporter.result.adopted = recovered.adopted
        return Session(
            paths=self._paths,
            secrets=self.secrets,
            serializer=serializer,
            reporter=reporter,
            cancelled=cancelled,
            olds=recovered.resources,
            digest=digest,
            program=Program(
                path=self.program,
                work_dir=self.work_dir,
                project=self.project,
                stack=self.stack,
                config=dict(self.config),
                secret_keys=frozenset(self.config_secret_keys),
            ),
            ports=self.providers,
        )

    def _load(self, serializer: Serializer) -> tuple[Recovered, str]:
        snapshot = checkpoint.load(self._paths, self.secrets, serializer)
        return recover(self._paths, snapshot, serializer, self.orphans), snapshot.digest

    @property
    def _paths(self) -> StackPaths:
        return StackPaths(self.backend, self.project, self.stack)
