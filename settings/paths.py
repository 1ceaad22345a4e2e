"""Config paths and the `pulumi config` commands that mend what stands at them."""

import json
import re
import shlex

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

Part = str | int
Loc = tuple[Part, ...]


class DomainName(str):
    """A domain as an A-label, which is how every part of mailstack compares and prints it.

    It remembers the spelling of the stack file, so that a config path names the key that the
    user really wrote.
    """

    written: str

    def __new__(cls, ascii_name: str, written: str = "") -> "DomainName":
        """Make the A-label `ascii_name`, spelled `written` in the stack file."""
        self = super().__new__(cls, ascii_name)
        self.written = written or ascii_name
        return self


def config_path(loc: Loc) -> str:
    """`("domains", "example.test", "aliases")` → `mailstack:domains["example.test"].aliases`."""
    head, *rest = loc or ("",)
    return f"mailstack:{_written(head)}" + "".join(_step(part) for part in rest)


def set_command(loc: Loc, value: str, *, secret: bool = False) -> str:
    """Return the command that sets the value at `loc`.

    A secret's value is left out of the command: `pulumi` asks for it, and so it stays out of the
    shell's history.
    """
    path = shlex.quote(config_path(loc))
    if secret:
        return f"pulumi config set --secret --path {path}"
    # A value such as -all would be taken for an option.
    end_of_options = "-- " if value.startswith("-") else ""
    return f"pulumi config set --path {end_of_options}{path} {shlex.quote(value)}"


def remove_command(loc: Loc) -> str:
    """Return the command that removes what stands at `loc`."""
    return f"pulumi config rm --path {shlex.quote(config_path(loc))}"


def _written(part: Part) -> str:
    return part.written if isinstance(part, DomainName) else str(part)


def _step(part: Part) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    text = _written(part)
    if _PLAIN.fullmatch(text):
        return f".{text}"
    if not text.isprintable():
        # No command can name such a key, but people must be able to read it.
        return f"[{json.dumps(text)}]"
    # The CLI knows one escape, that of the quote (sdk/go/common/resource/properties_path.go).
    quoted = text.replace('"', '\\"')
    return f'["{quoted}"]'
