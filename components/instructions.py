"""What the stack asks a person to do, gathered for the output ``instructions``."""

from collections.abc import Callable, Iterable, Iterator

from components.relay.relay_instructions import relay_instructions
from components.tls.certificate_instructions import certificate_instructions
from mail.dms.releases import upgrade_instructions
from mail.dns_instructions import dns_instructions
from mail.host_instructions import (
    aws_port_instruction,
    is_public,
    open_ports_instruction,
    outgoing_port_instruction,
    podman_instruction,
    reverse_name_instruction,
)
from mail.instructions import Instruction
from mail.services import PORTS
from settings import Settings
from settings.host import AwsHost, LocalHost, SshHost


def instructions(settings: Settings) -> list[Instruction]:
    """List what must be done by hand; known from the settings alone, so a preview tells it too."""
    return [instruction for ask in _ASKS for instruction in ask(settings)]


def _of_the_host(settings: Settings) -> Iterator[Instruction]:
    host = settings.host
    delivers_itself = settings.delivers_directly
    if isinstance(host, AwsHost):
        if delivers_itself:
            yield aws_port_instruction(region=host.region)
        return
    for address in filter(is_public, _addresses(host)):
        yield reverse_name_instruction(hostname=settings.server.hostname, address=address)
        ports: dict[str, int] = {
            service: PORTS[service] + _offset(host) for service in settings.server.services
        }
        yield open_ports_instruction(address=address, ports=ports)
        if delivers_itself:
            yield outgoing_port_instruction(address=address)
    if host.engine == "podman":
        yield podman_instruction()


def _of_the_dns(settings: Settings) -> list[Instruction]:
    return dns_instructions(
        provider=settings.dns.provider,
        zones=settings.zones.values(),
        hostname=settings.server.hostname,
        aws_region=settings.host.region if isinstance(settings.host, AwsHost) else None,
    )


def _addresses(host: SshHost | LocalHost) -> list[str]:
    if isinstance(host, LocalHost):
        return [host.ipv4]
    return [address for address in (host.public_ipv4, host.ipv6) if address is not None]


def _offset(host: SshHost | LocalHost) -> int:
    return host.port_offset if isinstance(host, LocalHost) else 0


# Who has something to ask, in the order in which a person should do it.
_ASKS: tuple[Callable[[Settings], Iterable[Instruction]], ...] = (
    _of_the_host,
    _of_the_dns,
    certificate_instructions,
    relay_instructions,
    lambda settings: upgrade_instructions(settings.server.image, settings.server.files),
)
