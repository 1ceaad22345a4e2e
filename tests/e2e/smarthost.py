"""The way out for the tests' mail: a smarthost in a container on the mail server's own network.

Only a container is reachable from another one on every kind of Engine, and nothing listens on
this machine. It runs from docker-mailserver's image, which has Python (Fail2Ban needs it).
"""

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import files
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container

from components.dynamic import certificate

NAME = "smarthost.example.com"
PORT = 587
USER = "mailstack"
PASSWORD = "not in docker inspect"
OTHER_USER, OTHER_PASSWORD = "other", "one domain's own"
_FOLDER = "smarthost"
_LIBRARIES = ("aiosmtpd", "atpublic", "attrs")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The smarthost's certificate, and the CA that the mail server has to trust."""

    ca: str
    chain_and_key: str


def make_identity() -> Identity:
    now = datetime.now(UTC) - timedelta(minutes=1)
    ca, ca_key = certificate._make_ca(NAME, now)
    issued = certificate._issue(NAME, ca, ca_key, now)
    return Identity(ca=ca, chain_and_key=issued["certificate"] + issued["private_key"])


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it arrived."""

    sender: str
    recipients: list[str]
    encrypted: bool
    login: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Smarthost:
    """The running smarthost."""

    container: Container

    def received(self) -> list[Message]:
        said = self.container.logs(stderr=False).decode()
        kept = [json.loads(line) for line in said.splitlines()]
        return [Message(**{**one, "content": one["content"].encode("latin-1")}) for one in kept]


@contextmanager
def running(
    client: DockerClient, *, image: str, network: str, identity: Identity
) -> Iterator[Smarthost]:
    container = client.containers.create(
        image,
        name=f"{network}-smarthost",
        entrypoint=["python3", "-u", f"/{_FOLDER}/server.py"],
        command=[
            f"/{_FOLDER}/identity.pem",
            str(PORT),
            json.dumps({USER: PASSWORD, OTHER_USER: OTHER_PASSWORD}),
        ],
        environment={"PYTHONPATH": f"/{_FOLDER}"},
        network=network,
        networking_config={network: client.api.create_endpoint_config(aliases=[NAME])},
    )
    try:
        container.put_archive("/", _program(identity))
        container.start()
        yield Smarthost(container=container)
    finally:
        container.remove(v=True, force=True)


def _program(identity: Identity) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        server = Path(__file__).with_name("smarthost_server.py")
        archive.add(server, f"{_FOLDER}/server.py")
        key = tarfile.TarInfo(f"{_FOLDER}/identity.pem")
        key.size = len(identity.chain_and_key)
        archive.addfile(key, io.BytesIO(identity.chain_and_key.encode()))
        for library in _LIBRARIES:
            for file in files(library) or []:
                if file.suffix == ".py":
                    archive.add(file.locate(), f"{_FOLDER}/{file}")
    return buffer.getvalue()
