"""The files that the OpenSSH client reads: the pinned host key and the key that logs in.

The state holds both keys; OpenSSH wants files. They are written below the project folder, by
a relative path, so that the options (which the Docker provider keeps in its configuration)
are the same on every machine that runs the program.
"""

import os
from pathlib import Path

import pulumi

ROOT = Path(".mailstack")


def _write_private(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    fresh.replace(path)


def write_ssh_files(
    *, address: str, port: int, host_key: str, private_key: str | None = None
) -> list[str]:
    """Write the files and give the options that make OpenSSH use them and nothing else.

    ``host_key`` is ``ssh-ed25519 AAAA…``; without ``private_key`` the user's own agent and
    keys log in. A host that shows another key is refused: there is no trust on first use.
    """
    folder = ROOT / pulumi.get_stack()
    known_hosts = folder / "known_hosts"
    name = address if port == 22 else f"[{address}]:{port}"  # noqa: PLR2004 - ssh's own default
    _write_private(known_hosts, f"{name} {host_key}\n")
    options = [
        f"UserKnownHostsFile={known_hosts}",
        "GlobalKnownHostsFile=/dev/null",
        "StrictHostKeyChecking=yes",
        # The user's own ~/.ssh/config must not open other ways to trust a key: from the DNS, from
        # the host itself, or over a connection that other rules have let through.
        "VerifyHostKeyDNS=no",
        "UpdateHostKeys=no",
        "ControlPath=none",
        "BatchMode=yes",
        "ConnectTimeout=20",
    ]
    arguments = [part for option in options for part in ("-o", option)]
    if private_key is not None:
        _write_private(folder / "id_ed25519", private_key)
        arguments += ["-i", str(folder / "id_ed25519"), "-o", "IdentitiesOnly=yes"]
    return arguments


def ssh_options(
    *,
    address: pulumi.Input[str],
    port: int,
    host_key: pulumi.Input[str],
    private_key: pulumi.Input[str] | None,
) -> pulumi.Output[list[str]]:
    """Do the same with keys and an address that are known later."""

    def write(values: list[str | None]) -> list[str]:
        host, key, identity = values
        return write_ssh_files(
            address=str(host), port=port, host_key=str(key), private_key=identity
        )

    parts = [pulumi.Output.from_input(part) for part in (address, host_key, private_key)]
    # The options are paths, not the key itself: only what is written is secret.
    return pulumi.Output.unsecret(pulumi.Output.all(*parts).apply(write))
