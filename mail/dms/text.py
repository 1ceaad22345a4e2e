"""One file of the config volume, and how lines become one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

HEADER = "# Written by mailstack. Change the stack file instead.\n"
SECRET_MODE = 0o600


@dataclass(frozen=True, kw_only=True)
class ConfigFile:
    """A file's text, permissions, and owner.

    `owner` is a user's name inside the image (its number differs between images), None for root.
    """

    content: str = field(repr=False)
    mode: int = 0o644
    owner: str | None = None


def lines_file(lines: Iterable[str], *, mode: int = 0o644) -> ConfigFile:
    """Write one entry per line under the header.

    Without entries the file still exists: docker-mailserver's change detector does not see a
    deleted file and would go on using what it held. Raises ValueError for an entry that holds a
    line end, which would smuggle in a second entry.
    """
    entries = list(lines)
    if any(character in entry for entry in entries for character in "\r\n\0"):
        raise ValueError("an entry of a config file holds a line end")
    return ConfigFile(content=HEADER + "".join(f"{entry}\n" for entry in entries), mode=mode)


def normalised(text: str) -> str:
    """Give a user's text LF line ends and a final LF.

    docker-mailserver would do both itself, inside the volume, and each refresh would see a drift.
    """
    unix = text.replace("\r\n", "\n")
    return unix if unix.endswith("\n") else unix + "\n"
