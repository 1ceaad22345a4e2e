"""Waits until a new VPS's Docker answers over SSH.

A provider that connected at once would find no sshd yet. So its endpoint is an output of
this resource: unknown in the preview that first makes the VPS, and given on only when
Docker there has answered.
"""

import sys
from typing import Any

import docker.errors
import pulumi
import tenacity
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from components.dynamic.docker_link import docker_client
from components.dynamic.link_errors import DockerLinkError
from components.dynamic.plain_errors import PlainError, plainly

PATIENCE = 600  # seconds: a small VPS boots and installs Docker in two to four minutes
PAUSE = 5  # seconds between attempts
_TOLD_EVERY = 6  # attempts


class DockerNotReadyError(PlainError):
    """Docker did not answer in time; the text says what was seen last, and where to look."""


def _may_pass(error: BaseException) -> bool:
    """Whether waiting may help: not where another machine answers."""
    if isinstance(error, DockerLinkError):
        return not error.lasting
    return isinstance(error, docker.errors.DockerException)


def _tell(state: tenacity.RetryCallState) -> None:
    # The Pulumi CLI shows what a provider's process prints. Not pulumi.log: there is no engine on
    # the other end of it in this process.
    if state.attempt_number % _TOLD_EVERY == 1 and state.outcome is not None:
        seconds = round(state.seconds_since_start or 0)
        reason = str(state.outcome.exception()).partition(". ")[0]
        sys.stderr.write(f"waiting for Docker, {seconds} s of at most {PATIENCE}: {reason}\n")
        sys.stderr.flush()


def _wait(props: dict[str, Any]) -> dict[str, Any]:
    attempts = tenacity.Retrying(
        stop=tenacity.stop_after_delay(PATIENCE),
        wait=tenacity.wait_fixed(PAUSE),
        retry=tenacity.retry_if_exception(_may_pass),
        before_sleep=_tell,
    )
    try:
        for attempt in attempts:
            with attempt, docker_client(props["host"], props["ssh_opts"]) as client:
                client.ping()
    except tenacity.RetryError as error:
        options = " ".join(props["ssh_opts"])
        login = str(props["host"]).removeprefix("ssh://")
        raise DockerNotReadyError(
            f"Docker did not answer within {PATIENCE // 60} minutes. Last seen: "
            f"{error.last_attempt.exception()} What the machine itself did: "
            f"ssh {options} {login} sudo tail -n 30 /var/log/cloud-init-output.log (EC2's console "
            "has it too: Instance, Monitor and troubleshoot, Get system log). `pulumi up` waits "
            "again."
        ) from None
    return {**props, "endpoint": props["host"]}


class DockerReadyProvider(ResourceProvider):
    """Waits. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    @plainly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Wait for Docker; raises DockerNotReadyError after ten minutes."""
        return CreateResult(props["host"], _wait(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another machine or address is waited for again."""
        watched = ("host", "ssh_opts", "generation")
        return DiffResult(changes=any(olds.get(name) != news.get(name) for name in watched))

    @plainly
    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Wait for the new machine."""
        return UpdateResult(_wait(news))


class DockerReady(Resource, module="mailstack", name="DockerReady"):
    """A Docker endpoint that has answered."""

    endpoint: pulumi.Output[str]
    """``ssh://user@address``, once Docker answers there."""

    def __init__(
        self,
        name: str,
        *,
        host: pulumi.Input[str],
        ssh_opts: pulumi.Input[list[str]],
        generation: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Wait for ``host``; ``generation`` changes when the machine is another one."""
        props = {"host": host, "ssh_opts": ssh_opts, "generation": generation, "endpoint": None}
        super().__init__(DockerReadyProvider(), name, props, opts)
