"""The real Postfix sends each domain's mail its own way, with its own login, over checked TLS."""

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty

import pytest
import trustme

from mail.dms import relaying
from mail.dms.inputs import RelayAccess, ServerFiles
from tests.doctor.offers import server_tls
from tests.system.conftest import Need, Write
from tests.system.daemons import free_port
from tests.system.postfix import Arrival, Postfix, Server, postfix

pytestmark = pytest.mark.system

_PATIENCE = 30  # seconds
_SOMEBODY = "somebody@[127.0.0.2]"  # whose own server is `direct`


@pytest.fixture(scope="module", autouse=True)
def _able() -> None:
    if os.geteuid() != 0:
        pytest.skip("Postfix's master process runs as root only")
    if not any(Path("/usr/lib").glob("*/sasl2/libplain.so")):
        pytest.skip("libsasl2-modules is not installed, so Postfix cannot log in; .ci/run does it")


@dataclass(frozen=True)
class World:
    """Where mail may arrive, and the trust that the mail server has."""

    default: Server
    own: Server
    wrapped: Server
    direct: Server
    ca: Path

    def way(self, server: Server, user: str) -> RelayAccess:
        return RelayAccess(
            host="localhost", port=server.port, user=user, password=server.logins[user]
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    authority = trustme.CA()
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    tls = server_tls(authority.issue_cert("localhost"))
    made = World(
        default=_server(tls, {"main": "p:a ss#", "second": "another"}),
        own=_server(tls, {"own": "owned"}),
        wrapped=replace(_server(tls, {"wrapped": "wrapped"}), wrapped=True),
        direct=Server(address="127.0.0.2", port=free_port()),
        ca=ca,
    )
    with ExitStack() as stack:
        for server in (made.default, made.own, made.wrapped, made.direct):
            stack.enter_context(server.serving())
        yield made


def _server(tls: ssl.SSLContext, logins: Mapping[str, str]) -> Server:
    return Server(logins=logins, tls=tls, port=free_port())


def _sends(running: Postfix, sender: str, to: Server) -> Arrival:
    running.send(sender, _SOMEBODY)
    try:
        return to.arrived.get(timeout=_PATIENCE)
    except Empty:
        raise AssertionError(running.log()) from None


def test_each_sender_goes_its_own_way(
    world: World,
    server: ServerFiles,
    write: Write,
    need: Need,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relaying, "_TLS_FROM_THE_START", frozenset({world.wrapped.port}))
    volume = write(
        replace(
            server,
            relay=world.way(world.default, "main"),
            domain_relays={
                "own.test": world.way(world.own, "own"),
                "wrapped.test": world.way(world.wrapped, "wrapped"),
                "other-login.test": world.way(world.default, "second"),
                "direct.test": None,
            },
        )
    )
    lines = f"smtp_tcp_port = {world.direct.port}\n"
    with postfix(volume, need, ca=world.ca, lines=lines) as running:
        for sender, to, login in (
            ("alice@example.test", world.default, "main"),
            # Of no domain of ours, as forwarded mail is, and a bounce.
            ("stranger@elsewhere.test", world.default, "main"),
            ("<>", world.default, "main"),
            ("a@own.test", world.own, "own"),
            ("a@wrapped.test", world.wrapped, "wrapped"),
            ("a@other-login.test", world.default, "second"),
            # It has no TLS and asks for no login: it gets the mail, and no password.
            ("a@direct.test", world.direct, None),
        ):
            arrival = _sends(running, sender, to)
            encrypted = to is not world.direct
            assert arrival == Arrival(sender=sender, login=login, encrypted=encrypted)
        for place in (world.default, world.own, world.wrapped, world.direct):
            assert place.arrived.empty()


def test_one_domain_relays_and_all_else_goes_directly(
    world: World, server: ServerFiles, write: Write, need: Need
) -> None:
    way = world.way(world.own, "own")
    volume = write(replace(server, relay=None, domain_relays={"own.test": way}))
    lines = f"smtp_tcp_port = {world.direct.port}\n"
    with postfix(volume, need, ca=world.ca, lines=lines) as running:
        assert _sends(running, "a@own.test", world.own).login == "own"
        for sender in ("alice@example.test", "<>"):
            assert _sends(running, sender, world.direct).login is None


def test_no_password_goes_to_whom_nobody_vouches_for(
    world: World, server: ServerFiles, write: Write, need: Need, tmp_path: Path
) -> None:
    stranger = tmp_path / "another-ca.pem"
    trustme.CA().cert_pem.write_to_path(stranger)
    ways = {"own.test": world.way(world.own, "own")}
    volume = write(replace(server, relay=world.way(world.default, "main"), domain_relays=ways))
    with postfix(volume, need, ca=stranger) as running:
        for sender in ("alice@example.test", "a@own.test"):
            running.send(sender, _SOMEBODY)
        running.wait_for("Server certificate not verified", times=2)
    assert world.default.arrived.empty()
    assert world.own.arrived.empty()
