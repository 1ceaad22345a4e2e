"""Errors of an operation, for the person who has to mend them."""

from itertools import groupby

from lab.engine import OperationFailedError, Problem

_ADOPT = "pulumi import --generate-code=false"


def describe(error: Exception) -> str:
    """Write an error; resources with one and the same problem share its line."""
    # What a program advises with the CLI in mind, said for the lab.
    return _described(error).replace(_ADOPT, "python -m lab import")


def _described(error: Exception) -> str:
    if not isinstance(error, OperationFailedError):
        return str(error)
    problems = sorted(error.problems, key=lambda problem: problem.message)
    groups = [
        (message, [_name(problem) for problem in group if problem.urn])
        for message, group in groupby(problems, key=lambda problem: problem.message)
    ]
    return "\n".join(
        f"{', '.join(names)}: {message}" if names else message for message, names in groups
    )


def _name(problem: Problem) -> str:
    """Write ``name (Type)`` for a resource; its whole URN helps nobody at a prompt."""
    kinds, name = problem.urn.split("::", 3)[2:]
    return f"{name} ({kinds.split('$')[-1].split(':')[-1].split('/')[-1]})"
