"""The config volume's files as one resource: only what changed is written, the container stays.

docker-mailserver watches most of these files, so a new account is a changed file and nothing
else. https://docker-mailserver.github.io/docker-mailserver/latest/config/advanced/optional-config/
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from secrets import token_hex
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime.rpc import UNKNOWN

from components.dynamic.docker_link import DockerLinkError, docker_client
from components.dynamic.plain_errors import plainly
from components.dynamic.volume_files import VolumeFile, VolumeFiles, VolumeMissingError

_INPUTS = ("host", "ssh_opts", "image", "volume", "files")
_DIGEST = 12  # hex digits: enough to show a difference
_MODE = re.compile(r"0[0-7]{3}")
_OWNER = re.compile(r"([a-z_][a-z0-9_-]*)?")


class ConfigFilesProvider(ResourceProvider):
    """Writes, reads and removes the files. The module's path is frozen: state refers to it."""

    serialize_as_secret_always = False  # the class is stateless: its reference hides nothing

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse paths that would leave the volume, and modes and owners that are none.

        Each file gets a digest, so that a preview shows which ones change: the engine shows two
        secrets as the same. It is keyed by a secret salt, or it would tell who guesses well.
        """
        files = news.get("files")
        if not isinstance(files, dict):  # not known yet
            return CheckResult(news, [])
        if problems := _problems(files):
            return CheckResult(news, [CheckFailure("files", problem) for problem in problems])
        salt = olds.get("salt") or token_hex(16)
        digested = {path: _digested(salt, path, file) for path, file in files.items()}
        return CheckResult({**news, "salt": salt, "files": digested}, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another volume is another resource; everything else is brought up to date in place."""
        changed = [name for name in _INPUTS if olds.get(name) != news.get(name)]
        replaces = [name for name in changed if name == "volume"]
        return DiffResult(changes=bool(changed), replaces=replaces)

    @plainly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write all files; what the volume holds beside them is left alone."""
        with docker_client(props["host"], props["ssh_opts"]) as client:
            VolumeFiles(client, props["image"], props["volume"]).apply(_wanted(props))
        return CreateResult(props["volume"], _state(props))

    @plainly
    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write what differs from what the volume holds and remove what left the settings.

        Where only the way there changed (host, SSH options, image), only the state is updated:
        it is what ``read`` and ``delete`` will use.
        """
        if olds["files"] != news["files"]:
            remodelled = [
                path
                for path, file in news["files"].items()
                if _rights(file) != _rights(olds["files"].get(path, file))
            ]
            gone = [path for path in olds["files"] if path not in news["files"]]
            with docker_client(news["host"], news["ssh_opts"]) as client:
                VolumeFiles(client, news["image"], news["volume"]).apply(
                    _wanted(news), always=remodelled, remove=gone
                )
        return UpdateResult(_state(news))

    @plainly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Report what our files hold now; a missing volume means that the resource is gone."""
        files = props["files"]
        try:
            with docker_client(props["host"], props["ssh_opts"]) as client:
                found = VolumeFiles(client, props["image"], props["volume"]).read(files)
        except VolumeMissingError:
            return ReadResult("", {})
        actual = {
            path: _digested(
                props["salt"], path, {**file, "content": found[path].decode(errors="replace")}
            )
            for path, file in files.items()
            if path in found
        }
        state = {**_state(props), "files": actual}
        return ReadResult(id_, state, dict(state))

    @plainly
    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove our files; where the volume or its host is gone, so are they."""
        try:
            with docker_client(props["host"], props["ssh_opts"]) as client:
                VolumeFiles(client, props["image"], props["volume"]).apply(
                    {}, remove=list(props["files"])
                )
        except (VolumeMissingError, DockerLinkError):
            return


def _state(props: Mapping[str, Any]) -> dict[str, Any]:
    return {name: props[name] for name in (*_INPUTS, "salt")}


def _digested(salt: str, path: str, file: Any) -> Any:  # noqa: ANN401 - unknown in a preview
    if not isinstance(file, Mapping):
        return file
    if file["content"] == UNKNOWN:
        return {**file, "digest": UNKNOWN}
    text = f"{path}\0{file['content']}".encode()
    return {**file, "digest": hmac.new(salt.encode(), text, "sha256").hexdigest()[:_DIGEST]}


def _rights(file: Mapping[str, str]) -> tuple[str, str]:
    return file["mode"], file["owner"]


def _wanted(props: Mapping[str, Any]) -> dict[str, VolumeFile]:
    return {
        path: VolumeFile(content=file["content"].encode(), mode=file["mode"], owner=file["owner"])
        for path, file in props["files"].items()
    }


def _problems(files: Mapping[str, Any]) -> list[str]:
    problems = []
    for path, file in files.items():
        parts = PurePosixPath(path).parts
        if not path or path != "/".join(parts) or path.startswith("/") or ".." in parts:
            problems.append(f"{path!r} is no relative path within the volume")
        elif not path.isprintable():
            problems.append(f"{path!r} contains a control character")
        elif parts[0] == ".mailstack":
            problems.append(f"{path!r} is reserved for files on their way in")
        if any(str(parent) in files for parent in PurePosixPath(path).parents[:-1]):
            problems.append(f"{path!r} lies below another file")
        if isinstance(file, Mapping):  # else not known yet
            if not _MODE.fullmatch(str(file.get("mode"))):
                problems.append(f"{path!r}: the mode is not like 0644")
            if not _OWNER.fullmatch(str(file.get("owner"))):
                problems.append(f"{path!r}: the owner is no user name")
    return problems


@dataclass(frozen=True, kw_only=True)
class ConfigFileArgs:
    """One file: its content, always kept as a secret, its mode and its owner inside the image."""

    content: pulumi.Input[str]
    mode: int = 0o644
    owner: str | None = None


class ConfigFiles(Resource, module="mailstack", name="ConfigFiles"):
    """Files of the config volume, by relative path. Nothing else in the volume is touched.

    It does not signal or restart the server: docker-mailserver watches the files itself, and
    what it reads at start only belongs into the container's replacement trigger.
    """

    volume: pulumi.Output[str]
    """Name of the volume; depend on it to start a container after its files are in place."""

    def __init__(
        self,
        resource_name: str,
        *,
        host: pulumi.Input[str],
        ssh_opts: pulumi.Input[Sequence[str]],
        image: pulumi.Input[str],
        volume: pulumi.Input[str],
        files: Mapping[str, ConfigFileArgs],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the files.

        Args:
            resource_name: the resource's name in the stack.
            host: Docker endpoint, as ``docker_client`` takes it.
            ssh_opts: options for OpenSSH's client.
            image: the server's image, present on the host.
            volume: name of an existing volume.
            files: relative path to file. The paths are plain, so that a preview names the
                changed file while its content stays secret.
            opts: the usual resource options.
        """
        props: dict[str, Any] = {
            "host": host,
            "ssh_opts": ssh_opts,
            "image": image,
            "volume": volume,
            "salt": pulumi.Output.secret(""),  # `check` fills it in: once, for good
            "files": {
                path: {
                    "content": pulumi.Output.secret(file.content),
                    "mode": f"{file.mode:04o}",
                    "owner": file.owner or "",
                }
                for path, file in files.items()
            },
        }
        super().__init__(ConfigFilesProvider(), resource_name, props, opts)
