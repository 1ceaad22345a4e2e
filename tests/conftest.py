"""What all tests share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployed import Deployed, deployed, opendkim_stack
from tests.lab_project import LabProject, dev_stack


@pytest.fixture(autouse=True)
def _tracebacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what a provider's PlainError does to its process: without frames the SDK breaks."""
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[LabProject]:
    """Give a project with the dev stack's file; its lab goes with the test."""
    made = LabProject.make(tmp_path / "project")
    yield made
    made.destroy()


# Tests that use these are marked xdist_group("deployed"), so that one process has them all.
@pytest.fixture(scope="session")
def on_rspamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Give the dev stack, deployed; it signs with Rspamd."""
    with deployed(tmp_path_factory.mktemp("on-rspamd") / "project", dev_stack()) as stack:
        yield stack


@pytest.fixture(scope="session")
def on_opendkim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Give a stack that signs with OpenDKIM, deployed (tests.deployed says what else it has)."""
    with deployed(tmp_path_factory.mktemp("on-opendkim") / "project", opendkim_stack()) as stack:
        yield stack
