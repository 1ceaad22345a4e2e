"""The user's own files of the config volume."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from mail.dms.files import check_user_file
from settings.errors import Problem
from settings.paths import Loc, config_path, remove_command
from settings.stack import Settings

# Folders that mailstack writes into: no file can have their name.
_FOLDERS = frozenset({"rspamd", "opendkim", "ssl"})


def file_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse paths that leave the volume, are mailstack's own, or are a folder of another file."""
    paths = settings.server.files
    folders = _FOLDERS | {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    for path in paths:
        loc: Loc = ("server", "files", path)
        try:
            check_user_file(path)
        except ValueError as error:
            yield Problem(path=config_path(loc), message=str(error), remedy=remove_command(loc))
        else:
            if path in folders:
                yield Problem(
                    path=config_path(loc),
                    message="is a folder that holds other files, and so cannot be a file",
                    remedy=remove_command(loc),
                )
