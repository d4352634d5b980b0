"""Sessions as they are kept: each under the hash of its key, so that a copy of the database signs
nobody in, and encrypted: a key to a new password may be in it. The session's own key is in the
cookie alone."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from chat.secrets_at_rest import SESSION, decrypted, encrypted

_MARK = "#"
"""No key that Django gives out has it: what is stored is never taken for a key."""

_STORED_LENGTH = 40
"""Characters that the column takes: 234 bits of the hash."""

_CLEAR = re.compile(r"[a-z0-9]{32}")


def stored_key(key: str) -> str:
    """Under what the session of a cookie stands in the database."""
    hashed = urlsafe_b64encode(sha256(key.encode()).digest()).decode()
    return (_MARK + hashed)[:_STORED_LENGTH]


class SessionStore(db.SessionStore):
    """Takes and gives the key of the cookie, as Django's own does."""

    def encode(self, session_dict: dict[str, object]) -> str:
        return encrypted(super().encode(session_dict), SESSION)

    def decode(self, session_data: str) -> dict[str, object]:  # type: ignore[override]
        """Nothing where the key under which it was kept is lost."""
        kept = decrypted(session_data, SESSION)
        return {} if kept is None else super().decode(kept)

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        row = self._current(key) or (self._current(key) if _rehash(key) else None)
        if row is None:
            self._session_key: str | None = None
        return row

    def _current(self, key: str) -> Session | None:
        return self._stored(key).filter(expire_date__gt=timezone.now()).first()

    def _stored(self, key: str) -> QuerySet[Session]:
        return Session.objects.filter(session_key=stored_key(key))

    def exists(self, session_key: str) -> bool:
        return self._stored(session_key).exists()

    def create_model_instance(self, data: dict[str, object]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        for row in self._stored(session_key or self.session_key or ""):
            row.delete()

    async def _aget_session_from_db(self) -> Session | None:
        return await sync_to_async(self._get_session_from_db)()

    async def aexists(self, session_key: str) -> bool:
        return await sync_to_async(self.exists)(session_key)

    async def acreate_model_instance(self, data: dict[str, object]) -> Session:
        return await sync_to_async(self.create_model_instance)(data)

    async def adelete(self, session_key: str | None = None) -> None:
        await sync_to_async(self.delete)(session_key)


def _rehash(key: str) -> bool:
    """Whether there was a row under the key itself: of an older process that is still running while
    it is replaced, or of a script with Django's own store."""
    if not _CLEAR.fullmatch(key):
        return False
    clear = Session.objects.filter(session_key=key)
    return clear.exists() and bool(clear.update(session_key=stored_key(key)))
