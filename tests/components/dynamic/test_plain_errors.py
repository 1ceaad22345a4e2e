import sys
import traceback

import pytest

from components.dynamic.plain_errors import PlainError, plainly


@pytest.fixture(autouse=True)
def _usual_tracebacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)


@plainly
def fail(error: Exception) -> None:
    try:
        {}["inner"]
    except KeyError:
        raise error  # noqa: B904 - the context is what must not show


def shown(error: Exception) -> list[str]:
    try:
        fail(error)
    except type(error):
        return traceback.format_exc().splitlines()  # what the SDK sends to the engine
    raise AssertionError("it did not fail")


def test_what_is_for_people_is_shown_alone() -> None:
    assert shown(PlainError("do this")) == ["components.dynamic.plain_errors.PlainError: do this"]


def test_a_bug_keeps_its_traceback() -> None:
    lines = shown(ValueError("a bug"))
    assert "KeyError: 'inner'" in lines
    assert any("in fail" in line for line in lines)
