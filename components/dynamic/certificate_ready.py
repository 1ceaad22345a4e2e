"""The moment when the ACME client has obtained the certificate, or its own reason why not.

docker-mailserver ends at its first start without a certificate, so its container waits for this.
"""

import io
import tarfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pulumi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from docker.errors import NotFound
from docker.models.containers import Container
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from components.dynamic.docker_link import docker_client
from components.dynamic.plain_errors import PlainError, plainly
from mail.acme import FAILED, certbots_reason

PATIENCE = 600  # seconds: a DNS record that spreads, and an ACME server that takes its time
_POLL_SECONDS = 1
_LOG_LINES = 200
_STOP_SECONDS = 5
_INPUTS = ("host", "ssh_opts", "container_id", "chain_file", "name", "timeout")


class NoCertificateError(PlainError):
    """The ACME client failed or took too long; the text has its own words, and what to do."""


class CertificateReadyProvider(ResourceProvider):
    """Waits for the certificate. The module's path is frozen: state refers to it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    @plainly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Wait until a valid certificate lies there; raises NoCertificateError."""
        return CreateResult(props["container_id"], _state(props, _wait(props)))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Wait again for another order, and for one that a refresh found without certificate."""
        same = all(olds.get(name) == news.get(name) for name in _INPUTS)
        return DiffResult(changes=not same or not olds.get("ready"))

    @plainly
    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Wait until a valid certificate lies there."""
        return UpdateResult(_state(news, _wait(news)))

    @plainly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Report whether a valid certificate lies there now."""
        with docker_client(props["host"], props["ssh_opts"]) as client:
            try:
                chain = _valid_chain(client.containers.get(props["container_id"]), props)
            except NotFound:
                chain = []
        return ReadResult(id_, _state(props, chain))


def _state(props: dict[str, Any], chain: Sequence[x509.Certificate]) -> dict[str, Any]:
    return {
        **{name: props[name] for name in _INPUTS},
        "ready": bool(chain),
        "ca": _own_root(chain),
    }


def _own_root(chain: Sequence[x509.Certificate]) -> str | None:
    """Give the root at the chain's end: an issuer that the world knows leaves it out."""
    if not chain or chain[-1].issuer != chain[-1].subject:
        return None
    return chain[-1].public_bytes(Encoding.PEM).decode()


def _wait(props: dict[str, Any]) -> list[x509.Certificate]:
    with docker_client(props["host"], props["ssh_opts"]) as client:
        try:
            container = client.containers.get(props["container_id"])
            if chain := _valid_chain(container, props):
                return chain
            if earlier := _last_failure(container):
                # It sleeps after that one; whoever runs `up` again has mended something.
                container.restart(timeout=_STOP_SECONDS)
            return Retrying(
                retry=retry_if_result(lambda found: not found),
                stop=stop_after_delay(props["timeout"]),
                wait=wait_fixed(_POLL_SECONDS),
            )(_look, container, props, earlier)
        except NotFound:
            raise NoCertificateError("the ACME client's container was removed") from None
        except RetryError:
            how = f"within {int(props['timeout'])} s"
            raise _failure(container, props, how, earlier) from None


def _look(container: Container, props: dict[str, Any], earlier: str) -> list[x509.Certificate]:
    container.reload()
    if not (chain := _valid_chain(container, props)):
        if not container.attrs["State"]["Running"]:
            code = container.attrs["State"]["ExitCode"]
            how = f"and its client ended with exit code {code}"
            raise _failure(container, props, how, earlier)
        if _last_failure(container) > earlier:
            raise _failure(container, props, "at the first attempt", earlier)
    return chain


def _valid_chain(container: Container, props: dict[str, Any]) -> list[x509.Certificate]:
    try:
        chunks, _ = container.get_archive(props["chain_file"])
    except NotFound:
        return []
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        member = archive.next()
        file = archive.extractfile(member) if member is not None else None
        pem = file.read() if file is not None else b""
    try:
        chain = x509.load_pem_x509_certificates(pem)
    except ValueError:
        return []
    names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    valid = chain[0].not_valid_after_utc > datetime.now(UTC)
    return chain if valid and props["name"] in names.get_values_for_type(x509.DNSName) else []


def _last_failure(container: Container) -> str:
    """Give the time of the last failed attempt by the Engine's clock, or ""."""
    return max((time for time, line in _log(container) if FAILED in line), default="")


def _log(container: Container) -> list[tuple[str, str]]:
    text = container.logs(tail=_LOG_LINES, timestamps=True).decode(errors="replace")
    stamped = [line.partition(" ") for line in text.splitlines()]
    return [(time, line) for time, _, line in stamped]


def _failure(
    container: Container, props: dict[str, Any], how: str, earlier: str
) -> NoCertificateError:
    said = certbots_reason([line for time, line in _log(container) if time > earlier])
    return NoCertificateError(
        f"there is no certificate for {props['name']} {how}: {said or 'the client said nothing'}. "
        f"Its whole log: docker logs {container.name}. The mail server was not started. Mend the "
        "cause and run `pulumi up` again; the client also tries again by itself."
    )


class CertificateReady(Resource, module="mailstack", name="CertificateReady"):
    """A certificate that has been obtained and is valid."""

    ready: pulumi.Output[bool]
    """True once it is there; False after a refresh that found none, or one that has expired."""
    ca: pulumi.Output[str | None]
    """The root that the issuer sent along, PEM: only one that the world does not know does so."""

    def __init__(
        self,
        resource_name: str,
        *,
        host: pulumi.Input[str],
        ssh_opts: pulumi.Input[Sequence[str]],
        container_id: pulumi.Input[str],
        chain_file: str,
        name: str,
        timeout: int = PATIENCE,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the wait.

        Args:
            resource_name: the resource's name in the stack.
            host: Docker endpoint, as ``docker_client`` takes it.
            ssh_opts: options for OpenSSH's client.
            container_id: the ACME client's container.
            chain_file: where the chain lies in it, once it is there.
            name: the DNS name that the certificate must have.
            timeout: seconds to wait.
            opts: the usual resource options.
        """
        props: dict[str, Any] = {
            "host": host,
            "ssh_opts": ssh_opts,
            "container_id": container_id,
            "chain_file": chain_file,
            "name": name,
            "timeout": timeout,
            "ready": None,
            "ca": None,
        }
        super().__init__(CertificateReadyProvider(), resource_name, props, opts)
