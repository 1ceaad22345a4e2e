"""An object and its ledger line are one: whatever fails, there are both or neither."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.provider.experimental import provider as sdk

from lab.cloud.provider import Call, CloudError, CloudProvider, Resource
from lab.cloud.values import Plain, wrap
from lab.world import World

TOKEN = "test:index:Thing"
URN = f"urn:pulumi:dev::mailstack::{TOKEN}::thing"


class Thing(Resource):
    token = TOKEN
    optional = frozenset({"fails", "value"})

    def create(self, call: Call, inputs: Plain) -> tuple[str, Plain]:
        call.world.put(TOKEN, "1", inputs)
        _fail(inputs)
        return "1", inputs

    def update(self, call: Call, id: str, outputs: Plain, inputs: Plain) -> Plain:  # noqa: A002
        new = super().update(call, id, outputs, inputs)
        _fail(inputs)
        return new

    def delete(self, call: Call, id: str, outputs: Plain) -> None:  # noqa: A002
        super().delete(call, id, outputs)
        _fail(outputs)


def _fail(inputs: Plain) -> None:
    if inputs.get("fails"):
        raise CloudError("late", "failed in the middle")


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[CloudProvider]:
    with World(tmp_path / "world.db") as world:
        yield CloudProvider("test", world, resources=[Thing()])


def create(provider: CloudProvider, inputs: Plain) -> None:
    request = sdk.CreateRequest(URN, wrap(inputs), timeout=0, preview=False)
    asyncio.run(provider.create(request))


def test_create(provider: CloudProvider) -> None:
    with pytest.raises(CloudError):
        create(provider, {"fails": True})
    assert provider.world.find(TOKEN) == {}
    assert provider.world.ledger(URN) == []


def test_update(provider: CloudProvider) -> None:
    create(provider, {"value": "old"})
    before = provider.world.ledger(URN)
    news = wrap({"value": "new", "fails": True})
    request = sdk.UpdateRequest(URN, "1", {}, news, timeout=0, ignore_changes=[], preview=False)
    with pytest.raises(CloudError):
        asyncio.run(provider.update(request))
    assert provider.world.find(TOKEN) == {"1": {"value": "old"}}
    assert provider.world.ledger(URN) == before != []


def test_delete(provider: CloudProvider) -> None:
    create(provider, {"value": "old"})
    request = sdk.DeleteRequest(URN, "1", wrap({"fails": True}), timeout=0)
    with pytest.raises(CloudError):
        asyncio.run(provider.delete(request))
    assert provider.world.find(TOKEN) == {"1": {"value": "old"}}
    assert [entry.id for entry in provider.world.ledger(URN)] == ["1"]
