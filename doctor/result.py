"""What a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How one subject of a check did. Only FAILED makes the doctor's exit code 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One finding.

    `check` names the check, `subject` what it looked at (a domain, a record, a service). `message`
    says what was seen, `fix` what mends it; neither ever holds a secret.
    """

    check: str
    subject: str
    status: Status
    message: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Makes the results of one check, so that each check writes its name once."""

    check: str

    def ok(self, subject: str, message: str) -> CheckResult:
        """Report what is as it should be."""
        return self._result(subject, Status.OK, message)

    def warning(self, subject: str, message: str, fix: str) -> CheckResult:
        """Report what works today, and what to do before it stops."""
        return self._result(subject, Status.WARNING, message, fix)

    def failed(self, subject: str, message: str, fix: str) -> CheckResult:
        """Report what is broken, and what mends it."""
        return self._result(subject, Status.FAILED, message, fix)

    def skipped(self, subject: str, message: str, fix: str = "") -> CheckResult:
        """Report what could not be looked at, and why."""
        return self._result(subject, Status.SKIPPED, message, fix)

    def _result(self, subject: str, status: Status, message: str, fix: str = "") -> CheckResult:
        return CheckResult(
            check=self.check, subject=subject, status=status, message=message, fix=fix
        )
