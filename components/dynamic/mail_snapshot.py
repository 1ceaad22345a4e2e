"""A snapshot of mail and state beside them, in their own volumes, before another image comes.

For hosts whose disk we do not own; at AWS the data volume is snapshotted as a whole. What it
guards against is a new release that spoils the mailboxes, not a broken disk.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pulumi
from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from components.dynamic.docker_link import DockerLinkError, docker_client
from components.dynamic.helper_container import MOUNT, helper_container
from components.dynamic.plain_errors import PlainError, plainly

LABEL = "mailstack.mail-snapshot"
_INPUTS = ("host", "ssh_opts", "image", "container", "mail", "state", "snapshot")
_WAY = ("host", "ssh_opts", "image")
_SCRIPT = Path(__file__).with_name("keep_mail.sh")
_STOP_SECONDS = 60  # as for every other end of the server
_PATIENCE = 3600  # seconds: a million links take one minute


class MailSnapshotError(PlainError):
    """The snapshot could not be taken or dropped; the text says why and what to do."""


class MailSnapshotProvider(ResourceProvider):
    """Takes and drops it. The module's path is frozen: state refers to this class by it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    @plainly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Stop the server, which is about to be replaced, and take the snapshot.

        A server of this very image is not about to be replaced: then there is none.
        """
        with docker_client(props["host"], props["ssh_opts"]) as client:
            server = _server(client, props["container"])
            replaced = server is None or server.attrs["Image"] != props["image"]
            if take := replaced and _volumes_exist(client, props):
                _take(client, props, server)
        return CreateResult(props["snapshot"], _state(props, taken=take))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A snapshot never changes: only the way to it may."""
        return DiffResult(changes=any(olds.get(name) != news.get(name) for name in _WAY))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Remember the new way, which `delete` will go."""
        return UpdateResult({**olds, **{name: news[name] for name in _WAY}})

    @plainly
    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Drop the snapshot; where its volumes or their host are gone, so is it."""
        try:
            with docker_client(props["host"], props["ssh_opts"]) as client:
                if _volumes_exist(client, props):
                    _run(client, props, "drop")
        except DockerLinkError:
            return


def _state(props: dict[str, Any], *, taken: bool) -> dict[str, Any]:
    return {**{name: props[name] for name in _INPUTS}, "taken": taken}


def _server(client: DockerClient, name: str) -> Container | None:
    try:
        return client.containers.get(name)
    except NotFound:
        return None


def _volumes_exist(client: DockerClient, props: dict[str, Any]) -> bool:
    try:
        for role in ("mail", "state"):
            client.volumes.get(props[role])
    except NotFound:
        return False
    return True


def _take(client: DockerClient, props: dict[str, Any], server: Container | None) -> None:
    runs = server is not None and server.attrs["State"]["Running"]
    try:
        if server is not None and runs:
            server.stop(timeout=_STOP_SECONDS)
        _run(client, props, "take")
    except BaseException:
        if server is not None and runs:
            server.start()
        raise


def _run(client: DockerClient, props: dict[str, Any], action: str) -> None:
    name = props["snapshot"]
    try:
        with helper_container(
            client,
            image=props["image"],
            script=_SCRIPT.read_text(),
            arguments=[action, name],
            volumes={f"{MOUNT}/{role}": props[role] for role in ("mail", "state")},
            # The snapshot's name too: the engine drops several at once.
            label=(LABEL, f"{props['mail']}/{name}"),
        ) as helper:
            helper.start()
            _wait(helper)
    except APIError as error:
        raise _failed(action, name, str(error.explanation or error)) from None
    except RetryError:
        raise _failed(action, name, f"not done within {_PATIENCE} s") from None
    except _HelperError as error:
        raise _failed(action, name, str(error)) from None


class _HelperError(Exception):
    """The helper ended with an error: its own words."""


def _wait(helper: Container) -> None:
    def ended() -> bool:
        helper.reload()
        return helper.status in {"exited", "dead"}

    Retrying(
        retry=retry_if_result(lambda done: not done),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_exponential(multiplier=0.1, max=5),
    )(ended)
    if helper.attrs["State"]["ExitCode"] != 0:
        said = helper.logs(stdout=False).decode(errors="replace").strip()
        raise _HelperError(said.splitlines()[-1] if said else "it said nothing")


def _failed(action: str, name: str, said: str) -> MailSnapshotError:
    if action == "drop":
        return MailSnapshotError(f"the snapshot {name} of the mail cannot be dropped: {said}")
    return MailSnapshotError(
        f"the mail could not be snapshotted before the new image comes: {said}. "
        "The server runs on as it was. Mend the cause and run `pulumi up` again, or go on "
        "without: pulumi config set --path mailstack:server.upgrade.snapshots 0"
    )


class MailSnapshot(Resource, module="mailstack", name="MailSnapshot"):
    """One snapshot, in the folder `.mailstack/<snapshot>` of the mail and the state volume."""

    taken: pulumi.Output[bool]
    """False where the server was of the new image already: there was nothing to guard."""

    def __init__(
        self,
        resource_name: str,
        *,
        host: pulumi.Input[str],
        ssh_opts: pulumi.Input[Sequence[str]],
        image: pulumi.Input[str],
        container: str,
        mail: pulumi.Input[str],
        state: pulumi.Input[str],
        snapshot: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the snapshot.

        Args:
            resource_name: the resource's name in the stack.
            host: Docker endpoint, as ``docker_client`` takes it.
            ssh_opts: options for OpenSSH's client.
            image: id of the image that comes, present on the host; the helper runs in it.
            container: name of the server's container.
            mail: name of the mail volume.
            state: name of the state volume.
            snapshot: its name, for good.
            opts: the usual resource options.
        """
        props: dict[str, Any] = {
            "host": host,
            "ssh_opts": ssh_opts,
            "image": image,
            "container": container,
            "mail": mail,
            "state": state,
            "snapshot": snapshot,
            "taken": None,
        }
        super().__init__(MailSnapshotProvider(), resource_name, props, opts)
