from tests.settings.conftest import Spoil


def test_a_stack_without_any_account(problems_with: Spoil) -> None:
    (problem,) = problems_with("domains", {"example.test": None, "example.org": {}})
    assert problem.path == 'mailstack:domains["example.test"].accounts'
    assert "no account at all" in problem.message
