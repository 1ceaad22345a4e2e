import multiprocessing
import os
import signal
import stat
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.world import ZONE, LedgerEntry, World, WorldError, zone_id


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "world.db"


def test_only_its_owner_may_read_it(path: Path) -> None:
    old = os.umask(0)
    try:
        with World(path) as world:
            world.put("kind", "1", {})
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == dict.fromkeys(("world.db", "world.db-shm", "world.db-wal"), 0o600)


def test_objects_come_back(path: Path) -> None:
    with World(path) as world:
        world.put("kind", "1", {"a": [1, None]}, name="n")
        world.put("kind", "2", {"b": 2})
        world.put("other", "1", {})
    with World(path) as world:
        assert world.get("kind", "1") == {"a": [1, None]}
        assert world.get("kind", "9") is None
        assert world.find("kind") == {"1": {"a": [1, None]}, "2": {"b": 2}}
        assert world.find("kind", "n") == {"1": {"a": [1, None]}}
        assert world.remove("kind", "1")
        assert not world.remove("kind", "1")
        assert world.find("kind", "n") == {}


def test_has_below(path: Path) -> None:
    with World(path) as world:
        world.put("kind", "1", {}, name="a.b_c.test")
        assert world.has_below("kind", "b_c.test")
        assert world.has_below("kind", "test")
        assert not world.has_below("kind", "a.b_c.test")
        assert not world.has_below("kind", "bxc.test")
        assert not world.has_below("kind", "c.test")


def test_ledger_follows_objects_over_a_change_of_urn(path: Path) -> None:
    with World(path) as world:
        world.record("urn:a", "t", "1", {"x": 1})
        world.record("urn:a", "t", "2", {})
        world.record("urn:b", "t", "1", {"x": 2})
        assert world.ledger("urn:a") == [LedgerEntry("t", "2", {})]
        assert world.ledger("urn:b") == [LedgerEntry("t", "1", {"x": 2})]
        assert world.ledger_urns() == ["urn:a", "urn:b"]
        world.forget("t", "1")
        assert world.ledger("urn:b") == []


def test_settings(path: Path) -> None:
    with World(path) as world:
        assert world.setting("ports", {}) == {}
        world.set_setting("ports", {"dns": 5353})
        assert world.setting("ports") == {"dns": 5353}


def test_zones_are_stable_and_seeded_once(path: Path) -> None:
    with World(path) as world:
        world.seed_zones(["example.test", "example.org"])
        world.put(ZONE, zone_id("example.test"), {"name": "example.test", "mark": 1})
        world.seed_zones(["example.test"])
        assert world.find(ZONE)[zone_id("example.test")]["mark"] == 1
        assert len(world.find(ZONE)) == 2
    assert len(zone_id("example.test")) == 32


def test_a_fault_is_used_once(path: Path) -> None:
    with World(path) as world:
        world.fail_next("mx", "create", "no")
        assert world.take_fault("mx", "update") is None
        assert world.take_fault("mx", "create") == "no"
        assert world.take_fault("mx", "create") is None


def test_a_failed_transaction_leaves_nothing(path: Path) -> None:
    def fail(world: World) -> None:
        with world.transaction():
            world.put("kind", "1", {})
            with world.transaction():
                world.record("urn:a", "kind", "1", {})
            raise ZeroDivisionError

    with World(path) as world:
        with pytest.raises(ZeroDivisionError):
            fail(world)
        assert world.find("kind") == {}
        assert world.ledger("urn:a") == []
        with world.transaction():
            world.put("kind", "2", {})
        assert world.find("kind") == {"2": {}}


def test_a_transaction_is_not_seen_before_its_end(path: Path) -> None:
    with World(path) as writer, World(path) as reader:
        with writer.transaction():
            writer.put("kind", "1", {})
            assert reader.find("kind") == {}
        assert reader.find("kind") == {"1": {}}


@pytest.mark.parametrize("files", [1, 4])
def test_threads_share_it(path: Path, files: int) -> None:
    """By one World, or by one each, as several processes do."""

    def add(world: World, start: int) -> None:
        for number in range(start, start + 50):
            with world.transaction():
                count = world.setting("count", 0)
                world.put("kind", str(number), {})
                world.set_setting("count", count + 1)

    with ExitStack() as opened:
        worlds = [opened.enter_context(World(path)) for _ in range(files)] * (4 // files)
        threads = [
            threading.Thread(target=add, args=(world, at * 50)) for at, world in enumerate(worlds)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert worlds[0].setting("count") == 200
        assert len(worlds[0].find("kind")) == 200


def _write_until_killed(path: Path, told: "multiprocessing.Queue[int]") -> None:
    with World(path) as world:
        for number in range(1_000_000):
            with world.transaction():
                world.put("kind", f"{number:07}", {})
                world.record("urn:a", "kind", f"{number:07}", {})
            told.put(number)


def test_a_kill_loses_nothing_that_was_told(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[int] = context.Queue()
    writer = context.Process(target=_write_until_killed, args=(path, told))
    writer.start()
    last = max(told.get(timeout=60) for _ in range(20))
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    with World(path) as world:
        objects = set(world.find("kind"))
        assert {f"{number:07}" for number in range(last + 1)} <= objects
        assert {entry.id for entry in world.ledger("urn:a")} == objects


def test_a_full_disk(path: Path) -> None:
    def put_two(world: World) -> None:
        with world.transaction():
            world.put("kind", "1", {})
            world.put("kind", "2", {"x": "x" * 100_000})

    with World(path) as world:
        world.put("kind", "0", {})
        pages = world._db.execute("PRAGMA page_count").fetchone()[0]
        world._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(WorldError, match="database or disk is full"):
            put_two(world)
        assert world.find("kind") == {"0": {}}
        world._db.execute("PRAGMA max_page_count = 100000")
        world.put("kind", "2", {"x": "x" * 100_000})
        assert world.find("kind").keys() == {"0", "2"}


def test_no_database(path: Path) -> None:
    path.write_text("this is no database, and never was one" * 100)
    with pytest.raises(WorldError, match=r"world.db .* file is not a database"):
        World(path)


def test_close_twice(path: Path) -> None:
    world = World(path)
    world.close()
    world.close()
    with pytest.raises(WorldError, match="closed"):
        world.find("kind")
