"""The passphrase secrets provider, compatible with the real CLI's.

AES-256-GCM with a key from PBKDF2-HMAC-SHA256 (sdk/go/common/resource/config/crypt.go and
pkg/secrets/passphrase/manager.go). Ciphertexts read `v1:<nonce>:<sealed>` in base64; a salt
reads `v1:<salt>:<the word "pulumi" as ciphertext>`, which lets a wrong passphrase be noticed.
"""

import base64
import binascii
import os
import threading
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from lab.engine.errors import StateError, WrongPassphraseError

_ITERATIONS: Final = 1_000_000
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_CHECK_WORD: Final = "pulumi"


class PassphraseSecrets:
    """Seals and opens values with one passphrase and one salt.

    The key costs about half a second of CPU, so it is made at the first value that needs it.
    """

    def __init__(self, passphrase: str, salt: str | None = None) -> None:
        self._passphrase = passphrase
        self._salt = salt
        self._cipher: AESGCM | None = None
        self._lock = threading.Lock()

    def for_salt(self, salt: str) -> "PassphraseSecrets":
        """The secrets of a state sealed with `salt`: these, when they have no other salt yet."""
        if self._salt is None:
            self._salt = salt
        return self if self._salt == salt else PassphraseSecrets(self._passphrase, salt)

    @property
    def salt(self) -> str:
        """The salt to record beside what is sealed; made at the first need."""
        self._unlocked()
        if self._salt is None:
            raise AssertionError("unlocking makes a salt")
        return self._salt

    def encrypt(self, plaintext: str) -> str:
        """Seal a text under a fresh nonce.

        Raises:
            WrongPassphraseError: the salt was made with another passphrase.
        """
        return _seal(self._unlocked(), plaintext)

    def decrypt(self, ciphertext: str) -> str:
        """Open a sealed text.

        Raises:
            WrongPassphraseError: the passphrase is not the one that was used.
            StateError: the text is damaged.
        """
        return _open(self._unlocked(), ciphertext)

    def _unlocked(self) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                self._cipher = self._create() if self._salt is None else self._check(self._salt)
            return self._cipher

    def _create(self) -> AESGCM:
        raw = os.urandom(_SALT_BYTES)
        cipher = self._derive(raw)
        self._salt = f"v1:{_encode(raw)}:{_seal(cipher, _CHECK_WORD)}"
        return cipher

    def _check(self, salt: str) -> AESGCM:
        version, _, rest = salt.partition(":")
        raw, _, check = rest.partition(":")
        if version != "v1" or not check:
            raise StateError("the stack's `encryptionsalt` is not of a known form: restore it")
        cipher = self._derive(_decode(raw))
        try:
            right = _open(cipher, check) == _CHECK_WORD
        except StateError:
            right = False
        if not right:
            raise WrongPassphraseError(
                "the passphrase does not open this stack's secrets: set PULUMI_CONFIG_PASSPHRASE "
                "(or PULUMI_CONFIG_PASSPHRASE_FILE) to the one the stack was made with; "
                "nothing was changed. Where it is lost, `python -m lab destroy --wipe` throws the "
                "lab away without it"
            )
        return cipher

    def _derive(self, salt: bytes) -> AESGCM:
        kdf = PBKDF2HMAC(algorithm=SHA256(), length=_KEY_BYTES, salt=salt, iterations=_ITERATIONS)
        return AESGCM(kdf.derive(self._passphrase.encode()))


def _seal(cipher: AESGCM, plaintext: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    return f"v1:{_encode(nonce)}:{_encode(cipher.encrypt(nonce, plaintext.encode(), None))}"


def _open(cipher: AESGCM, ciphertext: str) -> str:
    version, _, rest = ciphertext.partition(":")
    nonce, _, sealed = rest.partition(":")
    if version != "v1" or not sealed:
        raise StateError("a sealed value is not of a known form: it was damaged or cut")
    try:
        return cipher.decrypt(_decode(nonce), _decode(sealed), None).decode()
    except (InvalidTag, ValueError) as error:
        raise StateError(
            "a sealed value cannot be opened with this stack's key: it was damaged, or sealed "
            "with another passphrase or salt"
        ) from error


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise StateError("a sealed value is not base64: it was damaged") from error
