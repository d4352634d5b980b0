"""A hasher that is counted."""

from django.contrib.auth.hashers import MD5PasswordHasher

made: list[str] = []


class CountedHasher(MD5PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        made.append(password)
        return super().encode(password, salt)
