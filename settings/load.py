"""From what Pulumi's config holds to `Settings`, or to all that is wrong with it."""

from collections.abc import Mapping

from pydantic import ValidationError

from settings.errors import SettingsError
from settings.stack import Settings
from settings.translate import problems_of


def load(raw: Mapping[str, object]) -> Settings:
    """Check a stack's configuration.

    raw: `{"host": …, "server": …, "dns": …, "relay": …, "domains": …}` in plain values, secrets in
    plaintext, as `pulumi.Config.require_object` gives them.

    Raises SettingsError with every problem at once.
    """
    try:
        settings = Settings.model_validate(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        # `from None`: the original holds the input, secrets included.
        raise SettingsError(problems_of(error, raw)) from None
    return settings
