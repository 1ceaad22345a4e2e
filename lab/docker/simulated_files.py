"""Files of the simulated Engine: archives of its volumes, and mailstack's own helpers at work."""

import io
import os
import posixpath
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO

from lab.docker.simulated_store import EngineError, Record

_HELPERS = frozenset({"mailstack.volume-files", "mailstack.mail-snapshot"})
_HELPER_SECONDS = 60


def locate(container: Record, path: str) -> Path:
    """Where ``path`` of a container lies on this machine; only its volumes lie anywhere."""
    for mount in container["Mounts"]:
        inside = posixpath.relpath(path, mount["Destination"])
        if mount["Type"] == "volume" and not inside.startswith(".."):
            target = (Path(mount["Source"]) / inside).resolve()
            if target.is_relative_to(Path(mount["Source"]).resolve()) and target.exists():
                return target
    message = f"Could not find the file {path} in container {container['Id']}"
    raise EngineError(HTTPStatus.NOT_FOUND, message)


def pack(container: Record, path: str) -> bytes:
    """A file or directory of a container as a tar archive, as the Engine's archive call gives."""
    target = locate(container, path)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(target, arcname=posixpath.basename(path.rstrip("/")) or "/")
    return buffer.getvalue()


def unpack(container: Record, path: str, data: bytes) -> None:
    """Extract a tar archive of files and directories into a directory of a container."""
    target = locate(container, path)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            _place(target, member, archive.extractfile(member) if member.isreg() else None)


def _place(target: Path, member: tarfile.TarInfo, content: IO[bytes] | None) -> None:
    # Not by `extractall`: Python has its filters only since 3.11.4, and "data" widens the mode of
    # directories, though what is on its way in holds keys.
    place = target / member.name
    if not place.resolve().is_relative_to(target):
        raise EngineError(HTTPStatus.BAD_REQUEST, f"{member.name} leads out of the archive")
    if member.isdir():
        place.mkdir(mode=0o700, exist_ok=True)
    elif content is not None:
        place.touch(mode=0o600)
        place.write_bytes(content.read())
    else:
        raise EngineError(HTTPStatus.BAD_REQUEST, f"{member.name} is neither file nor directory")
    place.chmod(member.mode & 0o777)


def is_helper(container: Record) -> bool:
    """Whether the container is one of mailstack's own, which work on files of volumes."""
    return not _HELPERS.isdisjoint(container["Config"].get("Labels") or {})


def run_helper(container: Record) -> tuple[int, bytes]:
    """Run the helper's script on the volumes' directories; give its exit code and stderr.

    It is the one process that the simulated Engine ever runs: real files need a real rename. The
    scripts use relative paths only, and whoever can reach the socket (mode 0600) could run them
    without us as well.
    """
    config = container["Config"]
    with _working_directory(container) as directory:
        done = subprocess.run(  # noqa: S603 - see above
            [*config["Entrypoint"], *(config.get("Cmd") or [])],
            cwd=directory,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_HELPER_SECONDS,
            check=False,
        )
    return done.returncode, done.stderr


@contextmanager
def _working_directory(container: Record) -> Iterator[Path]:
    """Give a volume's own directory, or one in which the volumes are."""
    wanted = container["Config"]["WorkingDir"]
    below = {
        posixpath.relpath(mount["Destination"], wanted): mount["Source"]
        for mount in container["Mounts"]
    }
    if "." in below:
        yield locate(container, wanted)
        return
    with tempfile.TemporaryDirectory(prefix="mailstack-lab-") as made:
        for name, source in below.items():
            (Path(made) / name).symlink_to(source)
        yield Path(made)
