"""The stack's whole configuration, misspelt keys included.

``pulumi.Config`` answers for keys that one knows; a key that nobody asks for would be ignored
without a word, and what it was meant to set with it.
"""

from collections.abc import Iterable

from pulumi.runtime import config as runtime_config


def stack_config() -> dict[str, str]:
    """Give the config as the engine hands it over: ``namespace:key`` → text."""
    known = {*runtime_config.get_config_env(), *runtime_config.CONFIG.get()}
    return {name: str(runtime_config.get_config(name)) for name in sorted(known)}


def secret_keys(config: Iterable[str]) -> list[str]:
    """Give those of the keys whose values hold a secret, somewhere in them."""
    return [name for name in config if runtime_config.is_config_secret(name)]
