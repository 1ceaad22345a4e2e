"""What a person has to do by hand, because no program of ours can."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One thing to do: what, why it matters, and how exactly."""

    what: str
    why: str
    how: str
