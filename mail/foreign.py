"""Records that stand in a zone already, and which of ours cannot stand beside them.

Nothing is overwritten that this stack did not make: where a receiver would follow either record,
or a provider refuses the second one, a person has to decide which of the two it shall be.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mail.facts import Record

ADOPT = "pulumi import --generate-code=false"
"""Adopts an existing object; the program that it would write stands here already."""
_SHOWN = 100  # characters of a record's content in a message


@dataclass(frozen=True, kw_only=True)
class Existing:
    """A record, or a set of them, at the provider.

    `id` is what `pulumi import` takes. `name` without a final dot, in lower case; `contents` as the
    provider writes them, a TXT unquoted. `note`: who says what it is for (Cloudflare's comment).
    """

    id: str
    name: str
    type: str
    contents: tuple[str, ...]
    note: str = ""

    def __str__(self) -> str:
        text = ", ".join(self.contents)
        shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        return f"{self.name} {self.type} {shown}" + (f" ({self.note})" if self.note else "")


def conflicts(record: Record, existing: Iterable[Existing], *, sets: bool) -> list[Existing]:
    """Give what stands in the way of `record`, those that could be adopted first.

    `sets`: the provider keeps one set for a name and type, so that any of that type is in the way.
    The record's content may hold placeholders.
    """
    found = [
        other
        for other in existing
        if other.name == record.name and (other.type == "CNAME" or _rivals(record, other, sets))
    ]
    return sorted(found, key=lambda other: other.type != record.type)


def _rivals(record: Record, other: Existing, sets: bool) -> bool:
    if other.type != record.type:
        return False
    if record.type != "TXT" or sets or "._domainkey." in record.name:
        # A receiver would follow any of them.
        return True
    return any(
        text == record.content or (_version(text) and _version(text) == _version(record.content))
        for text in other.contents
    )


def _version(text: str) -> str:
    """Give `v=spf1` of an SPF record: of those that begin alike, only one may stand (RFC 7208)."""
    first = text.replace(";", " ").split(maxsplit=1)[:1]
    return first[0].lower() if first and first[0].lower().startswith("v=") else ""


@dataclass(frozen=True, kw_only=True)
class Clash:
    """One of our resources that is still to be made, and what stands in its way.

    `name` and `kind` are the resource's name and type token; `records` are what it publishes,
    `existing` what `conflicts` found for them. `has_txt`: they are at a mail domain, whose
    `txt` setting takes strings of other purposes.
    """

    name: str
    kind: str
    records: tuple[Record, ...]
    existing: tuple[Existing, ...]
    has_txt: bool

    def __str__(self) -> str:
        """Say what stands there, and the command that adopts it."""
        ours, (first, *rest) = self.records[0], self.existing
        lines = [f"  {ours.name} {ours.type}: {ours.why}"]
        lines += [f"there is: {other}" for other in self.existing]
        if first.type != ours.type:
            lines.append("the two cannot stand together: delete that one at the provider")
            return "\n      ".join(lines)
        lines.append("to adopt it (the next up then makes it ours):")
        lines.append(f"  {ADOPT} {self.kind} '{self.name}' '{first.id}'")
        if kept := self._others(first):
            where = (
                f'list what else it says as mailstack:domains["{ours.name}"].txt'
                if self.has_txt
                else "see whether anybody needs what else it says, for it goes"
            )
            lines.append(f"before that up, {where}: {'; '.join(kept)}")
        if rest:
            lines.append("and delete the others at the provider: receivers would follow any")
        return "\n      ".join(lines)

    def _others(self, existing: Existing) -> list[str]:
        """Give the TXT strings of an adopted set that are nothing ours would replace."""
        if existing.type != "TXT" or "._domainkey." in existing.name:
            return []
        versions = {_version(record.content) for record in self.records} - {""}
        texts = {record.content for record in self.records}
        return [
            text
            for text in existing.contents
            if text not in texts and _version(text) not in versions
        ]


def refusal(clashes: Iterable[Clash]) -> str:
    """Write what a person has to decide before anything is deployed."""
    return "\n\n".join(
        [
            "DNS records that are not this stack's stand where its own have to; nothing was "
            "created or changed",
            *map(str, clashes),
        ]
    )
