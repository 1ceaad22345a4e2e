"""What stands between us and a host's Docker, in words that say what to do.

OpenSSH and the Docker client on the other side speak through one stderr; what they say is stable
enough to be told apart (OpenSSH's sshconnect.c, Docker's cli/command/system/dial_stdio.go), and
where it is not, their own last line stands as it is.
"""

import re
from dataclasses import dataclass

from components.dynamic.plain_errors import PlainError

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_OTHER_KEY = (
    "what answers shows another SSH host key than the pinned one{shown}, and was told nothing. "
    "Pinned is mailstack:host.hostKey (kind: aws: the key that the stack gave its machine). Was "
    "the machine installed anew? Then read its key on its own console, cat "
    "/etc/ssh/ssh_host_ed25519_key.pub, and set it: pulumi config set --path "
    "mailstack:host.hostKey 'ssh-ed25519 AAAA…'. If not, somebody stands between you and it, or "
    "the address is another machine's"
)
# What was said → what to do about it; the first that is found counts.
_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        r"Permission denied \(",
        "the machine knows none of your SSH keys for this user: add your public key to its "
        "~/.ssh/authorized_keys, load the key into your agent (ssh-add -l shows which are in it), "
        "or log in as another user (mailstack:host.user)",
    ),
    (
        r"Too many authentication failures",
        "your agent offers too many keys: name the right one by IdentityFile and IdentitiesOnly "
        "in ~/.ssh/config",
    ),
    (
        r"Please login as the user",
        "log in as the user that it names: pulumi config set --path mailstack:host.user USER",
    ),
    (
        r"docker: (command )?not found|(command not found|Unknown command): docker",
        "there is no `docker` command for this user: install Docker, or with Podman the package "
        "podman-docker",
    ),
    (
        r"permission denied.*(docker|podman).*sock|connect: permission denied",
        "this user may not use the engine's socket: usermod -aG docker USER on the machine (which "
        "makes that user as mighty as root), or log in as root",
    ),
    (
        r"Cannot connect to the Docker daemon|dial unix .*(no such file|connection refused)",
        "nothing answers at the engine's socket: systemctl enable --now docker there (Podman: "
        "podman.socket), or name the right one in mailstack:host.socket",
    ),
    (
        r"Could not resolve hostname",
        "the name leads nowhere: look at mailstack:host.address",
    ),
    (
        r"Connection refused|Connection timed out|No route to host|Network is unreachable"
        r"|timed out during banner exchange|Connection closed by|Connection reset by",
        "look at the machine, its firewall, and mailstack:host.address and mailstack:host.port "
        "(kind: aws: sshFrom must hold the address that you come from)",
    ),
)


class DockerLinkError(PlainError):
    """The Docker Engine of a host cannot be reached or does not answer; the text is for people.

    ``lasting`` is set where waiting will not help: the machine is another one than we know.
    """

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True)
class Said:
    """What the other side said, and what mends it."""

    last_line: str
    remedy: str
    lasting: bool = False


def understand(said: str) -> Said:
    """Read what OpenSSH and the far Docker client wrote on stderr."""
    lines = [line.strip() for line in said.strip().splitlines()]
    last = lines[-1] if lines else ""
    if "Host key verification failed" in said:
        shown = _FINGERPRINT.search(said)
        text = _OTHER_KEY.format(shown=f" (it shows {shown[0]})" if shown else "")
        return Said(last, text, lasting=True)
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, said, re.IGNORECASE):
            return Said(last, remedy)
    return Said(last, "")
