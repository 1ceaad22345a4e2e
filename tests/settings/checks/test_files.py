import pytest

from settings import load
from tests.settings.conftest import Raw, Spoil


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/etc/passwd", "inside the config volume"),
        ("../up", "inside the config volume"),
        ("a//b", "written plainly"),
        ("postfix-accounts.cf", "written by mailstack itself"),
        ("rspamd/dkim/x", "written by mailstack itself"),
        ("rspamd", "is a folder"),
    ],
)
def test_path_that_cannot_be(problems_with: Spoil, path: str, message: str) -> None:
    (problem,) = problems_with("server", "files", {path: "content"})
    assert problem.path.startswith("mailstack:server.files")
    assert message in problem.message
    assert "pulumi config rm" in problem.remedy


def test_file_that_another_needs_as_its_folder(problems_with: Spoil) -> None:
    (problem,) = problems_with("server", "files", {"sieve-pipe": "x", "sieve-pipe/run": "y"})
    assert problem.path == "mailstack:server.files.sieve-pipe"


def test_files_that_may_be(good: Raw) -> None:
    good["server"]["files"] = {"postfix-main.cf": "a = b\n", "rspamd/override.d/x.conf": "y;"}
    assert len(load(good).server.files) == 2
