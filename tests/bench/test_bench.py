"""`make bench` can measure: it compares like with like, and the program runs where it is timed.

What comes out is for docs/benchmarks.md: no test asserts a time.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.subjects import ROOT, subjects


def test_the_flat_program_asks_for_what_ours_asks_for(tmp_path: Path) -> None:
    with subjects(tmp_path) as both:  # raises NotComparableError
        assert both.resources > 0


def test_our_own_time_is_found() -> None:
    command = [sys.executable, "-m", "tests.bench.own_time", "1"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["own"] > 0
    assert found["constructors"] > 0
