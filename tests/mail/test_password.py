"""Passwords: hashed so that they verify, recognised when hashed, and never shown."""

import string
import subprocess
import sys

import pytest

from mail import password


def test_a_hash_verifies_its_password_only() -> None:
    hashed = password.hash_password("correct horse")
    assert hashed.startswith("{SHA512-CRYPT}$6$")
    assert password.verify("correct horse", hashed)
    assert not password.verify("wrong horse", hashed)


def test_two_hashes_of_one_password_differ() -> None:
    assert password.hash_password("x") != password.hash_password("x")


def test_another_scheme_does_not_verify() -> None:
    assert not password.verify("x", "{BLF-CRYPT}$2y$05$" + "a" * 53)


@pytest.mark.parametrize(
    "value",
    [
        "{SHA512-CRYPT}$6$rounds=5000$abcdefgh$" + "a" * 86,
        "{BLF-CRYPT}$2y$05$" + "a" * 53,
        "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$" + "a" * 22 + "$" + "b" * 43,
    ],
)
def test_a_hash_is_recognised(value: str) -> None:
    assert password.is_hash(value)
    password.check_hash(value)


@pytest.mark.parametrize(
    "value", ["secret", "{PLAIN}secret", "{SHA512-CRYPT}", "{SHA512-CRYPT}x\n"]
)
def test_what_is_no_safe_hash_is_refused_without_showing_it(value: str) -> None:
    assert not password.is_hash(value)
    with pytest.raises(ValueError, match="not a password hash") as caught:
        password.check_hash(value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("bad", ["", "geheim\n", "geh\x00eim"])
def test_a_password_that_cannot_be_typed_is_refused_without_showing_it(bad: str) -> None:
    with pytest.raises(ValueError, match=r"empty|control character") as caught:
        password.hash_password(bad)
    assert "geh" not in str(caught.value)


def test_a_generated_password_is_long_fresh_and_typable() -> None:
    first, second = password.generate_password(), password.generate_password()
    assert first != second
    assert len(first) == 24
    assert set(first) <= set(string.ascii_letters + string.digits + "-_")


def test_no_command_takes_a_generated_password_for_an_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = iter(["-A" + "x" * 22, "A-" + "x" * 22])
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: next(made))
    assert password.generate_password() == "A-" + "x" * 22


FIRST_USE = """
import threading
from passlib.utils import binary

used_in = []
first_use = binary.LazyBase64Engine._lazy_init

def noted(self):
    used_in.append(threading.current_thread())
    first_use(self)

binary.LazyBase64Engine._lazy_init = noted
from mail.password import hash_password

worker = threading.Thread(target=hash_password, args=("x",))
worker.start()
worker.join()
assert used_in, "passlib sets up nothing late any more: let mail.password do without"
assert worker not in used_in
"""


def test_threads_find_everything_set_up() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_USE], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
