"""What the engine can refuse or fail at. Messages name the resource and the remedy, no secret."""

from dataclasses import dataclass
from typing import Final

from lab.errors import LabError


class EngineError(LabError):
    """Base of all errors of the small engine."""


class UnsupportedError(EngineError):
    """The program asks for a feature of the real engine that the lab leaves out on purpose."""


class StateError(EngineError):
    """The state cannot be read or written. What was on disk before is still there."""


class WrongPassphraseError(EngineError):
    """The passphrase does not open the stack's secrets. Nothing was changed."""


class StackLockedError(EngineError):
    """Another engine works on this stack.

    Attributes:
        pid: the process that holds the lock, when it is known.
    """

    def __init__(self, message: str, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid


class InterruptedOperationError(EngineError):
    """Somebody pressed Ctrl-C: the running steps were finished and saved, nothing new begun."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong: the resource it concerns (empty: the program) and a message."""

    urn: str
    message: str

    def __str__(self) -> str:
        return f"{self.urn}: {self.message}" if self.urn else self.message


PROTECTED: Final = (
    "is protected; `python -m lab unprotect NAME` lets it go "
    "(with the Pulumi CLI: `pulumi state unprotect URN`)"
)
"""What to do about a resource that may not go: protection is lifted by hand, on purpose."""


class OperationFailedError(EngineError):
    """An operation did not complete; what did succeed is in the state, so run it again."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
