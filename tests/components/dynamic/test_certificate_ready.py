import io
import tarfile
from datetime import UTC, datetime, timedelta
from typing import Any

import docker
import pytest
import trustme
from docker.models.containers import Container

from components.dynamic.certificate_ready import CertificateReadyProvider, NoCertificateError
from tests.lab.docker.engine import IMAGE

PROVIDER = CertificateReadyProvider()
NAME = "mail.example.test"
FOLDER = "/srv/published/production-mail.example.test"


@pytest.fixture
def acme(client: docker.DockerClient, volume: str) -> Container:
    mount = docker.types.Mount("/srv/published", volume, type="volume")
    made = client.containers.create(IMAGE, name="acme", mounts=[mount])
    made.start()
    return made


@pytest.fixture
def props(engine_socket: str, acme: Container) -> dict[str, Any]:
    return {
        "host": f"unix://{engine_socket}",
        "ssh_opts": [],
        "container_id": acme.id,
        "chain_file": f"{FOLDER}/fullchain.pem",
        "name": NAME,
        "timeout": 0.5,
        "ready": None,
        "ca": None,
    }


def publish(
    acme: Container,
    name: str = NAME,
    *,
    end: datetime | None = None,
    with_root: bool = False,
    text: bytes | None = None,
) -> trustme.CA:
    authority = trustme.CA()
    issued = authority.issue_cert(name, not_after=end)
    chain = [*issued.cert_chain_pems, *([authority.cert_pem] if with_root else [])]
    content = text if text is not None else b"".join(pem.bytes() for pem in chain)
    folder = FOLDER.rpartition("/")[2]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        directory = tarfile.TarInfo(folder)
        directory.type, directory.mode = tarfile.DIRTYPE, 0o700
        archive.addfile(directory)
        entry = tarfile.TarInfo(f"{folder}/fullchain.pem")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    acme.put_archive("/srv/published", buffer.getvalue())
    return authority


def test_ready_once_it_lies_there(props: dict[str, Any], acme: Container) -> None:
    publish(acme)
    result = PROVIDER.create(props)
    assert result.outs == {**props, "ready": True, "ca": None}
    assert PROVIDER.diff("id", result.outs, props).changes is False
    assert PROVIDER.read("id", result.outs).outs == result.outs


def test_a_root_that_comes_along_is_one_to_trust(props: dict[str, Any], acme: Container) -> None:
    authority = publish(acme, with_root=True)
    assert PROVIDER.create(props).outs["ca"] == authority.cert_pem.bytes().decode()


def test_nothing_there_is_reported_after_its_time(props: dict[str, Any]) -> None:
    with pytest.raises(NoCertificateError) as caught:
        PROVIDER.create(props)
    assert f"there is no certificate for {NAME} within 0 s" in str(caught.value)
    assert "docker logs acme" in str(caught.value)
    assert "was not started" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "other.example.test"},
        {"end": datetime.now(UTC) - timedelta(minutes=1)},
        {"text": b""},
    ],
    ids=["another name", "expired", "empty"],
)
def test_what_no_client_would_take_is_none(
    props: dict[str, Any], acme: Container, wrong: dict[str, Any]
) -> None:
    publish(acme, **wrong)
    with pytest.raises(NoCertificateError):
        PROVIDER.create(props)


def test_a_client_that_ended_is_reported_at_once(props: dict[str, Any], acme: Container) -> None:
    acme.stop()
    with pytest.raises(NoCertificateError, match="its client ended with exit code 0"):
        PROVIDER.create({**props, "timeout": 600})


def test_a_removed_client_is_reported(props: dict[str, Any], acme: Container) -> None:
    acme.remove(force=True)
    with pytest.raises(NoCertificateError, match="was removed"):
        PROVIDER.update("id", props, props)


def test_a_refresh_without_certificate_makes_the_next_up_wait(
    props: dict[str, Any], acme: Container
) -> None:
    publish(acme)
    outs = PROVIDER.create(props).outs
    publish(acme, end=datetime.now(UTC) - timedelta(days=1))
    seen = PROVIDER.read("id", outs).outs
    assert seen["ready"] is False
    assert PROVIDER.diff("id", seen, props).changes is True
    publish(acme)
    assert PROVIDER.update("id", seen, props).outs["ready"] is True


def test_a_refresh_without_client_keeps_the_resource(
    props: dict[str, Any], acme: Container
) -> None:
    publish(acme)
    outs = PROVIDER.create(props).outs
    acme.remove(force=True)
    result = PROVIDER.read("id", outs)
    assert (result.id, result.outs["ready"]) == ("id", False)


@pytest.mark.parametrize("name", ["container_id", "chain_file", "name"])
def test_another_order_is_waited_for(props: dict[str, Any], acme: Container, name: str) -> None:
    publish(acme)
    outs = PROVIDER.create(props).outs
    assert PROVIDER.diff("id", outs, {**props, name: "other"}).changes is True
