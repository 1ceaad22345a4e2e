"""The mail services that a server may offer, their ports, and how to see that they answer."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

PORTS: Mapping[str, int] = MappingProxyType(
    {
        "smtp": 25,
        "submission": 587,
        "submissions": 465,
        "imap": 143,
        "imaps": 993,
        "pop3": 110,
        "pop3s": 995,
        "managesieve": 4190,
    }
)
"""Service name -> TCP port (IANA)."""

DEFAULT_SERVICES: tuple[str, ...] = ("smtp", "submission", "submissions", "imaps")
"""What is offered unless the user says otherwise: no plain-text-first mailbox access."""


def health_test(services: Iterable[str]) -> list[str]:
    """Give the Docker health check (`test` list) that passes when every service's port listens.

    It runs inside docker-mailserver's image, which has `ss` (iproute2) and bash but no netcat. The
    listening sockets are read once, so the check costs one process and opens no connection (which
    postscreen would log, and make wait). Raises KeyError for an unknown service.
    """
    ports = sorted({PORTS[service] for service in services})
    wanted = " ".join(str(port) for port in ports)
    script = (
        "open=$(ss --no-header --listening --numeric --tcp | awk '{print $4}'); "
        f"for port in {wanted}; do "
        'echo "$open" | grep --quiet ":$port\\$" || exit 1; done'
    )
    return ["CMD-SHELL", script]
