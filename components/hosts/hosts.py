"""From ``mailstack:host`` to a host: the one place that knows all kinds."""

import pulumi_aws as aws

from components.hosts.existing_host import local_host, ssh_host
from components.hosts.host import Host
from components.hosts.vps import Vps, VpsArgs
from mail.services import PORTS
from settings import Settings
from settings.host import AwsHost, LocalHost


def make_host(name: str, settings: Settings) -> Host:
    """Make the VPS at AWS, or describe the machine that exists."""
    host = settings.host
    if isinstance(host, LocalHost):
        return local_host(host)
    if not isinstance(host, AwsHost):
        return ssh_host(host)
    # One provider for all of the VPS: its region comes from the settings, not from `aws:region`.
    provider = aws.Provider(f"{name}-aws", region=host.region)
    ports = tuple(sorted(PORTS[service] for service in settings.server.services))
    made = VpsArgs(host=host, ports=ports, provider=provider, protect=settings.protect)
    return Vps(name, made).host
