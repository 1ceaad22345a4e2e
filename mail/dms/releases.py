"""What a release of docker-mailserver asks of people who come from an older one."""

import re
from collections.abc import Collection

from mail.instructions import Instruction

# docker-mailserver's CHANGELOG, "Unreleased": edge has Debian 13 with Dovecot 2.4. What comes after
# 15.1, "the last release before we start with breaking changes", is built from it.
_LAST_WITH_DOVECOT_2_3 = 15
_TAG = re.compile(r":(?P<tag>[\w][\w.-]*)(@sha256:[0-9a-f]+)?$")
_MAJOR = re.compile(r"v?(\d+)(\.|$)")
_OF_DOVECOT = "dovecot.cf"


def has_dovecot_2_4(image: str) -> bool:
    """Tell by the tag; False where it says nothing (a digest alone, a tag of somebody's own)."""
    tag = _TAG.search(image)
    if tag is None:
        return False
    major = _MAJOR.match(tag["tag"])
    return tag["tag"] == "edge" or (major is not None and int(major[1]) > _LAST_WITH_DOVECOT_2_3)


def upgrade_instructions(image: str, user_files: Collection[str]) -> list[Instruction]:
    """List what a person must look at, for an image and the paths in `server.files`."""
    if _OF_DOVECOT not in user_files or not has_dovecot_2_4(image):
        return []
    return [
        Instruction(
            what=f"See that your {_OF_DOVECOT} is written for Dovecot 2.4",
            why=f"{image} comes with Dovecot 2.4, which does not load settings of 2.3: "
            "the server would not start",
            how="https://doc.dovecot.org/latest/installation/upgrade/2.3-to-2.4.html; "
            f'then change server.files["{_OF_DOVECOT}"] in the stack file',
        )
    ]
