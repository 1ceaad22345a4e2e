"""An environment that the image would warn about, or stop at, is refused with a remedy."""

import pytest

from mail.dms.checks import EnvironmentProblem, check_environment
from mail.dms.environment import environment


def _with(**user: str) -> dict[str, str]:
    return environment(postmaster="p@x.test", services=("smtp",), signer="rspamd", user=user)


def _only(env: dict[str, str]) -> EnvironmentProblem:
    (problem,) = check_environment(env)
    return problem


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("ENABLE_IMPA", "ENABLE_IMAP"),
        ("SA_SPAM_SUBJECT", "SPAM_SUBJECT"),
        ("LOGLEVEL", "LOG_LEVEL"),
    ],
)
def test_an_unknown_name_gets_the_nearest_right_one(name: str, nearest: str) -> None:
    problem = _only(_with(**{name: "1"}))
    assert problem.name == name
    assert problem.remedy == f"write {nearest}"


def test_a_name_like_no_other_is_refused_too() -> None:
    assert "no such variable" in _only(_with(QQQ="1")).problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENABLE_FAIL2BAN", "yes"),
        ("LOG_LEVEL", "loud"),
        ("POSTFIX_MESSAGE_SIZE_LIMIT", "50M"),
        ("SA_TAG", "high"),
        ("UPDATE_CHECK_INTERVAL", "1w"),
        ("CLAMAV_MESSAGE_SIZE_LIMIT", "25 MB"),
        ("TZ", "Europe/../etc"),
        ("DOVECOT_INET_PROTOCOLS", "both"),
        ("LOGROTATE_COUNT", "-1"),
        ("SPAM_SUBJECT", "it's spam"),
        ("SPAM_SUBJECT", "a\nb"),
        ("LDAP_BIND_PW__FILE", "relative"),
    ],
)
def test_a_wrong_value_is_refused_without_repeating_it(name: str, value: str) -> None:
    problem = _only(_with(**{name: value}))
    assert problem.name == name
    assert problem.remedy
    assert value not in problem.problem + problem.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "trace"),
        ("LOG_LEVEL", ""),
        ("SA_TAG", "-9.5"),
        ("TZ", "America/Argentina/Buenos_Aires"),
        ("UPDATE_CHECK_INTERVAL", "12h"),
        ("LDAP_BIND_PW__FILE", "/tmp/docker-mailserver/ldap-password"),
    ],
)
def test_a_right_value_passes(name: str, value: str) -> None:
    assert check_environment(_with(**{name: value})) == []


def test_a_secret_belongs_into_a_file() -> None:
    problem = _only(_with(SRS_SECRET="geheim"))
    assert "SRS_SECRET__FILE" in problem.remedy
    assert "geheim" not in str(problem)


@pytest.mark.parametrize(
    ("user", "blamed"),
    [
        ({"ENABLE_AMAVIS": "1"}, ["ENABLE_AMAVIS"]),
        ({"ENABLE_OPENDKIM": "1"}, ["ENABLE_OPENDKIM"]),
        ({"ENABLE_OPENDMARC": "1"}, ["ENABLE_OPENDMARC"]),
        ({"ENABLE_POLICYD_SPF": "1"}, ["ENABLE_POLICYD_SPF"]),
        ({"ENABLE_POSTGREY": "1", "RSPAMD_GREYLISTING": "1"}, ["RSPAMD_GREYLISTING"]),
        ({"MOVE_SPAM_TO_JUNK": "0"}, ["MOVE_SPAM_TO_JUNK"]),
        ({"LDAP_SERVER_HOST": "ldap.test"}, ["LDAP_SERVER_HOST"]),
        ({"SSL_TYPE": ""}, ["SSL_TYPE"]),
        ({"DMS_VMAIL_UID": "0"}, ["DMS_VMAIL_UID"]),
        ({"RELAY_HOST": "a.test", "DEFAULT_RELAY_HOST": "[b.test]:587"}, ["RELAY_HOST"]),
        ({"ENABLE_RSPAMD": "0", "ENABLE_CLAMAV": "1"}, ["ENABLE_CLAMAV"]),
        ({"ENABLE_RSPAMD": "0", "ENABLE_SPAMASSASSIN": "1"}, ["ENABLE_SPAMASSASSIN"]),
        (
            {
                "ENABLE_RSPAMD": "0",
                "ENABLE_AMAVIS": "1",
                "ENABLE_SPAMASSASSIN": "1",
                "SPAMASSASSIN_SPAM_TO_INBOX": "0",
            },
            ["SPAMASSASSIN_SPAM_TO_INBOX"],
        ),
    ],
)
def test_a_combination_that_cannot_work_is_refused(user: dict[str, str], blamed: list[str]) -> None:
    assert [problem.name for problem in check_environment(_with(**user))] == blamed


@pytest.mark.parametrize(
    "user",
    [
        {"ENABLE_POSTGREY": "1"},
        {"MOVE_SPAM_TO_JUNK": "0", "SPAM_SUBJECT": "[spam] "},
        {"LDAP_SERVER_HOST": "ldaps://ldap.test"},
        {"ENABLE_RSPAMD": "0", "ENABLE_AMAVIS": "1", "ENABLE_CLAMAV": "1"},
    ],
)
def test_a_combination_that_works_passes(user: dict[str, str]) -> None:
    assert check_environment(_with(**user)) == []
