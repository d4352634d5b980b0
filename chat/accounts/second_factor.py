"""What the second step of signing in keeps."""

import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret

from chat.secrets_at_rest import decrypted, encrypted

logger = logging.getLogger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Something that no code fits, where the key is lost: nobody gets in by that."""
        text = decrypted(encrypted_text)
        if text is None:
            logger.error("second_step_unreadable")
            return str(generate_totp_secret())
        return text
