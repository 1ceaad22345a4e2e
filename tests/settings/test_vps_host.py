"""What a VPS at AWS may ask for."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from settings import load
from settings.host import AwsHost
from tests.settings.conftest import Raw, Spoil


def _key() -> str:
    public = Ed25519PrivateKey.generate().public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _host(good: Raw, **more: Any) -> AwsHost:
    good["host"] |= more
    host = load(good).host
    assert isinstance(host, AwsHost)
    return host


def test_defaults_are_safe(good: Raw) -> None:
    host = _host(good)
    assert (host.snapshots.keep, host.snapshots.time) == (7, "03:00")
    assert host.swap_size == 2
    assert host.image is None
    assert host.deploy_keys == ()


def test_all_of_it(good: Raw) -> None:
    keys = [_key(), _key()]
    host = _host(
        good,
        image="ami-0123456789abcdef0",
        ipv6=True,
        snapshots={"keep": 0, "time": "23:59"},
        swapSize=0,
        deployKeys=[*keys, keys[0]],
        sshPublicKey=_key(),
        sshFrom=["198.51.100.0/24", "2001:db8::/32"],
    )
    assert host.deploy_keys == tuple(keys)
    assert host.ssh_from == ("198.51.100.0/24", "2001:db8::/32")


@pytest.mark.parametrize(
    ("key", "value", "place", "message"),
    [
        ("image", "debian-12", "", "'debian-12' is not the id of a machine image"),
        ("swapSize", 65, "", "less than or equal to 64"),
        ("snapshots", {"keep": -1}, ".keep", "greater than or equal to 0"),
        ("snapshots", {"time": "24:00"}, ".time", "not a time of day"),
        ("snapshots", {"time": "3:00"}, ".time", "not a time of day"),
        ("instanceType", "small", "", "not an EC2 instance type"),
        ("instanceType", "t2.micro", "", "before Nitro"),
        ("deployKeys", ["x"], "[0]", "not an OpenSSH public key"),
        ("deployKeys", [f"{_key()}\n{_key()}"], "[0]", "one key on one line"),
        ("deployKeys", ['command="sh" ' + _key()], "[0]", "not an OpenSSH public key"),
        ("sshFrom", ["2001:db8::/32"], "[0]", "without IPv6: set host.ipv6"),
    ],
)
def test_refused(problems_with: Spoil, key: str, value: Any, place: str, message: str) -> None:
    (problem,) = problems_with("host", key, value)
    assert problem.path == f"mailstack:host.{key}{place}"
    assert message in problem.message


@pytest.mark.parametrize("good_type", ["t4g.nano", "t3a.small", "i3en.large", "u-6tb1.metal"])
def test_nitro_types(good: Raw, good_type: str) -> None:
    assert _host(good, instanceType=good_type).instance_type == good_type


def test_ssh_needs_an_ipv4_network(good: Raw, problems_with: Spoil) -> None:
    good["host"]["ipv6"] = True
    (problem,) = problems_with("host", "sshFrom", ["::/0"])
    assert problem.path == "mailstack:host.sshFrom"
    assert "reaches Docker at the IPv4 address" in problem.message


def test_a_deploy_key_must_not_be_the_one_that_may_do_anything(
    good: Raw, problems_with: Spoil
) -> None:
    own = _key()
    good["host"]["sshPublicKey"] = f"{own} me@home"
    (problem,) = problems_with("host", "deployKeys", [_key(), f"{own} ci"])
    assert problem.path == "mailstack:host.deployKeys[1]"
    assert "make another key" in problem.message
