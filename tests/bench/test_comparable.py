"""The benchmark compares like with like: both programs ask the engine for the very same."""

from pathlib import Path

from tests.bench.subjects import subjects


def test_the_flat_program_asks_for_what_ours_asks_for(tmp_path: Path) -> None:
    with subjects(tmp_path) as both:  # raises NotComparableError
        assert both.resources > 0
