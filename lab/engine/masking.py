"""Messages made fit to be shown: no traceback of a provider, no secret."""

import json
import re
import threading
from typing import Final

from lab.engine.properties import Secret, Value, walk

MASK: Final = "[secret]"
# Shorter texts would turn ordinary words into masks.
_SHORTEST: Final = 3
# In a map or list that is secret as a whole most texts are none: a selector, a quota, a kind.
_SHORTEST_WITHIN: Final = 8
# A line of a longer secret, such as a key in PEM, is worth hiding by itself from this length.
_SHORTEST_LINE: Final = 16

_UNEXPECTED: Final = re.compile(r"^Unexpected <class '[^']*'>: ")
_FRAMES: Final = re.compile(
    r":?\n? *(Traceback \(most recent call last\):\n)?  File \"[^\"]+\", line "
)
_TRACEBACK: Final = "Traceback (most recent call last):\n"
_EXCEPTION_NAME: Final = re.compile(
    r"^[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt)?: "
)


def without_traceback(message: str) -> str:
    """The message proper of an error that the SDK's provider hosts wrapped.

    `pulumi.dynamic` sends `traceback.format_exc()`; `pulumi.provider.experimental` sends
    `Unexpected <class 'Exception'>: MESSAGE:\\n  File …`.
    """
    text = message.strip()
    if _TRACEBACK in text:
        tail = text[text.rindex(_TRACEBACK) + len(_TRACEBACK) :].splitlines()
        # The frames are indented; the exception and the rest of its message come after them.
        start = next((i for i, line in enumerate(tail) if not line.startswith(" ")), len(tail))
        text = "\n".join(tail[start:]).strip() or text.splitlines()[0]
        return _EXCEPTION_NAME.sub("", text, count=1)
    text = _UNEXPECTED.sub("", text)
    frames = _FRAMES.search(text)
    return text[: frames.start()].strip() if frames else text


class Masker:
    """Knows the secrets of an operation and hides them in texts."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def learn(self, value: Value) -> None:
        """Remember every secret in a value."""
        for item in walk(value):
            if isinstance(item, Secret):
                shortest = _SHORTEST if isinstance(item.value, str) else _SHORTEST_WITHIN
                for inner in walk(item.value):
                    if isinstance(inner, str) and len(inner) >= shortest:
                        self.learn_text(inner)

    def learn_text(self, text: str) -> None:
        """Remember one secret text, its longer lines, and the way JSON would quote them."""
        parts = {text.strip(), *(line for line in text.split() if len(line) >= _SHORTEST_LINE)}
        quoted = {
            json.dumps(part, ensure_ascii=plain)[1:-1] for part in parts for plain in (True, False)
        }
        with self._lock:
            before = len(self._texts)
            self._texts |= {part for part in parts | quoted if len(part) >= _SHORTEST}
            if len(self._texts) != before:
                self._pattern = None

    def hide(self, text: str) -> str:
        """The text with every known secret replaced by `[secret]`."""
        with self._lock:
            if self._pattern is None:
                longest_first = sorted(self._texts, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
            pattern = self._pattern
        return pattern.sub(MASK, text)
