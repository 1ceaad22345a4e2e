import traceback

from components.dynamic.plain_errors import PlainError, plainly


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
