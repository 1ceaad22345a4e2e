"""Mailbox passwords: made, hashed and recognised, in the schemes that Dovecot takes."""

import re
import secrets

from passlib.hash import sha512_crypt

# Measured in Dovecot 2.3: 100,000 rounds cost it some 35 ms a login, 400,000 some 100 ms. Its one
# auth process works them off in turn, and a phone opens several connections at once; 100,000 is
# twenty times the scheme's default and still thirty logins a second.
_ROUNDS = 100_000
_PREFIX = "{SHA512-CRYPT}"
# doc.dovecot.org, password schemes; {PLAIN} and its kin would put passwords into a file.
_SCHEMES = ("SHA512-CRYPT", "SHA256-CRYPT", "BLF-CRYPT", "ARGON2I", "ARGON2ID")
_HASH = re.compile(r"\{(" + "|".join(_SCHEMES) + r")\}\$[A-Za-z0-9./$=,+-]{20,}")
# passlib sets up its tables when they are first used, and two threads at once break each other's:
# Pulumi's providers work in many. So it is used here once.
sha512_crypt.using(rounds=sha512_crypt.min_rounds).hash("")
_GENERATED_BYTES = 18  # 144 bits: 24 characters


def hash_password(password: str) -> str:
    """Hash a password as `{SHA512-CRYPT}$6$…`. Raises ValueError as `check_password` does."""
    check_password(password)
    return _PREFIX + str(sha512_crypt.using(rounds=_ROUNDS).hash(password))


def verify(password: str, hashed: str) -> bool:
    """Whether a password belongs to a hash that `hash_password` made; False for other schemes."""
    if not hashed.startswith(_PREFIX):
        return False
    return bool(sha512_crypt.verify(password, hashed.removeprefix(_PREFIX)))


def is_hash(value: str) -> bool:
    """Whether a value is a hash already, to be passed on as it is, and not a password."""
    return _HASH.fullmatch(value) is not None


def check_password(password: str) -> None:
    """Check that a password can be typed and hashed. Raises ValueError, never showing it."""
    if not password:
        raise ValueError("the password is empty")
    if not password.isprintable():
        raise ValueError("the password holds a control character (a line end, perhaps)")


def check_hash(value: str) -> None:
    """Check that a value is a hash that Dovecot takes. Raises ValueError, never showing it."""
    if not is_hash(value):
        raise ValueError(
            "not a password hash of a known scheme (" + ", ".join(_SCHEMES) + "); "
            "`doveadm pw -s SHA512-CRYPT` makes one"
        )


def generate_password() -> str:
    """Make a password of 24 letters, digits, "-" and "_": 144 random bits less a fraction of one.

    It never begins with "-", which commands that take a password would read as an option.
    """
    while (password := secrets.token_urlsafe(_GENERATED_BYTES)).startswith("-"):
        pass
    return password
