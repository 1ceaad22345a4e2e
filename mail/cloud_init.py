"""The AWS machine's first boot: Docker on Debian 12, its data on a volume that outlives it."""

import re
from collections.abc import Iterable

from mail.names import check_hostname
from mail.templates import render

_VOLUME_ID = re.compile(r"vol-[0-9a-f]+")
_USER = re.compile(r"[a-z][a-z0-9-]{0,31}")


def cloud_config(
    *,
    hostname: str,
    data_volume_id: str,
    host_private_key: str,
    host_public_key: str,
    authorized_keys: Iterable[str],
    admin_user: str = "admin",
) -> str:
    """Render the machine's user data (cloud-init's `#cloud-config`).

    `data_volume_id` is the EBS volume's id, which may be attached later: Docker waits for it.
    `host_private_key` is an OpenSSH PEM, `host_public_key` and `authorized_keys` are lines as in
    authorized_keys(5), Ed25519 for the host. The result holds a secret and so is one.
    Raises ValueError for an id, a name or a user of another form.
    """
    if not _VOLUME_ID.fullmatch(data_volume_id):
        raise ValueError(f"{data_volume_id!r} is not the id of an EBS volume")
    if not _USER.fullmatch(admin_user):
        raise ValueError(f"{admin_user!r} is not the name of a user")
    return render(
        "cloud-init.yaml.j2",
        hostname=check_hostname(hostname),
        device=device_of(data_volume_id),
        host_private_key=host_private_key,
        host_public_key=host_public_key,
        authorized_keys=list(authorized_keys),
        admin_user=admin_user,
    )


def device_of(volume_id: str) -> str:
    """Name the device under which udev shows an EBS volume on a Nitro instance.

    The number in /dev/nvme1n1 depends on the order of discovery; this name holds the volume's id.
    """
    return "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + volume_id.replace("-", "")
