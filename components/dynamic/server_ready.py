"""The moment when every asked-for port of the mail server answers, or the reason why not.

Docker's own health check cannot tell a start that failed from one that takes long, and
docker-mailserver exits with 0 when it gives up, only for Docker to start it again: what counts
is its log (target/scripts/helpers/error.sh in docker-mailserver's source).
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pulumi
from docker import DockerClient
from docker.errors import APIError, NotFound
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

from components.dynamic.crash_loop import crash_loop, last_words
from components.dynamic.docker_link import docker_client
from components.dynamic.listening import listening_ports
from components.dynamic.plain_errors import PlainError, plainly

_INPUTS = ("host", "ssh_opts", "container_id", "ports", "timeout", "image")
_POLL_SECONDS = 0.5
_LOG_LINES = 500
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(r"\bERROR\b[\s\]]+(\S+: .+)")
_GIVING_UP = re.compile(r"ERROR\b[\s\]]+\S+: (Shutting down|Aborting)\s*$")


class ServerNotReadyError(PlainError):
    """The server gave up or took too long; the text says why and what to do."""


class ServerReadyProvider(ResourceProvider):
    """Waits for the server. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    @plainly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Wait until every port listens."""
        _wait(props)
        return CreateResult(props["container_id"], _state(props, ready=True))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Wait again for another container, other ports, or one that was not ready lately."""
        same = all(olds.get(name) == news.get(name) for name in _INPUTS)
        return DiffResult(changes=not same or not olds.get("ready"))

    @plainly
    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Wait until every port listens; for an image that never did so here, tell the way back."""
        try:
            _wait(news)
        except ServerNotReadyError as error:
            if olds.get("image") in {None, news["image"]} or not news["rollback"]:
                raise
            raise ServerNotReadyError(f"{error}{_way_back(olds, news)}") from None
        return UpdateResult(_state(news, ready=True))

    @plainly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Report whether every port listens right now."""
        with docker_client(props["host"], props["ssh_opts"]) as client:
            try:
                ready = not _missing(client, props)
            except APIError:  # removed or stopped
                ready = False
        return ReadResult(id_, _state(props, ready=ready))


def _state(props: dict[str, Any], *, ready: bool) -> dict[str, Any]:
    return {**{name: props.get(name) for name in (*_INPUTS, "rollback")}, "ready": ready}


def _way_back(olds: dict[str, Any], news: dict[str, Any]) -> str:
    return (
        f" The image {news['image']} is new here; {olds['image']} ran well and is still on the "
        f"host. Back to it, with all mail: {news['rollback']}"
    )


def _missing(client: DockerClient, props: dict[str, Any]) -> list[int]:
    listening = listening_ports(client, props["container_id"])
    return sorted({int(port) for port in props["ports"]} - listening)


def _wait(props: dict[str, Any]) -> None:
    with docker_client(props["host"], props["ssh_opts"]) as client:
        try:
            container = client.containers.get(props["container_id"])
            born = _life(container)
            missing: list[int] = []

            def look() -> bool:
                nonlocal missing
                container.reload()
                _check_alive(container, born)
                try:
                    missing = _missing(client, props)
                except APIError:  # it ended between the two questions: the next look tells why
                    return False
                return not missing

            Retrying(
                retry=retry_if_result(lambda ready: not ready),
                stop=stop_after_delay(props["timeout"]),
                wait=wait_fixed(_POLL_SECONDS),
            )(look)
        except NotFound:
            raise ServerNotReadyError("the mail server's container was removed") from None
        except RetryError:
            ports = ", ".join(map(str, missing))
            what_happened = f"port {ports} did not open within {int(props['timeout'])} s"
            raise _not_ready(container, born, what_happened) from None


def _life(container: Container) -> tuple[str, int]:
    return container.attrs["State"]["StartedAt"], container.attrs["RestartCount"]


def _check_alive(container: Container, born: tuple[str, int]) -> None:
    state = container.attrs["State"]
    if not state["Running"] or state["Restarting"]:
        raise _not_ready(container, born, f"it stopped with exit code {state['ExitCode']}")
    if _life(container) != born:
        raise _not_ready(container, born, "it stopped and was started again")
    lines = _log_lines(container, born)
    if any(_GIVING_UP.search(line) for line in lines):
        raise _not_ready(container, born, "it is shutting down")
    if program := crash_loop(lines):
        reason = last_words(container, program)
        raise _not_ready(container, born, f"{program} ends at each start", reason)


def _log_lines(container: Container, born: tuple[str, int], slack: float = 0.0) -> list[str]:
    # Since this start only: the log also holds what went wrong in earlier lives.
    since = max(1.0, datetime.fromisoformat(born[0]).timestamp() - slack)
    text = container.logs(tail=_LOG_LINES, since=since).decode(errors="replace")
    return [_COLOUR.sub("", line).rstrip() for line in text.splitlines()]


def last_error(lines: Sequence[str]) -> str | None:
    """Find docker-mailserver's own reason in its log: the last ERROR that is not "giving up"."""
    reasons = [
        match[1] for line in lines if (match := _ERROR.search(line)) and not _GIVING_UP.search(line)
    ]
    return reasons[-1] if reasons else None


def _not_ready(
    container: Container, born: tuple[str, int], what_happened: str, reason: str | None = None
) -> ServerNotReadyError:
    # Docker notes the start a moment after the process began, and maybe logged its end.
    reason = reason or last_error(_log_lines(container, born, slack=2.0))
    said = f": {reason}" if reason else "; it logged no error"
    return ServerNotReadyError(
        f"the mail server {container.name} did not start, {what_happened}{said}. "
        f"Its whole log: docker logs {container.name}. "
        "Mend the cause in the stack file and run `pulumi up` again."
    )


class ServerReady(Resource, module="mailstack", name="ServerReady"):
    """Waits until the server's ports listen inside its container.

    It does not look at the published ports: a firewall between here and there is the doctor's
    business.
    """

    ready: pulumi.Output[bool]
    """True once every port listens; False after a refresh that found the server stopped."""
    container_id: pulumi.Output[str]
    """The container's id: use this one where a ready server is needed."""

    def __init__(
        self,
        resource_name: str,
        *,
        host: pulumi.Input[str],
        ssh_opts: pulumi.Input[Sequence[str]],
        container_id: pulumi.Input[str],
        ports: pulumi.Input[Sequence[int]],
        image: pulumi.Input[str],
        rollback: pulumi.Input[str],
        timeout: pulumi.Input[int] = 180,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the wait.

        Args:
            resource_name: the resource's name in the stack.
            host: Docker endpoint, as ``docker_client`` takes it.
            ssh_opts: options for OpenSSH's client.
            container_id: the server's container; another id means waiting again.
            ports: TCP ports inside the container.
            image: the container's image, as the settings name it.
            rollback: the command that goes back to the image before, or "".
            timeout: seconds; docker-mailserver itself waits 120 for its first account.
            opts: the usual resource options.
        """
        props: dict[str, Any] = {
            "host": host,
            "ssh_opts": ssh_opts,
            "container_id": container_id,
            "ports": ports,
            "timeout": timeout,
            "image": image,
            "rollback": rollback,
            "ready": None,
        }
        super().__init__(ServerReadyProvider(), resource_name, props, opts)
