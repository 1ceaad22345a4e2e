"""Where the simulated Engine listens: a unix socket's path may not be long."""

import os
import shutil
import tempfile
from pathlib import Path

from lab.docker.resource import lab_id

_LONGEST = 100  # bytes; the kernel takes 107 on Linux, 103 on macOS


def socket_path(directory: Path) -> Path:
    """Give the socket's path: in the lab's directory, or in a private one where that is deep.

    Raises:
        PermissionError: the private directory exists, and is another user's.
    """
    near = directory / "docker.sock"
    if len(os.fsencode(near)) <= _LONGEST:
        return near
    private = _private(directory)
    private.mkdir(mode=0o700, exist_ok=True)
    if private.lstat().st_uid != os.getuid():
        raise PermissionError(f"{private} is not yours")
    private.chmod(0o700)
    return private / "docker.sock"


def remove_socket(directory: Path) -> None:
    """Remove the socket, and the private directory if there is one."""
    (directory / "docker.sock").unlink(missing_ok=True)
    shutil.rmtree(_private(directory), ignore_errors=True)


def _private(directory: Path) -> Path:
    # The same at each start, so that what a kill leaves is found again.
    return Path(tempfile.gettempdir()) / f"mailstack-lab-{os.getuid()}-{lab_id(directory)}"
