"""The error tree of mailstack: everything a user can do wrong derives from `MailstackError`."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


class MailstackError(pulumi.RunError):
    """Root of every error that mailstack raises on purpose.

    It derives from `pulumi.RunError` because the engine prints such an error's text alone, where
    any other exception would put a traceback before the words that help.
    """


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong in a stack file.

    path: config path as `pulumi config set --path` takes it.
    message: what is wrong; never the value of a secret.
    remedy: the line or command that mends it.
    """

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}\n    {self.message}\n    fix: {self.remedy}"


class SettingsError(MailstackError):
    """The stack file is refused. `problems` holds everything that is wrong, at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self._text())

    def _text(self) -> str:
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        head = f"the stack file has {count} {noun}; nothing was created or changed"
        return "\n\n".join([head, *(f"  {problem}" for problem in self.problems)])
