import pytest

from settings import Problem, load
from tests.settings.conftest import Raw, Spoil

AT = "mailstack:server.environment"


def refused(problems_with: Spoil, environment: dict[str, str]) -> Problem:
    (problem,) = problems_with("server", "environment", environment)
    return problem


def test_unknown_variable_is_answered_with_the_nearest(problems_with: Spoil) -> None:
    problem = refused(problems_with, {"LOG_LEVL": "info"})
    assert problem.path == f"{AT}.LOG_LEVL"
    assert "LOG_LEVEL" in problem.remedy


def test_wrong_value(problems_with: Spoil) -> None:
    problem = refused(problems_with, {"LOG_LEVEL": "loud"})
    assert problem.path == f"{AT}.LOG_LEVEL"
    assert "debug" in problem.remedy
    assert f"pulumi config rm --path {AT}.LOG_LEVEL" in problem.remedy


@pytest.mark.parametrize(
    "environment",
    [
        {"ENABLE_AMAVIS": "1"},
        {"ENABLE_OPENDMARC": "1"},
        {"ENABLE_SPAMASSASSIN": "1"},
        {"RSPAMD_GREYLISTING": "1", "ENABLE_POSTGREY": "1"},
    ],
)
def test_combination_that_the_image_refuses(
    problems_with: Spoil, environment: dict[str, str]
) -> None:
    problems = problems_with("server", "environment", environment)
    assert {problem.path for problem in problems} <= {f"{AT}.{name}" for name in environment}


def test_a_combination_with_another_setting(good: Raw, problems_with: Spoil) -> None:
    good["server"]["environment"] = {"ENABLE_AMAVIS": "1"}
    good["server"]["signer"] = "opendkim"
    assert load(good).server.environment == {"ENABLE_AMAVIS": "1"}
    problems = problems_with("server", "signer", "rspamd")
    assert [problem.path for problem in problems] == [f"{AT}.ENABLE_AMAVIS"]


@pytest.mark.parametrize("name", ["SSL_TYPE", "ENABLE_POP3", "OVERRIDE_HOSTNAME", "SSL_TYPE__FILE"])
def test_variable_that_another_setting_decides(problems_with: Spoil, name: str) -> None:
    problem = refused(problems_with, {name: "/x"})
    assert "it follows from `server." in problem.message
    assert problem.remedy == f"pulumi config rm --path {AT}.{name}"


def test_login_of_a_relay_belongs_to_the_relay(problems_with: Spoil) -> None:
    problem = refused(problems_with, {"RELAY_PASSWORD": "x"})
    assert "pulumi config set --path mailstack:relay.kind smtp" in problem.remedy
    assert "pulumi config set --secret --path mailstack:relay.password" in problem.remedy


@pytest.mark.parametrize(
    "name", ["LDAP_BIND_PW", "DOVECOT_DNPASS", "SASLAUTHD_LDAP_PASSWORD", "SRS_SECRET"]
)
def test_secret_goes_into_a_file(good: Raw, problems_with: Spoil, name: str) -> None:
    problem = refused(problems_with, {name: "x"})
    assert problem.path == f"{AT}.{name}"
    assert f"set --secret --path 'mailstack:server.files[\"secrets/{name}\"]'" in problem.remedy
    # What the remedy says is accepted.
    good["server"]["environment"] = {f"{name}__FILE": f"/tmp/docker-mailserver/secrets/{name}"}
    good["server"]["files"] = {f"secrets/{name}": "x"}
    assert len(load(good).server.files) == 1
