"""Stack files that have to be refused: one for each kind of mistake of a user."""

from collections.abc import Callable
from typing import Any

from tests.lab_project import dev_stack

Config = dict[str, Any]


def bad_stack(name: str) -> dict[str, Any]:
    """The dev stack with this mistake."""
    stack = dev_stack()
    BAD[name][0](stack["config"])
    return stack


def _server(key: str, value: object) -> Callable[[Config], None]:
    def change(config: Config) -> None:
        config["mailstack:server"][key] = value

    return change


def _domain(key: str, value: object, domain: str = "example.test") -> Callable[[Config], None]:
    def change(config: Config) -> None:
        config["mailstack:domains"].setdefault(domain, {"accounts": {"carol": {}}})[key] = value

    return change


def _account(name: str, value: object) -> Callable[[Config], None]:
    def change(config: Config) -> None:
        config["mailstack:domains"]["example.test"]["accounts"][name] = value

    return change


def _section(name: str, value: object) -> Callable[[Config], None]:
    def change(config: Config) -> None:
        config[f"mailstack:{name}"] = value

    return change


# What is wrong, and words that the refusal has to hold: the path, and what mends it.
BAD: dict[str, tuple[Callable[[Config], None], tuple[str, ...]]] = {
    "unknown key": (_server("hostnam", "x"), ("mailstack:server.hostnam", "hostname")),
    "unknown section": (_section("domain", {}), ("mailstack:domain", "domains")),
    "bad domain": (_domain("accounts", {}, "exa mple..test"), ("mailstack:domains", "exa mple")),
    "bad address": (_account("a|b", {}), ("mailstack:domains", "a|b")),
    "bad quota": (_account("bob", {"quota": "2 sacks"}), ("accounts.bob.quota",)),
    "bad hostname": (_server("hostname", "mail"), ("mailstack:server.hostname",)),
    "hostname is a domain": (
        _server("hostname", "example.test"),
        ("mailstack:server.hostname", "example.test"),
    ),
    "alias loop": (_domain("aliases", {"a": "b", "b": "a"}), ("aliases.a",)),
    "alias to nobody": (_domain("aliases", {"team": ["nobody"]}), ("aliases.team", "nobody")),
    "duplicate address": (_account("bob", {"aliases": ["alice"]}), ("alice@example.test",)),
    "catch-all without account": (_domain("catchAll", "nobody"), ("catchAll", "nobody")),
    "unknown variable": (
        _server("environment", {"LOG_LEVLE": "info"}),
        ("environment.LOG_LEVLE", "LOG_LEVEL"),
    ),
    "wrong value": (
        _server("environment", {"LOG_LEVEL": "loud"}),
        ("environment.LOG_LEVEL", "debug"),
    ),
    "refused combination": (
        _server("environment", {"ENABLE_AMAVIS": "1", "ENABLE_RSPAMD": "1"}),
        ("ENABLE_AMAVIS",),
    ),
    "relay without credentials": (
        _section("relay", {"kind": "smtp", "host": "smtp.relay.example"}),
        ("mailstack:relay", "password"),
    ),
    "eleven SPF look-ups": (
        _domain("spf", {"include": [f"spf{number}.example.net" for number in range(11)]}),
        ("spf", "10"),
    ),
    "too long TXT": (
        _domain(
            "spf",
            {
                "include": [
                    f"{n}.{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 50}.example" for n in range(8)
                ]
            },
        ),
        ("spf", "2048"),
    ),
}
