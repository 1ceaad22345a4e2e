"""The container's environment: docker-mailserver's variables."""

from collections.abc import Iterator

from mail.dms.checks import check_environment
from mail.dms.environment import RESERVED, environment
from mail.dms.signing import VOLUME
from mail.dms.variables import VARIABLES
from settings.errors import Problem
from settings.paths import Loc, config_path, remove_command, set_command
from settings.stack import Settings

_FILE_SUFFIX = "__FILE"
_RELAY_LOGIN = {"RELAY_USER": "user", "RELAY_PASSWORD": "password"}


def environment_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse unknown variables, wrong values, secrets, and what the image cannot combine."""
    free: dict[str, str] = {}
    for name, value in settings.server.environment.items():
        plain_name = name.removesuffix(_FILE_SUFFIX)
        if plain_name in RESERVED:
            yield Problem(
                path=config_path(_loc(name)),
                message=f"is not yours to set: {RESERVED[plain_name]}",
                remedy=_instead_of_reserved(name),
            )
        elif VARIABLES.get(name) and VARIABLES[name].secret:
            yield _secret(name)
        else:
            free[name] = value
    whole = environment(
        postmaster="postmaster@example.com",
        services=settings.server.services,
        signer=settings.server.signer,
        user=free,
    )
    for found in check_environment(whole):
        yield Problem(
            path=config_path(_loc(found.name)),
            message=found.problem,
            remedy=found.remedy + (_or_default(found.name) if found.name in free else ""),
        )


def _loc(name: str) -> Loc:
    return ("server", "environment", name)


def _or_default(name: str) -> str:
    return f", or leave it to its default: {remove_command(_loc(name))}"


def _instead_of_reserved(name: str) -> str:
    remove = remove_command(_loc(name))
    key = _RELAY_LOGIN.get(name.removesuffix(_FILE_SUFFIX))
    if key is None:
        return remove
    kind = set_command(("relay", "kind"), "smtp")
    value = set_command(("relay", key), "USER", secret=key == "password")
    return f"{remove} && {kind} && {value}"


def _secret(name: str) -> Problem:
    """A secret goes into a file of the config volume, which `X__FILE` names."""
    path = f"secrets/{name}"
    commands = [
        remove_command(_loc(name)),
        set_command(("server", "files", path), "", secret=True),
        set_command(_loc(name + _FILE_SUFFIX), f"{VOLUME}/{path}"),
    ]
    return Problem(
        path=config_path(_loc(name)),
        message="is a secret, and `docker inspect` shows the container's environment",
        remedy=" && ".join(commands),
    )
