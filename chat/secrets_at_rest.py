"""Secrets that are read again: kept encrypted, under a key that is not in the database."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_MARK = "fernet:"
_PURPOSE = b"chat.second-factor"
_KEY_BYTES = 32


def encrypted(text: str) -> str:
    """As it is kept. What is kept so already stays as it is."""
    return text if text.startswith(_MARK) else _MARK + _ciphers().encrypt(text.encode()).decode()


def decrypted(kept: str) -> str | None:
    """None where the key under which it was kept is lost."""
    if not kept.startswith(_MARK):
        return kept
    try:
        return _ciphers().decrypt(kept.removeprefix(_MARK)).decode()
    except InvalidToken:
        return None


def _ciphers() -> MultiFernet:
    """The first encrypts; those after it still read what was kept under earlier keys."""
    return MultiFernet(
        [Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _derived(secret_key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE)
    return urlsafe_b64encode(derive.derive(secret_key.encode()))
