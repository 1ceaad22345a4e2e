"""DKIM keys and the tables that name them, for Rspamd or for OpenDKIM."""

from mail.dms.inputs import ServerFiles, SigningKey
from mail.dms.text import SECRET_MODE, ConfigFile, lines_file
from mail.templates import render

VOLUME = "/tmp/docker-mailserver"  # noqa: S108 - where the image mounts its config, not a temp file
RSPAMD_CONFIG = "rspamd/override.d/dkim_signing.conf"

SIGNING_MAIN_LINES: tuple[str, ...] = ("milter_default_action = tempfail",)
"""For postfix-main.cf: while the signer restarts (after each change of a key), mail has to wait.

docker-mailserver's own "accept" lets it through unsigned and unfiltered, without a word in any log.
"""


def signing_files(inputs: ServerFiles) -> dict[str, ConfigFile]:
    """Give the files with which the chosen signer signs for every domain."""
    keys = sorted(inputs.dkim_keys, key=lambda key: (key.domain, key.selector))
    return _rspamd(keys) if inputs.signer == "rspamd" else _opendkim(keys)


def _rspamd(keys: list[SigningKey]) -> dict[str, ConfigFile]:
    paths = {key: f"rspamd/dkim/{key.domain}.{key.selector}.key" for key in keys}
    domains: dict[str, list[dict[str, str]]] = {}
    for key, path in paths.items():
        selectors = domains.setdefault(key.domain, [])
        selectors.append({"selector": key.selector, "path": f"{VOLUME}/{path}"})
    files = {
        # docker-mailserver hands the keys to Rspamd's user at start only; one added later must
        # already be readable, or mail leaves unsigned without a word.
        path: ConfigFile(content=key.private_key, mode=SECRET_MODE, owner="_rspamd")
        for key, path in paths.items()
    }
    content = render("dkim_signing.conf.j2", domains=domains)
    return files | {RSPAMD_CONFIG: ConfigFile(content=content)}


def _opendkim(keys: list[SigningKey]) -> dict[str, ConfigFile]:
    files = {
        f"opendkim/keys/{key.domain}/{key.selector}.private": ConfigFile(
            content=key.private_key, mode=SECRET_MODE
        )
        for key in keys
    }
    return files | {
        "opendkim/KeyTable": lines_file(
            f"{_name(key)} {key.domain}:{key.selector}:"
            f"/etc/opendkim/keys/{key.domain}/{key.selector}.private"
            for key in keys
        ),
        "opendkim/SigningTable": lines_file(f"*@{key.domain} {_name(key)}" for key in keys),
        "opendkim/TrustedHosts": lines_file(["127.0.0.1", "localhost"]),
    }


def _name(key: SigningKey) -> str:
    return f"{key.selector}._domainkey.{key.domain}"
