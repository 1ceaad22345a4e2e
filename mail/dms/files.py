"""docker-mailserver's config volume as a whole: every file, and what a change of each asks for.

Source of the paths and formats: docker-mailserver 15.1, target/scripts (helpers, startup,
check-for-changes.sh) and its documentation's "file-based configuration".
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

from mail.dms import relaying
from mail.dms.inputs import Certificate, ServerFiles
from mail.dms.mailboxes import mailbox_files
from mail.dms.signing import RSPAMD_CONFIG, SIGNING_MAIN_LINES, signing_files
from mail.dms.text import HEADER, SECRET_MODE, ConfigFile, lines_file, normalised

__all__ = [
    "CERTIFICATE",
    "CERTIFICATE_KEY",
    "FALLBACK",
    "FALLBACK_KEY",
    "MERGED",
    "ConfigFile",
    "check_user_file",
    "config_files",
    "is_generated",
    "is_watched",
    "removed",
    "start_only",
]

CERTIFICATE = "ssl/cert.pem"
CERTIFICATE_KEY = "ssl/key.pem"
FALLBACK = "ssl/fallback-cert.pem"
FALLBACK_KEY = "ssl/fallback-key.pem"
_TLS_FILES = frozenset({CERTIFICATE, CERTIFICATE_KEY, FALLBACK, FALLBACK_KEY})

MERGED: frozenset[str] = frozenset(
    {"postfix-main.cf", "postfix-master.cf", "postfix-aliases.cf", relaying.LOGINS}
)
"""Files to which a user may add: their text comes after mailstack's, and so wins."""

_GENERATED = frozenset(
    {
        "postfix-accounts.cf",
        "postfix-virtual.cf",
        "postfix-regexp.cf",
        "dovecot-quotas.cf",
        "dovecot-masters.cf",
        relaying.MAP,
        relaying.TLS,
        relaying.TRANSPORTS,
        RSPAMD_CONFIG,
        *_TLS_FILES,
    }
)
_GENERATED_FOLDERS = ("rspamd/dkim/", "opendkim/")

_WATCHED = frozenset(
    {
        "postfix-accounts.cf",
        "postfix-virtual.cf",
        "postfix-regexp.cf",
        "postfix-aliases.cf",
        relaying.LOGINS,
        relaying.MAP,
        # These two change with MAP, whose change has Postfix read them again.
        relaying.TLS,
        relaying.TRANSPORTS,
        "dovecot-quotas.cf",
        "dovecot-masters.cf",
        *_TLS_FILES,
    }
)
# What these switch on in Postfix stays on until the container is made anew.
_PRESENCE_COUNTS = frozenset({relaying.LOGINS, relaying.MAP, relaying.TLS, relaying.TRANSPORTS})
_CUSTOM_COMMANDS = "rspamd/custom-commands.conf"
_OVERRIDES = "rspamd/override.d/"
# Large receivers refuse mail that comes over IPv6 from an address without a name (PTR), which few
# hosts can set there: IPv6 is for what comes in, and for receivers that have nothing else.
_IPV6_MAIN_LINES = ("smtp_address_preference = ipv4",)
_EXECUTABLE_FOLDERS = ("sieve-filter/", "sieve-pipe/")
_USER_SECRETS = ("fetchmail.cf", relaying.LOGINS, "getmail", "secrets/")


def config_files(inputs: ServerFiles) -> dict[str, ConfigFile]:
    """Give every file of the config volume by its relative path.

    Raises ValueError for values that a file cannot carry, and for user files that `check_user_file`
    refuses.
    """
    ways_out = (inputs.relay, inputs.domain_relays)
    files = {
        **mailbox_files(inputs),
        "postfix-aliases.cf": lines_file([]),
        "postfix-main.cf": lines_file(
            [
                *SIGNING_MAIN_LINES,
                *relaying.relay_main_lines(*ways_out),
                *(_IPV6_MAIN_LINES if inputs.ipv6 else ()),
            ]
        ),
        **_master_file(relaying.relay_master_lines(*ways_out)),
        **relaying.relay_files(*ways_out),
        **signing_files(inputs),
        **_pair(inputs.certificate, CERTIFICATE, CERTIFICATE_KEY),
        **_pair(inputs.fallback, FALLBACK, FALLBACK_KEY),
    }
    for path, text in inputs.user_files.items():
        check_user_file(path)
        files[path] = _user_file(path, text, files.get(path))
    return dict(sorted(files.items()))


def is_watched(path: str) -> bool:
    """Whether docker-mailserver takes up a change of the file while it runs.

    Certificates count because it runs with SSL_TYPE=manual. A watched file must be emptied, not
    deleted: the change detector looks at what exists.
    """
    return path in _WATCHED or path.startswith("rspamd/")


def start_only(files: Mapping[str, ConfigFile]) -> dict[str, ConfigFile]:
    """Pick what a running container does not, or not fully, take up: a change needs a new one.

    Besides the files read at start these are:
    - Rspamd's custom commands: live, "add-line" would add its line again;
    - with such commands, Rspamd's overrides: taking those up live drops what the commands did;
    - whether relay files exist (their contents are live): what they switch on stays on.
    """
    chosen = {}
    for path, file in files.items():
        if path in _PRESENCE_COUNTS:
            chosen[path] = ConfigFile(content="")
        elif (
            not is_watched(path)
            or path == _CUSTOM_COMMANDS
            or (_CUSTOM_COMMANDS in files and path.startswith(_OVERRIDES))
        ):
            chosen[path] = file
    return chosen


def removed(path: str) -> ConfigFile | None:
    """Say what takes the place of a file that has left the settings; None means: delete it.

    Deleting an override of Rspamd's goes unnoticed while the container runs, so it is emptied.
    Any other watched file either is always there, or goes together with something that is noticed.
    """
    return lines_file([]) if path.startswith(_OVERRIDES) else None


def is_generated(path: str) -> bool:
    """Whether mailstack alone writes the file."""
    return path in _GENERATED or path.startswith(_GENERATED_FOLDERS)


def check_user_file(path: str) -> None:
    """Check the path of a user's own file. Raises ValueError with the reason.

    The path is relative to the config volume; it must stay inside and not be mailstack's own.
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not path.isprintable() or "\\" in path:
        raise ValueError(f"{path!r} must be a path inside the config volume, without '..'")
    if str(pure) != path or path == ".":
        raise ValueError(f"{path!r} must be written plainly, such as rspamd/custom-commands.conf")
    if is_generated(path):
        raise ValueError(f"{path!r} is written by mailstack itself from the other settings")


def _master_file(lines: list[str]) -> dict[str, ConfigFile]:
    return {"postfix-master.cf": lines_file(lines)} if lines else {}


def _pair(certificate: Certificate | None, chain: str, key: str) -> dict[str, ConfigFile]:
    if certificate is None:
        return {}
    return {
        chain: ConfigFile(content=normalised(certificate.chain)),
        key: ConfigFile(content=normalised(certificate.key), mode=SECRET_MODE),
    }


def _user_file(path: str, text: str, ours: ConfigFile | None) -> ConfigFile:
    mode = 0o644
    if path == "user-patches.sh" or path.startswith(_EXECUTABLE_FOLDERS):
        mode = 0o755
    elif path.startswith(_USER_SECRETS):
        mode = SECRET_MODE
    before = ours.content if ours else HEADER if path in MERGED else ""
    return ConfigFile(content=before + normalised(text), mode=mode)
