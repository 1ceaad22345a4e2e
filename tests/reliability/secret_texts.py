"""Which secrets a deployment has, and where in a text one of them shows, in whatever writing."""

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from lab.engine.properties import Secret, Value, plain, walk
from lab.stack_file import load_stack
from tests.reliability.deployment import Deployment

# Texts up to this length inside a secret object are words of its form: "EXTERNAL", "2G".
_WORD = 12
_LINE = 32  # characters from which a line of a key is worth looking for by itself
_WRITTEN_BY_US = "# Written by mailstack."  # a file without anything but this line is no secret

# A secret object holds its status, too, and when it was made: "TEMPORARY_FAILURE", a time.
_NO_SECRET = re.compile(r"[A-Z]+(_[A-Z]+)*|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")


def secret_texts(deployment: Deployment) -> dict[str, str]:
    """Every secret by where it is from: all that the state and the stack file seal, and its seal.

    Taken from the state itself, so that no kind of secret can be forgotten here.
    """
    found = {"the passphrase": deployment.passphrase}
    stack = load_stack(deployment.project.folder, "dev", deployment.passphrase)
    found |= {f"stack file {number}": text for number, text in enumerate(stack.secret_values)}
    for resource in deployment.resources():
        for side in (resource.inputs, resource.outputs):
            for key, value in side.items():
                for text in _sealed(value):
                    found[f"{resource.urn.rpartition('::')[2]} {key} {len(found)}"] = text
    return {source: text for source, text in found.items() if len(text) > _WORD}


def _sealed(value: Value) -> Iterator[str]:
    for item in walk(value):
        if isinstance(item, Secret):
            for text in walk(plain(item)):
                if isinstance(text, str) and not _is_public(text):
                    yield text


def _is_public(text: str) -> bool:
    only_comment = text.startswith(_WRITTEN_BY_US) and text.count("\n") == 1
    certificate = text.startswith("-----BEGIN CERTIFICATE")
    return only_comment or certificate or _NO_SECRET.fullmatch(text) is not None


class Needles:
    """All writings of all secrets."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._needles = {
            writing: source
            for source, text in texts.items()
            for part in _parts(text)
            for writing in _writings(part)
        }

    def __len__(self) -> int:
        return len(self._needles)

    def found_in(self, haystack: bytes | str) -> set[str]:
        """Where the secrets that show in a text are from."""
        text = haystack if isinstance(haystack, bytes) else haystack.encode()
        return {source for needle, source in self._needles.items() if needle in text}


def _parts(text: str) -> Iterator[str]:
    yield text.strip()
    if "PRIVATE KEY" in text and text.startswith("-----BEGIN"):
        # The first half of a key may hold what is public, too.
        lines = [line for line in text.splitlines() if not line.startswith("-----")]
        yield from (line for line in lines[len(lines) // 2 :] if len(line) >= _LINE)


def _writings(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
    yield json.dumps(json.dumps(text))[3:-3].encode()
    yield quote(text).encode()
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    for shift in range(3):  # base64 of a longer text that holds this one
        encoded = base64.b64encode(b"\0" * shift + text.encode())
        yield encoded[4:-4]
        yield encoded[4:-4].translate(bytes.maketrans(b"+/", b"-_"))
