import pytest

from settings import load
from tests.settings.conftest import Raw, Spoil

AT = 'mailstack:domains["example.test"]'
ALIASES = ("domains", "example.test", "aliases")


def test_missing_target_is_answered_with_the_nearest(problems_with: Spoil) -> None:
    (problem,) = problems_with(*ALIASES, "x", ["bob", "alise"])
    assert problem.path == f"{AT}.aliases.x[1]"
    assert "no account or alias alise@example.test" in problem.message
    assert problem.remedy.endswith("aliases.x[1]' alice@example.test")


def test_missing_target_far_from_everything(problems_with: Spoil) -> None:
    (problem,) = problems_with(*ALIASES, "x", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq")
    assert problem.path == f"{AT}.aliases.x"
    assert "config rm" in problem.remedy


def test_catch_all_without_an_account(problems_with: Spoil) -> None:
    (problem,) = problems_with("domains", "example.test", "catchAll", "nobody")
    assert problem.path == f"{AT}.catchAll"
    assert "nobody@example.test" in problem.message


def test_path_keeps_the_spelling_of_the_domain(problems_with: Spoil) -> None:
    (problem,) = problems_with("domains", "Bücher.example", {"catchAll": "x"})
    assert problem.path == 'mailstack:domains["Bücher.example"].catchAll'


@pytest.mark.parametrize(
    ("key", "value"),
    [("tlsReports", "r@example.org"), ("dmarc", {"reports": "r@example.org"})],
)
def test_reports_to_nobody(problems_with: Spoil, key: str, value: object) -> None:
    (problem,) = problems_with("domains", "example.test", key, value)
    assert "r@example.org" in problem.message


def test_regexp_alias_to_nobody(problems_with: Spoil) -> None:
    (problem,) = problems_with("server", "regexpAliases", {"/^a/": ["zz@example.org"]})
    assert problem.path == 'mailstack:server.regexpAliases["/^a/"]'


def test_targets_that_do_exist(good: Raw) -> None:
    domain = good["domains"]["example.test"]
    domain["aliases"] |= {
        "one": "team",
        "two": "Alice+news@example.test",
        "three": "whoever@elsewhere.test",
    }
    # The catch-all of example.test takes them.
    domain["tlsReports"] = "reports@example.test"
    domain["dmarc"] = {"reports": "dmarc@example.test"}
    good["server"]["regexpAliases"] = {"/^(.*)@x$/": "$1@example.org"}
    assert load(good).aliases["one@example.test"] == ("team@example.test",)


def test_an_alias_that_leads_to_itself(problems_with: Spoil) -> None:
    (problem,) = problems_with(*ALIASES, "x", ["bob", "x"])
    assert "circle: x@example.test → x@example.test" in problem.message


def test_a_circle_is_told_once_and_whole(problems_with: Spoil) -> None:
    (problem,) = problems_with(*ALIASES, {"into": "a", "a": "b", "b": ["bob", "c"], "c": "a"})
    assert problem.path == f"{AT}.aliases.a"
    assert "a@example.test → b@example.test → c@example.test → a@example.test" in problem.message


def test_two_ways_to_one_mailbox_are_no_circle(good: Raw) -> None:
    good["domains"]["example.test"]["aliases"] = {"a": ["b", "c"], "b": "bob", "c": "b"}
    assert len(load(good).aliases) == 4


def test_a_long_chain_of_aliases_is_walked(good: Raw) -> None:
    chain = {f"a{n}": f"a{n + 1}" for n in range(5000)} | {"a5000": "bob"}
    good["domains"]["example.test"]["aliases"] = chain
    assert len(load(good).aliases) == 5002
