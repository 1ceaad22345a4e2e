from tests.settings.conftest import Spoil

AT = 'mailstack:domains["example.test"]'


def test_alias_named_like_an_account(problems_with: Spoil) -> None:
    (problem,) = problems_with("domains", "example.test", "aliases", "bob", "alice")
    assert problem.path == f"{AT}.aliases.bob"
    assert f"bob@example.test exists already: {AT}.accounts.bob" in problem.message
    assert f"pulumi config rm --path '{AT}.aliases.bob'" in problem.remedy


def test_alias_of_an_account_that_is_an_alias_already(problems_with: Spoil) -> None:
    (problem,) = problems_with(
        "domains", "example.org", "accounts", "carol", {"aliases": ["team@example.test"]}
    )
    assert problem.path == 'mailstack:domains["example.org"].accounts.carol.aliases[0]'


def test_the_same_alias_twice_at_one_account(problems_with: Spoil) -> None:
    problems = problems_with(
        "domains", "example.org", "accounts", "carol", {"aliases": ["a", "a@example.org"]}
    )
    assert [problem.path[-10:] for problem in problems] == ["aliases[1]"]


def test_alias_in_a_domain_that_is_not_ours(problems_with: Spoil) -> None:
    (problem,) = problems_with(
        "domains", "example.org", "accounts", "carol", {"aliases": ["carol@example.net"]}
    )
    assert "example.net is not a domain of this stack" in problem.message


def test_one_domain_in_two_spellings(problems_with: Spoil) -> None:
    (problem,) = problems_with("domains", "EXAMPLE.test", {"accounts": {"zoe": {}}})
    assert problem.path == 'mailstack:domains["EXAMPLE.test"]'
    assert "a second time" in problem.message
