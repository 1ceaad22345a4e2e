"""A small in-process Pulumi engine for the lab: same program, providers, state and steps.

It runs the unchanged program on the SDK's own monitor interface, talks gRPC to provider
processes that run already, and keeps its state as the real CLI's file backend does, so that
either engine can go on where the other stopped. What the lab does not need is refused.
"""

from lab.engine.engine import Engine
from lab.engine.errors import (
    EngineError,
    InterruptedOperationError,
    OperationFailedError,
    Problem,
    StackLockedError,
    StateError,
    UnsupportedError,
    WrongPassphraseError,
)
from lab.engine.events import (
    Diagnostic,
    Event,
    Result,
    Step,
    StepFailed,
    StepFinished,
    StepStarted,
    Summary,
)
from lab.engine.recovery import Orphan
from lab.engine.secrets import PassphraseSecrets
from lab.engine.stack import StackFile

__all__ = [
    "Diagnostic",
    "Engine",
    "EngineError",
    "Event",
    "InterruptedOperationError",
    "OperationFailedError",
    "Orphan",
    "PassphraseSecrets",
    "Problem",
    "Result",
    "StackFile",
    "StackLockedError",
    "StateError",
    "Step",
    "StepFailed",
    "StepFinished",
    "StepStarted",
    "Summary",
    "UnsupportedError",
    "WrongPassphraseError",
]
