"""No secret stands in a stack file in plain text.

Not for the file's sake alone: Pulumi keeps a stack's configuration in its state, in plain where
it was given in plain.
"""

from collections.abc import Collection, Iterator, Mapping

from pydantic import BaseModel, SecretStr

from mail.password import is_hash
from settings.errors import Problem
from settings.paths import Loc, config_path, set_command
from settings.stack import Settings

# Most of docker-mailserver's files hold no secret, and people want to read them in a review.
_MAY_BE_PLAIN: Loc = ("server", "files")


def sealed_problems(settings: Settings, sealed: Collection[str]) -> Iterator[Problem]:
    """Refuse passwords, keys and tokens in the sections that Pulumi does not keep as secrets.

    sealed: the names of those that it does. One secret in a section makes the whole of it one.
    """
    for loc, secret in _secrets(settings, ()):
        if loc[0] not in sealed and not is_hash(secret.get_secret_value()):
            yield Problem(
                path=config_path(loc),
                message="is a secret in plain text, and would be in the stack's state too",
                remedy=set_command(loc, "", secret=True),
            )


def _secrets(value: object, loc: Loc) -> Iterator[tuple[Loc, SecretStr]]:
    if loc == _MAY_BE_PLAIN:
        return
    if isinstance(value, SecretStr):
        yield loc, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _secrets(getattr(value, name), (*loc, field.alias or name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets(item, (*loc, key))
