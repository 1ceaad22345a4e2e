"""The lab's Docker as the Docker of a VPS: another instance comes without containers or networks.

The Engine itself stays the same one, so what the old instance took with it is removed as soon as
somebody asks. Volumes stay: they are on the data volume. Images stay too, for the Engine's owner
may need them.
"""

from urllib.parse import urlsplit

from docker import DockerClient

from lab.cloud.aws_address import Eip
from lab.cloud.provider import Call

MACHINE_LABEL = "mailstack.machine"
_GRACE = 60  # seconds: AWS shuts an instance down before it takes the volume away


def machine(call: Call) -> str:
    """The provider's ``host``: its address, and the instance behind it (``192.0.2.1/i-0…``).

    Empty where that is no VPS of this lab, or has none at the moment.
    """
    host = str(call.config.get("host", ""))
    address = urlsplit(host).hostname if host.startswith("ssh:") else None
    for found in call.world.find(Eip.token).values():
        if found["publicIp"] == address and found["instance"]:
            return f"{address}/{found['instance']}"
    return ""


def clear_old(client: DockerClient, here: str, ours: str) -> None:
    """Remove what earlier instances at the address of ``here`` had; ``ours`` is the lab's label."""
    if not here:
        return
    for container in client.containers.list(all=True, filters={"label": [ours, MACHINE_LABEL]}):
        if _earlier(container.labels[MACHINE_LABEL], here):
            container.stop(timeout=_GRACE)
            container.remove(v=True, force=True)
    for network in client.networks.list(filters={"label": [ours, MACHINE_LABEL]}):
        if _earlier(network.attrs["Labels"][MACHINE_LABEL], here):
            network.remove()


def _earlier(machine: str, here: str) -> bool:
    """Whether it is another instance at the same address: another address is another stack's."""
    return machine != here and machine.partition("/")[0] == here.partition("/")[0]
