from tests.settings.conftest import Spoil


def test_hostname_that_is_a_mail_domain(problems_with: Spoil) -> None:
    (problem,) = problems_with("server", "hostname", "Example.org")
    assert problem.path == "mailstack:server.hostname"
    assert "must not be a mail domain" in problem.message
    assert problem.remedy.endswith("mailstack:server.hostname mail.example.org")


def test_domain_that_nobody_can_own(problems_with: Spoil) -> None:
    (problem,) = problems_with("domains", "co.uk", {"accounts": {"x": {}}})
    assert problem.path == 'mailstack:domains["co.uk"]'
    assert "public suffix" in problem.message


def test_hostname_that_nobody_can_own(problems_with: Spoil) -> None:
    (problem,) = problems_with("server", "hostname", "co.uk")
    assert problem.path == "mailstack:server.hostname"
