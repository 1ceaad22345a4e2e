"""Files in a Docker volume, read and written through a helper container.

The Engine has no call for "a file of a volume": its archive calls go through a container.
A container that was created but never started is enough to read. Writing starts it for a moment,
because only a process inside the image knows its users' numbers and can rename in place.
"""

import io
import tarfile
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container

from components.dynamic.helper_container import MOUNT, helper_container
from components.dynamic.plain_errors import PlainError

_OURS = ".mailstack"
INCOMING = f"{_OURS}/incoming"
LABEL = "mailstack.volume-files"
_SCRIPT = Path(__file__).with_name("place_files.sh")
_MEMORY = 16 * 1024 * 1024
_RUN_SECONDS = 60


class VolumeFilesError(PlainError):
    """The files could not be read or written; the text names the volume, never a content."""


class VolumeMissingError(VolumeFilesError):
    """The volume does not exist (the Engine would silently make an empty one)."""


@dataclass(frozen=True, kw_only=True)
class VolumeFile:
    """What a file shall be: its bytes, its mode ("0644"), its owner by name or ""."""

    content: bytes = field(repr=False)
    mode: str = "0644"
    owner: str = ""


@dataclass(frozen=True)
class VolumeFiles:
    """The files of one volume. ``image`` must be present on the Engine's host and have a shell."""

    client: DockerClient
    image: str
    volume: str

    def read(self, paths: Collection[str]) -> dict[str, bytes]:
        """Give the contents of those of ``paths`` that are regular files.

        Raises:
            VolumeMissingError: there is no such volume.
            VolumeFilesError: the image is not there, or the Engine refused.
        """
        with self._helper() as container:
            return _contents(container, paths)[0]

    def apply(
        self,
        files: Mapping[str, VolumeFile],
        *,
        always: Collection[str] = (),
        remove: Collection[str] = (),
    ) -> list[str]:
        """Make ``files`` exist as given and ``remove`` not exist; give the paths written.

        A file that already has the right content is left alone, unless it is in ``always``
        (its mode or owner is another now). Each file is replaced atomically.

        Raises:
            VolumeMissingError: there is no such volume.
            VolumeFilesError: the image is not there, the Engine refused (a full disk), or a step
                in the container failed. No file is half written then.
        """
        with self._helper() as reader:
            present, left = _contents(reader, files)
        written = [
            path
            for path, file in files.items()
            if path in always or present.get(path) != file.content
        ]
        steps: list[str] = []
        for number, path in enumerate(written):
            steps += ["put", str(number), path, files[path].mode, files[path].owner]
        for path in remove:
            steps += ["remove", path]
        if steps or left:  # the last step of all takes away what a killed run left
            with self._helper(steps) as container:
                container.put_archive(MOUNT, _incoming([files[path].content for path in written]))
                container.start()
                if container.wait(timeout=_RUN_SECONDS)["StatusCode"] != 0:
                    said = container.logs(stdout=False).decode(errors="replace").strip()
                    raise VolumeFilesError(f"writing to volume {self.volume} failed: {said}")
        return written

    @contextmanager
    def _helper(self, steps: Sequence[str] = ()) -> Iterator[Container]:
        try:
            self.client.volumes.get(self.volume)
        except NotFound:
            raise VolumeMissingError(f"there is no volume {self.volume}") from None
        with ExitStack() as stack:
            helper = helper_container(
                self.client,
                image=self.image,
                script=_SCRIPT.read_text(),
                arguments=steps,
                volumes={MOUNT: self.volume},
                label=(LABEL, self.volume),
            )
            try:
                container = stack.enter_context(helper)
            except ImageNotFound:
                raise VolumeFilesError(
                    f"the image {self.image}, through which the files of volume {self.volume} are "
                    "reached, is not on the host: pull it there again"
                ) from None
            try:
                yield container
            except APIError as error:  # a full disk, for one
                said = error.explanation or error
                raise VolumeFilesError(
                    f"Docker cannot reach the files of volume {self.volume}: {said}"
                ) from None


def _contents(container: Container, paths: Collection[str]) -> tuple[dict[str, bytes], bool]:
    """The contents of ``paths``, and whether something of a killed run lies beside them."""
    found: dict[str, bytes] = {}
    left = False
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY) as archive:
        for chunk in container.get_archive(MOUNT)[0]:
            archive.write(chunk)
        archive.seek(0)
        with tarfile.open(fileobj=archive) as members:
            for member in members:
                path = member.name.partition("/")[2]
                left = left or path == _OURS
                content = members.extractfile(member) if member.isreg() else None
                if path in paths and content is not None:
                    found[path] = content.read()
    return found, left


def _incoming(contents: Sequence[bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for directory in (_OURS, INCOMING):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o700
            archive.addfile(entry)
        for number, content in enumerate(contents):
            entry = tarfile.TarInfo(f"{INCOMING}/{number}")
            entry.size, entry.mode, entry.mtime = len(content), 0o600, time.time()
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
