"""A running lab daemon, and a world that is empty at the start of each test."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lab import daemon
from lab.daemon.run_info import RunInfo
from lab.world import World
from tests.lab.cloud.aws_objects import Objects
from tests.lab.cloud.client import Client


@pytest.fixture(scope="session")
def lab_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab") / "dev"


@pytest.fixture(scope="session")
def daemon_info(lab_directory: Path) -> Iterator[RunInfo]:
    """Start one daemon for all tests; `running` gives it with an empty world."""
    yield daemon.start(lab_directory)
    daemon.stop(lab_directory)


@pytest.fixture
def running(daemon_info: RunInfo, lab_directory: Path) -> RunInfo:
    path = lab_directory / "world.db"
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("objects", "ledger", "faults"):
            database.execute(f"DELETE FROM {table}")
    with World(path) as world:
        world.seed_zones(["example.test"])
    return daemon_info


@pytest.fixture
def lab_world(request: pytest.FixtureRequest, lab_directory: Path) -> Iterator[World]:
    """Open the daemon's world beside it: emptied, with the zone example.test."""
    request.getfixturevalue("running")
    with World(lab_directory / "world.db") as world:
        yield world


@pytest.fixture
def cloudflare(running: RunInfo) -> Iterator[Client]:
    client = Client(running.providers["cloudflare"])
    yield client
    client.close()


@pytest.fixture
def aws(running: RunInfo) -> Iterator[Client]:
    client = Client(running.providers["aws"], region="eu-central-1")
    yield client
    client.close()


@pytest.fixture
def objects(aws: Client) -> Objects:
    return Objects(aws)
