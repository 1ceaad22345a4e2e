"""Names of physical things: each bears the stack's, and AWS takes them all."""

import ipaddress

import pulumi
import pytest

from components import naming
from settings import MailstackError


@pytest.fixture(autouse=True)
def project(monkeypatch):
    monkeypatch.setattr(pulumi, "get_project", lambda: "mailstack")


def test_names_tell_the_stack(monkeypatch):
    monkeypatch.setattr(pulumi, "get_stack", lambda: "prod")
    naming.check_stack_name()
    assert naming.prefix() == "mailstack-prod"
    assert naming.tags("data")["Name"] == "mailstack-prod-data"


def test_longest_name_fits_iam(monkeypatch):
    monkeypatch.setattr(pulumi, "get_stack", lambda: "s" * naming.LONGEST_STACK_NAME)
    naming.check_stack_name()
    assert len(f"{naming.prefix()}-snapshotting") <= 64


def test_name_that_aws_would_refuse_is_refused_first(monkeypatch):
    monkeypatch.setattr(pulumi, "get_stack", lambda: "s" * (naming.LONGEST_STACK_NAME + 1))
    with pytest.raises(MailstackError, match="pulumi stack rename"):
        naming.check_stack_name()


def _of(stack: str, monkeypatch: pytest.MonkeyPatch) -> ipaddress.IPv6Network:
    monkeypatch.setattr(pulumi, "get_stack", lambda: stack)
    return ipaddress.IPv6Network(naming.private_ipv6())


def test_each_stack_has_a_private_network_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    prod = _of("prod", monkeypatch)
    assert prod.prefixlen == 64
    assert prod.subnet_of(ipaddress.IPv6Network("fd00::/8"))
    assert prod == _of("prod", monkeypatch)
    assert not prod.overlaps(_of("staging", monkeypatch))
