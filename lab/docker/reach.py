"""Whether anything answers on a unix socket, and if not, why, in plain words."""

import socket


def unreachable(path: str) -> str | None:
    """Say why no Docker Engine can be reached at ``path``; None when one can.

    To ask docker-py itself would leak a socket, and its message wraps the reason many times.
    """
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except PermissionError:
            return f"there is a Docker Engine at {path}, but your user may not use it"
        except OSError:
            return f"no Docker Engine answers at {path}"
    return None
