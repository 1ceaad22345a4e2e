"""The stack's outputs: a contract that the docs, the doctor and other stacks read."""

from collections.abc import Mapping
from dataclasses import asdict

import pulumi

from components.dkim import Dkim
from components.dns.dns import Dns
from components.hosts.host import Host
from components.instructions import instructions
from components.mailboxes import Mailboxes
from components.relay.relay import Relays
from components.relay.smarthost import described
from components.server.mail_server import MailServer
from mail.records import ptr_record
from mail.services import PORTS
from settings import Settings


def export(
    settings: Settings,
    *,
    host: Host,
    dns: Dns,
    dkim: Mapping[str, Dkim],
    mailboxes: Mailboxes,
    relays: Relays,
    mail_server: MailServer,
) -> None:
    """Export everything of the contract (docs/outputs.md)."""
    hostname = settings.server.hostname
    pulumi.export("hostname", hostname)
    pulumi.export("ipv4", host.ipv4)
    pulumi.export("ipv6", host.ipv6)
    pulumi.export("ptr", host.ipv4.apply(lambda address: _ptr(hostname, address)))
    pulumi.export("records", dns.records)
    if dns.zone_files is not None:
        pulumi.export("zonefile", dns.zone_files)
    pulumi.export(
        "endpoints",
        {
            service: {"host": hostname, "port": PORTS[service] + host.port_offset}
            for service in settings.server.services
        },
    )
    pulumi.export(
        "mailboxes",
        pulumi.Output.secret(
            {
                box.address: {"password": mailboxes.passwords[box.address], "quota": box.quota}
                for box in settings.mailboxes
            }
        ),
    )
    pulumi.export(
        "masters",
        pulumi.Output.secret(
            {name: {"password": mailboxes.passwords[name]} for name in settings.server.masters}
        ),
    )
    pulumi.export(
        "dkim",
        [
            {
                "domain": key.name.domain,
                "selector": key.name.selector,
                "algorithm": key.name.algorithm,
                "record": key.public_record,
            }
            for pairs in dkim.values()
            for key in pairs.pairs
        ],
    )
    pulumi.export("relay", described(relays.default))
    pulumi.export(
        "relays",
        {domain: described(relays.of(domain)) for domain in settings.domains},
    )
    pulumi.export("tls", {"kind": settings.server.tls.kind})
    pulumi.export("caCertificate", mail_server.ca_certificate)
    pulumi.export("containerId", mail_server.container_id)
    pulumi.export("instructions", [asdict(each) for each in instructions(settings)])
    pulumi.export("rollback", mail_server.rollback)


def _ptr(hostname: str, address: str) -> dict[str, str]:
    record = ptr_record(hostname=hostname, address=address)
    return {"name": record.name, "content": record.content, "why": record.why}
