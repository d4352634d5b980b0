"""Secrets that are read again: kept encrypted, under a key that is not in the database."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SECOND_FACTOR = b"chat.second-factor"
SESSION = b"chat.session"
"""For what: each has a key of its own."""

_MARK = "fernet:"
_KEY_BYTES = 32


def encrypted(text: str, purpose: bytes = SECOND_FACTOR) -> str:
    """As it is kept. What is kept so already stays as it is."""
    if text.startswith(_MARK):
        return text
    return _MARK + _ciphers(purpose).encrypt(text.encode()).decode()


def decrypted(kept: str, purpose: bytes = SECOND_FACTOR) -> str | None:
    """None where the key under which it was kept is lost."""
    if not kept.startswith(_MARK):
        return kept
    try:
        return _ciphers(purpose).decrypt(kept.removeprefix(_MARK)).decode()
    except InvalidToken:
        return None


def _ciphers(purpose: bytes) -> MultiFernet:
    """The first encrypts; those after it still read what was kept under earlier keys."""
    return _ciphers_under(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _ciphers_under(purpose: bytes, *secret_keys: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, purpose)) for key in secret_keys])


def _derived(secret_key: str, purpose: bytes) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose)
    return urlsafe_b64encode(derive.derive(secret_key.encode()))
