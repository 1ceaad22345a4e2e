"""The AWS machine's first boot: Docker on Debian 12, its data on a volume that outlives it."""

import re
from collections.abc import Iterable

from mail.names import check_hostname
from mail.templates import render

RESOLVER = "172.17.0.1"
"""Where containers find the machine's own DNS resolver: Docker's first bridge, given this address.

Container networks beside it reach it too, and nobody outside does: no port of it is open.
"""
RESTRICTION = 'restrict,command="docker system dial-stdio"'
"""authorized_keys(5): whatever such a key asks for, it gets a connection to Docker and no more."""

_VOLUME_ID = re.compile(r"vol-[0-9a-f]+")
_USER = re.compile(r"[a-z][a-z0-9-]{0,31}")


def cloud_config(
    *,
    hostname: str,
    data_volume_id: str,
    host_private_key: str,
    host_public_key: str,
    authorized_keys: Iterable[str],
    deploy_keys: Iterable[str] = (),
    swap_size: int = 0,
    admin_user: str = "admin",
) -> str:
    """Render the machine's user data (cloud-init's `#cloud-config`).

    `data_volume_id` is the EBS volume's id, which may be attached later: Docker waits for it.
    `host_private_key` is an OpenSSH PEM, `host_public_key` and `authorized_keys` are lines as in
    authorized_keys(5), Ed25519 for the host; `deploy_keys` are keys that get RESTRICTION in front.
    `swap_size` is in GiB. The result holds a secret and so is one.
    Raises ValueError for an id, a name or a user of another form.
    """
    if not _VOLUME_ID.fullmatch(data_volume_id):
        raise ValueError(f"{data_volume_id!r} is not the id of an EBS volume")
    if not _USER.fullmatch(admin_user):
        raise ValueError(f"{admin_user!r} is not the name of a user")
    restricted = [f"{RESTRICTION} {key}" for key in deploy_keys]
    return render(
        "cloud-init.yaml.j2",
        hostname=check_hostname(hostname),
        device=device_of(data_volume_id),
        host_private_key=host_private_key,
        host_public_key=host_public_key,
        authorized_keys=[*authorized_keys, *restricted],
        swap_size=swap_size,
        resolver=RESOLVER,
        admin_user=admin_user,
    )


def device_of(volume_id: str) -> str:
    """Name the device under which udev shows an EBS volume on a Nitro instance.

    The number in /dev/nvme1n1 depends on the order of discovery; this name holds the volume's id.
    """
    return "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + volume_id.replace("-", "")
