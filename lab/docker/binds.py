"""What a container is to mount, in whichever of Docker's two forms it was asked for."""

from typing import Any


def mounts_of(host_config: dict[str, Any]) -> list[dict[str, Any]]:
    """Give `Mounts`, and `Binds` (`name:/path:rw`) in the same form."""
    binds = [bind.split(":") for bind in host_config.get("Binds") or []]
    return [
        *(host_config.get("Mounts") or []),
        *(
            {
                "Type": "bind" if source.startswith("/") else "volume",
                "Source": source,
                "Target": target,
                "ReadOnly": mode == "ro",
            }
            for source, target, mode in binds
        ),
    ]
