"""A stack's configuration, as the engine takes it."""

from dataclasses import dataclass, field

from lab.engine.secrets import PassphraseSecrets


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFile:
    """What the project's and the stack's file say.

    Attributes:
        config: by `namespace:key`; objects as JSON, secrets in plain.
        secret_keys: keys that are secret, or hold something secret.
        secret_values: the secret texts, to hide them in messages.
        secrets: seals and opens values for this stack.
    """

    project: str
    stack: str
    config: dict[str, str] = field(repr=False)
    secret_keys: frozenset[str]
    secret_values: frozenset[str] = field(repr=False)
    secrets: PassphraseSecrets = field(repr=False)
