"""A good stack, and ways to spoil it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from settings import Problem, SettingsError, load

Raw = dict[str, Any]
Spoil = Callable[..., list[Problem]]

GOOD: Raw = {
    "host": {"kind": "aws", "region": "eu-central-1", "sshFrom": ["198.51.100.0/24"]},
    "server": {"hostname": "mail.example.test", "environment": {"LOG_LEVEL": "info"}},
    "dns": {"provider": "cloudflare"},
    "relay": {"kind": "ses"},
    "domains": {
        "example.test": {
            "accounts": {
                "alice": {"password": "wonderland", "quota": "2G", "aliases": ["postmaster"]},
                "bob": {},
            },
            "aliases": {"team": ["alice", "bob@elsewhere.test"]},
            "catchAll": "alice",
        },
        "example.org": {"accounts": {"carol": {}}},
    },
}


@pytest.fixture
def good() -> Raw:
    return deepcopy(GOOD)


@pytest.fixture
def problems_with(good: Raw) -> Spoil:
    """`problems_with("relay", {"kind": "x"})`: what is wrong once that stands at that place."""

    def spoil(*loc_and_value: Any) -> list[Problem]:
        *loc, value = loc_and_value
        place = good
        for part in loc[:-1]:
            place = place.setdefault(part, {})
        place[loc[-1]] = value
        with pytest.raises(SettingsError) as caught:
            load(good)
        return caught.value.problems

    return spoil
