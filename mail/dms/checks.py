"""Checks an environment for docker-mailserver: names, values, and combinations that cannot work.

The image itself warns about most of these in its log and goes on, or stops with exit code 0.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mail.dms.signing import VOLUME
from mail.dms.variables import VARIABLES, Kind, Variable

_FILE_SUFFIX = "__FILE"

_FORMS: Mapping[Kind, tuple[re.Pattern[str], str]] = {
    "flag": (re.compile(r"[01]"), "0 or 1"),
    "number": (re.compile(r"[0-9]+"), "a whole number"),
    "decimal": (re.compile(r"-?[0-9]+(\.[0-9]+)?"), "a number such as 6.31"),
    "duration": (re.compile(r"[0-9]+[smhd]"), "a number and s, m, h or d, such as 1d"),
    "size": (re.compile(r"[0-9]+[KMG]?"), "a number and K, M or G, such as 25M"),
    "zone": (
        re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*"),
        "a time zone such as Europe/Berlin",
    ),
}


@dataclass(frozen=True, kw_only=True)
class EnvironmentProblem:
    """A variable, what is wrong with it, and what to do."""

    name: str
    problem: str
    remedy: str


def check_environment(env: Mapping[str, str]) -> list[EnvironmentProblem]:
    """List everything wrong with a whole environment (as `environment` gives it), by name.

    No value of a variable that may be secret appears in a problem.
    """
    problems = [found for name, value in env.items() if (found := _check(name, value))]
    if not problems:
        # Combinations are judged on values that are sound in themselves.
        problems = [
            EnvironmentProblem(name=rule.name, problem=rule.problem, remedy=rule.remedy)
            for rule in _RULES
            if rule.broken(_Values(env))
        ]
    return sorted(problems, key=lambda found: found.name)


def _check(name: str, value: str) -> EnvironmentProblem | None:
    variable = VARIABLES.get(name.removesuffix(_FILE_SUFFIX))
    if variable is None:
        near = difflib.get_close_matches(name, VARIABLES, n=1)
        remedy = f"write {near[0]}" if near else "see docker-mailserver's list of variables"
        return EnvironmentProblem(
            name=name, problem="docker-mailserver has no such variable", remedy=remedy
        )
    fault = _fault(variable, value, from_file=name.endswith(_FILE_SUFFIX))
    if fault is None:
        return None
    return EnvironmentProblem(name=name, problem=fault[0], remedy=fault[1])


def _fault(variable: Variable, value: str, *, from_file: bool) -> tuple[str, str] | None:
    if "'" in value:
        return "holds a single quote, inside which the image stores it", "leave the quote out"
    if any(character in value for character in "\r\n\0"):
        return "holds a line end", "write it on one line"
    if from_file:
        good = value.startswith("/")
        return None if good else ("is not an absolute path", f"write {VOLUME}/… or another path")
    if variable.secret:
        return (
            "is a secret, and `docker inspect` shows the container's environment",
            f"put it into `server.files` and set {variable.name}{_FILE_SUFFIX} to {VOLUME}/<file>",
        )
    return _wrong_form(variable, value)


def _wrong_form(variable: Variable, value: str) -> tuple[str, str] | None:
    if value == "" or variable.kind == "text":
        return None
    if variable.kind == "choice":
        if value in variable.choices:
            return None
        return "has a value that it does not know", "write one of " + ", ".join(variable.choices)
    pattern, words = _FORMS[variable.kind]
    # The value is not repeated: a user may have marked it as a secret.
    return None if pattern.fullmatch(value) else ("has a value of the wrong kind", f"write {words}")


class _Values:
    """The environment with every default filled in."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def __getitem__(self, name: str) -> str:
        return self._env.get(name) or VARIABLES[name].default

    def on(self, *names: str) -> bool:
        return all(self[name] == "1" for name in names)


@dataclass(frozen=True, kw_only=True)
class _Rule:
    name: str
    broken: Callable[[_Values], bool]
    problem: str
    remedy: str


def _beside_rspamd(name: str) -> _Rule:
    return _Rule(
        name=name,
        broken=lambda values: values.on("ENABLE_RSPAMD", name),
        problem="does what Rspamd does already",
        remedy=f'set {name} to "0", or `server.signer` to opendkim',
    )


def _needs_scheme(name: str) -> _Rule:
    return _Rule(
        name=name,
        broken=lambda values: bool(values[name]) and "://" not in values[name],
        problem="has no URI scheme",
        remedy="begin it with ldap://, ldaps:// or ldapi://",
    )


_RULES = [
    _beside_rspamd("ENABLE_AMAVIS"),
    _beside_rspamd("ENABLE_SPAMASSASSIN"),
    _beside_rspamd("ENABLE_OPENDKIM"),
    _beside_rspamd("ENABLE_OPENDMARC"),
    _beside_rspamd("ENABLE_POLICYD_SPF"),
    _needs_scheme("LDAP_SERVER_HOST"),
    _needs_scheme("DOVECOT_URIS"),
    _needs_scheme("SASLAUTHD_LDAP_SERVER"),
    _Rule(
        name="RSPAMD_GREYLISTING",
        broken=lambda values: values.on("ENABLE_RSPAMD", "RSPAMD_GREYLISTING", "ENABLE_POSTGREY"),
        problem="greylists what Postgrey greylists too",
        remedy='set ENABLE_POSTGREY to "0"',
    ),
    _Rule(
        name="ENABLE_SPAMASSASSIN",
        broken=lambda values: values.on("ENABLE_SPAMASSASSIN") and not values.on("ENABLE_AMAVIS"),
        problem="does nothing without Amavis",
        remedy='set ENABLE_AMAVIS to "1"',
    ),
    _Rule(
        name="ENABLE_CLAMAV",
        broken=lambda values: (
            values.on("ENABLE_CLAMAV")
            and not values.on("ENABLE_AMAVIS")
            and not values.on("ENABLE_RSPAMD")
        ),
        problem="does nothing without Amavis or Rspamd",
        remedy='set ENABLE_AMAVIS to "1", or `server.signer` to rspamd',
    ),
    _Rule(
        name="SPAMASSASSIN_SPAM_TO_INBOX",
        broken=lambda values: (
            values.on("ENABLE_SPAMASSASSIN")
            and not values.on("SPAMASSASSIN_SPAM_TO_INBOX")
            and (values.on("MOVE_SPAM_TO_JUNK") or values.on("MARK_SPAM_AS_READ"))
        ),
        problem="bounces the spam that is to be moved or marked",
        remedy='set it to "1", or MOVE_SPAM_TO_JUNK and MARK_SPAM_AS_READ to "0"',
    ),
    _Rule(
        name="MOVE_SPAM_TO_JUNK",
        broken=lambda values: not values.on("MOVE_SPAM_TO_JUNK") and not values["SPAM_SUBJECT"],
        problem="leaves spam in the inbox with nothing to tell it by",
        remedy='set SPAM_SUBJECT, or MOVE_SPAM_TO_JUNK to "1"',
    ),
    _Rule(
        name="SSL_TYPE",
        broken=lambda values: values["SSL_TYPE"] == "",
        problem="is empty, so that passwords would travel unencrypted",
        remedy="leave SSL_TYPE out",
    ),
    _Rule(
        name="RELAY_HOST",
        broken=lambda values: bool(values["RELAY_HOST"]) and bool(values["DEFAULT_RELAY_HOST"]),
        problem="overrides DEFAULT_RELAY_HOST for some senders only",
        remedy="set one of the two",
    ),
    _Rule(
        name="DMS_VMAIL_UID",
        broken=lambda values: not values["DMS_VMAIL_UID"].strip("0"),
        problem="would make root own the mail, which Dovecot refuses",
        remedy="leave it out",
    ),
]
