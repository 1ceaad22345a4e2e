"""What the engine reports while it works and when it is done. Secrets never appear here."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from lab.engine.errors import Problem
from lab.engine.properties import Value

Op: TypeAlias = Literal[
    "same",
    "create",
    "update",
    "replace",
    "create-replacement",
    "delete-replaced",
    "delete",
    "discard-replaced",
    "refresh",
    "read",
    "read-replacement",
    "import",
    "discard",
    "remove-pending-replace",
]
Severity: TypeAlias = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on one resource.

    Attributes:
        op: the operation, named as the real CLI names it.
        changed: paths of the properties that differ; for a refresh, what had drifted.
        replaces: those of them that force a replacement.
        outcome: what a refresh found: "same", "update" or "delete"; empty for other steps.
        duration: seconds the step took; 0 before it is finished.
    """

    op: Op
    urn: str
    type: str
    name: str
    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    outcome: str = ""
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins."""

    step: Step


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step succeeded, and the state on disk knows it."""

    step: Step


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step failed; `message` is the provider's, without traceback and secrets."""

    step: Step
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message of the program (`pulumi.log`) or of the engine."""

    severity: Severity
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """An operation is over: steps by op, and seconds it took."""

    operation: str
    counts: dict[str, int]
    duration: float


Event: TypeAlias = StepStarted | StepFinished | StepFailed | Diagnostic | Summary


@dataclass(slots=True, kw_only=True)
class Result:
    """The outcome of an operation.

    Attributes:
        steps: the steps that were done (or, in a preview, would be), in order.
        outputs: the stack's outputs, secrets as "[secret]".
        problems: what went wrong; empty when the operation succeeded.
        adopted: URNs of resources a crashed operation had created and the state did not know.
        duration: seconds.
    """

    operation: str
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    duration: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """Steps by op."""
        counts: dict[str, int] = {}
        for step in self.steps:
            counts[step.op] = counts.get(step.op, 0) + 1
        return counts

    @property
    def changed(self) -> bool:
        """Whether any step did more than look."""
        return any(step.op not in {"same", "refresh", "read"} for step in self.steps)
