import pulumi
import pytest

from settings import MailstackError, Problem, SettingsError, load
from tests.settings.conftest import Raw

SECRET = "correct-horse-battery"


def test_the_engine_prints_our_errors_without_a_traceback() -> None:
    assert issubclass(SettingsError, MailstackError)
    assert issubclass(MailstackError, pulumi.RunError)


def test_text_has_path_message_and_remedy() -> None:
    error = SettingsError([Problem(path="mailstack:host", message="is bad", remedy="mend it")])
    assert str(error) == (
        "the stack file has 1 problem; nothing was created or changed\n\n"
        "  mailstack:host\n    is bad\n    fix: mend it"
    )


@pytest.mark.parametrize(
    "spoilt",
    [
        {"relay": {"kind": "smtp", "password": SECRET}},
        {"relay": {"kind": "smtp", "password": f"{SECRET}\n"}},
        {"relay": {"kind": "smtp", "password": [SECRET]}},
        {"domains": {"example.test": {"accounts": {"alice": {"password": {"x": SECRET}}}}}},
        {"domains": {"example.test": {"accounts": {"alice": {"password": f"{SECRET}\0"}}}}},
        {"server": {"hostname": "a.test", "files": {"../up": SECRET}}},
        {"server": {"hostname": "a.test", "files": SECRET}},
        {"server": {"hostname": "a.test", "environment": {"LDAP_BIND_PW": f"{SECRET}'"}}},
        {"server": {"hostname": "a.test", "masters": {"root": {"pasword": SECRET}}}},
        {"server": {"hostname": "a.test", "tls": {"kind": "manual", "key": SECRET}}},
    ],
)
def test_no_secret_in_an_error_nor_behind_it(good: Raw, spoilt: Raw) -> None:
    with pytest.raises(SettingsError) as caught:
        load(good | spoilt)
    error = caught.value
    assert SECRET not in str(error) + repr(error) + repr(error.problems)
    # A traceback would print the validation error, were it the cause.
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_no_secret_in_the_repr_of_settings(good: Raw) -> None:
    good["relay"] = {"kind": "smtp", "host": "s.example.net", "user": "u", "password": SECRET}
    good["server"]["files"] = {"fetchmail.cf": SECRET}
    good["server"]["masters"] = {"root": {"password": SECRET}}
    good["domains"]["example.test"]["accounts"]["bob"] = {"password": SECRET}
    settings = load(good)
    assert SECRET not in repr(settings) + str(settings) + repr(settings.mailboxes)
    assert settings.mailboxes[1].password is not None
    assert settings.mailboxes[1].password.get_secret_value() == SECRET
