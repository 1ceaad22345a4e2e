"""The variables that make a program, an SDK or the real CLI meet the lab and nothing else."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from lab.commands.workspace import Workspace
from lab.daemon.run_info import RunInfo
from lab.passphrase import passphrase

_STAND_INS = str(Path(__file__).resolve().parents[1] / "bin")

# Shaped as the real ones must be; the stand-ins take any of that shape.
_CLOUDFLARE_TOKEN = "lab-" + "0" * 36


def lab_environment(
    workspace: Workspace, running: RunInfo, *, machine: str | None = None
) -> dict[str, str]:
    """Give the variables for this lab, without those that are secret in another stack's hands.

    ``machine`` is the address of ``kind: ssh``, for which the lab's own Docker stands.
    """
    variables = {
        "MAILSTACK_LAB_DIR": str(workspace.directory),
        "MAILSTACK_LAB_DNS": running.dns,
        # The stand-in for ssh comes first: in the lab nothing logs in anywhere else.
        "PATH": _outer_path() if _real_ssh() else os.pathsep.join([_STAND_INS, _outer_path()]),
        "PULUMI_BACKEND_URL": f"file://{workspace.backend}",
        "PULUMI_HOME": str(workspace.directory / "pulumi-home"),
        "PULUMI_DEBUG_PROVIDERS": running.debug_providers,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "AWS_REGION": "us-east-1",  # of the default provider, whose services have no regions
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
        "CLOUDFLARE_API_TOKEN": _CLOUDFLARE_TOKEN,
    }
    if machine is not None:
        variables["MAILSTACK_LAB_MACHINE"] = machine
    if running.docker is not None:
        variables["DOCKER_HOST"] = f"unix://{running.docker.socket}"
    if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & os.environ.keys():
        variables["PULUMI_CONFIG_PASSPHRASE"] = passphrase()
    return variables


def as_shell(variables: Mapping[str, str]) -> str:
    """Write the variables for ``eval`` in a POSIX shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


def _real_ssh() -> bool:
    # For the tests that bring an OpenSSH server of their own.
    return os.environ.get("MAILSTACK_LAB_SSH") == "real"


def _outer_path() -> str:
    """Give PATH without the stand-ins, so that a second ``eval`` does not add them again."""
    parts = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(part for part in parts if part != _STAND_INS)
