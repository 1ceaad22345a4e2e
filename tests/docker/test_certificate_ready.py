"""Waiting for an ACME client that really runs, fails, and is started again."""

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import docker
import pytest
import trustme
from docker.errors import NotFound
from docker.models.containers import Container
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from components.dynamic.certificate_ready import CertificateReadyProvider, NoCertificateError
from mail.acme import FAILED

pytestmark = pytest.mark.docker

NAME = "mail.example.test"
FOLDER = "/srv/published/lineage"
FAILS = f"""
echo '  Detail: no TXT record found'
echo 'Some challenges have failed.'
echo '{FAILED}; next attempt in 900 s'
"""
# It fails at its first start, and obtains what lies ready at the second.
SUCCEEDS_AT_THE_SECOND_START = f"""
if [ -e /srv/published/tried ]; then mv /srv/published/ready {FOLDER}
else touch /srv/published/tried
{FAILS}
fi
trap 'exit 0' TERM
sleep 1000 & wait
"""

Start = Callable[[str], Container]


@pytest.fixture
def start(engine: docker.DockerClient, image: str, volume: str, name: str) -> Iterator[Start]:
    """Start a container that runs this script, with a certificate lying ready in its volume."""

    def run(script: str) -> Container:
        made = engine.containers.create(
            image,
            ["sh", "-c", script],
            name=f"{name}-acme",
            mounts=[docker.types.Mount("/srv/published", volume, type="volume")],
        )
        made.put_archive("/srv/published", _ready())
        made.start()
        return made

    yield run
    with suppress(NotFound):
        engine.containers.get(f"{name}-acme").remove(v=True, force=True)


def _ready() -> bytes:
    chain = trustme.CA().issue_cert(NAME).cert_chain_pems[0].bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        directory = tarfile.TarInfo("ready")
        directory.type, directory.mode = tarfile.DIRTYPE, 0o700
        archive.addfile(directory)
        entry = tarfile.TarInfo("ready/fullchain.pem")
        entry.size = len(chain)
        archive.addfile(entry, io.BytesIO(chain))
    return buffer.getvalue()


def wait_for(socket: str, container: Container, timeout: float = 60) -> bool:
    props: dict[str, Any] = {
        "host": f"unix://{socket}",
        "ssh_opts": [],
        "container_id": container.id,
        "chain_file": f"{FOLDER}/fullchain.pem",
        "name": NAME,
        "timeout": timeout,
    }
    outs = CertificateReadyProvider().create(props).outs
    return bool(outs and outs["ready"])


def test_a_failure_is_told_in_the_authoritys_words_at_once(socket: str, start: Start) -> None:
    container = start(f"sleep 1; {FAILS} sleep 1000")
    with pytest.raises(NoCertificateError, match="at the first attempt: no TXT record found"):
        wait_for(socket, container)


def test_whoever_runs_up_again_need_not_wait_for_the_next_attempt(
    socket: str, start: Start
) -> None:
    container = start(SUCCEEDS_AT_THE_SECOND_START)
    Retrying(
        retry=retry_if_result(lambda said: FAILED.encode() not in said),
        stop=stop_after_delay(60),
        wait=wait_fixed(0.1),
    )(container.logs)
    assert wait_for(socket, container)


def test_a_client_that_cannot_run_is_told_with_its_last_line(socket: str, start: Start) -> None:
    container = start("echo 'sh: certbot: not found'; exit 3")
    with pytest.raises(NoCertificateError, match=r"exit code 3: sh: certbot: not found"):
        wait_for(socket, container)
