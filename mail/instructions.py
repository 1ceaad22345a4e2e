"""What a person must do by hand, because no provider lets a program do it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One thing to do: what, why it matters, and how, with every value filled in."""

    what: str
    why: str
    how: str
