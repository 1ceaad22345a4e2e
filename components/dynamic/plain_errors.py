"""Errors written for people reach them as they are.

The SDK sends `traceback.format_exc()` to the engine, which prints all of it: forty lines of
Python before the one that says what to do.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class PlainError(RuntimeError):
    """Something outside of this program is not as it must be; the text says what to do."""


def plainly(method: Callable[P, R]) -> Callable[P, R]:
    """Let a provider's method fail with the text of a PlainError; a bug keeps its traceback."""

    @wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except PlainError as error:
            # Python's own switch, for the whole process: it is the SDK's process for dynamic
            # providers, where by now the update has failed. Elsewhere, put it back afterwards.
            sys.tracebacklimit = 0
            raise error from None

    return wrapper
