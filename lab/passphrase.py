"""Where the passphrase of the lab's secrets comes from."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lab.errors import LabError

# Documented in the README: the committed dev stack's secrets protect nothing outside the lab.
DEV_PASSPHRASE: Final = "mailstack-lab"  # noqa: S105


def passphrase(environment: Mapping[str, str] = os.environ) -> str:
    """The passphrase, from the same variables as the real CLI, else that of the dev stack.

    Raises:
        LabError: PULUMI_CONFIG_PASSPHRASE_FILE names a file that cannot be read.
    """
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    name = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not name:
        return DEV_PASSPHRASE
    try:
        return Path(name).read_text().strip()
    except OSError as error:
        raise LabError(
            f"cannot read PULUMI_CONFIG_PASSPHRASE_FILE ({name}): {error.strerror}"
        ) from error
