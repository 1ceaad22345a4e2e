"""What providers tell."""

from dataclasses import dataclass, field

from lab.engine.properties import PropertyMap


@dataclass(slots=True, kw_only=True)
class Checked:
    """Inputs as the provider wants them, and what it has against them."""

    inputs: PropertyMap
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Answer:
    """What a provider tells of an object.

    Attributes:
        id: empty when the object is gone (read) or not known yet (preview).
        inputs: given by reads of some providers.
        init_errors: reasons why the object exists but does not work.
    """

    id: str
    outputs: PropertyMap
    inputs: PropertyMap | None = None
    init_errors: list[str] = field(default_factory=list)
