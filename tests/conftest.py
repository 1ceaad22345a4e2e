"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab_project import LabProject


@pytest.fixture
def project(tmp_path: Path) -> Iterator[LabProject]:
    """Give a project with the dev stack's file; its lab goes with the test."""
    made = LabProject.make(tmp_path / "project")
    yield made
    made.destroy()
