"""No record is made beside one that is not ours: refused while nothing has been changed yet."""

from collections.abc import Collection, Iterable

import pulumi

from components.dns.published import Published, Publisher
from mail.foreign import Clash, Existing, conflicts, refusal
from settings import MailstackError


class ForeignRecordsError(MailstackError):
    """Somebody else's records stand where ours have to."""


def refuse_foreign(publisher: Publisher, published: Iterable[Published]) -> pulumi.Output[None]:
    """Fail the preview, which every `up` begins with, when others' records are in the way.

    Ours are those that the state knows: a resource that exists has an id in a preview, one that
    is still to be made has none.
    """
    listed = list(published)

    async def look() -> None:
        known = [await _id(one.resource) for one in listed]
        missing = [one for one, id_ in zip(listed, known, strict=True) if id_ is None]
        if not missing:
            return
        ours = {id_ for id_ in known if id_ is not None}
        there: dict[str, list[Existing]] = {}
        for zone in {one.records[0].zone for one in missing}:
            found = await publisher.existing(zone).future() or []
            there[zone] = [
                other for other in found if not {other.id, other.id.rpartition("/")[2]} & ours
            ]
        domains = {r.name for one in listed for r in one.records if r.key == f"{r.name}/mx"}
        clashes = [clash for one in missing if (clash := _clash(publisher, one, there, domains))]
        if clashes:
            raise ForeignRecordsError(refusal(clashes))

    return pulumi.Output.from_input(look())


async def _id(resource: pulumi.CustomResource) -> str | None:
    """Give the id of a resource that exists; of one that is still to be made, none is known."""
    return await resource.id.future() if await resource.id.is_known() else None


def _clash(
    publisher: Publisher,
    one: Published,
    there: dict[str, list[Existing]],
    domains: Collection[str],
) -> Clash | None:
    first = one.records[0]
    found = conflicts(first, there[first.zone], sets=publisher.sets)
    if not found:
        return None
    return Clash(
        name=one.name,
        kind=publisher.kind,
        records=one.records,
        existing=tuple(found),
        has_txt=first.name in domains,
    )
