"""The files of the config volume, with the secrets that are known only later."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

import pulumi

from components.dynamic.config_files import ConfigFileArgs
from components.placeholders import Placeholders
from mail.dms.files import ConfigFile, start_only


def file_args(
    files: Mapping[str, ConfigFile], placeholders: Placeholders
) -> dict[str, ConfigFileArgs]:
    """Fill in each file's content; every content is a secret."""
    return {
        path: ConfigFileArgs(
            content=placeholders.fill(file.content), mode=file.mode, owner=file.owner
        )
        for path, file in files.items()
    }


def start_digest(
    files: Mapping[str, ConfigFile], placeholders: Placeholders, *, salt: pulumi.Output[str]
) -> pulumi.Output[str]:
    """Digest the files that docker-mailserver reads at its start only.

    A change of it means that the container has to be made anew. The engine compares plain
    values only (a secret trigger never triggers, seen with the Pulumi CLI), and a plain digest of
    a file with a weak password in it would tell the password to who guesses well: hence the salt.
    """
    read_at_start = sorted(start_only(files).items())
    contents = [placeholders.fill(file.content) for _, file in read_at_start]

    def digest(known: list[str]) -> str:
        key, *texts = known
        whole = hmac.new(bytes.fromhex(key), digestmod=sha256)
        for (path, _), text in zip(read_at_start, texts, strict=True):
            whole.update(f"{path}\0{len(text)}\0{text}".encode())
        return whole.hexdigest()

    return pulumi.Output.unsecret(pulumi.Output.all(salt, *contents).apply(digest))
