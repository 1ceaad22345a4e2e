from typing import Any

import pytest

from tests.settings.conftest import Spoil

SMTP = {"kind": "smtp", "host": "smtp.example.net", "user": "u", "password": "p"}


def test_ses_without_a_region(problems_with: Spoil) -> None:
    (problem,) = problems_with("host", {"kind": "local"})
    assert problem.path == "mailstack:relay.region"
    assert "pulumi config set --path mailstack:relay.region" in problem.remedy


@pytest.mark.parametrize("domain", ["bounce.example.test", "bounce.example.org"])
def test_bounce_name_that_is_taken(problems_with: Spoil, domain: str) -> None:
    (problem,) = problems_with("domains", domain, {"accounts": {"x": {}}})
    assert problem.path == "mailstack:relay.mailFromLabel"
    assert f"{domain} is taken" in problem.message


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "192.0.2.1"},
        {"user": "a:b"},
        {"user": ""},
        {"password": ""},
        {"password": "a\nb"},
        {"password": " x"},
    ],
)
def test_login_that_cannot_work(problems_with: Spoil, wrong: dict[str, Any]) -> None:
    (problem,) = problems_with("relay", SMTP | wrong)
    assert problem.path == f"mailstack:relay.{next(iter(wrong))}"
