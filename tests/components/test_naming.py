"""Names of physical things: the stack's own, and the same at each ``up``."""

import ipaddress

import pulumi
import pytest

from components.naming import private_ipv6


def _of(stack: str, monkeypatch: pytest.MonkeyPatch) -> ipaddress.IPv6Network:
    monkeypatch.setattr(pulumi, "get_project", lambda: "mailstack")
    monkeypatch.setattr(pulumi, "get_stack", lambda: stack)
    return ipaddress.IPv6Network(private_ipv6())


def test_each_stack_has_a_private_network_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    prod = _of("prod", monkeypatch)
    assert prod.prefixlen == 64
    assert prod.subnet_of(ipaddress.IPv6Network("fd00::/8"))
    assert prod == _of("prod", monkeypatch)
    assert not prod.overlaps(_of("staging", monkeypatch))
