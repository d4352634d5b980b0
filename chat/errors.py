"""What a command may be refused with: one class a code of the contract.

Refusals are made in threads that serve many, and told later, each to somebody with a language of
their own. So a refusal carries its sentence as it stands in the catalogues, and what is filled in;
whoever tells it translates it then.
"""

from collections.abc import Callable, Mapping
from typing import Self

Translate = Callable[[str], str]


class Text(str):
    """A sentence for people, in English until somebody tells it in another language."""

    __slots__ = ("message", "values")

    message: str
    values: Mapping[str, object]

    def __new__(cls, message: str, **values: object) -> Self:
        text = super().__new__(cls, message % values if values else message)
        text.message, text.values = message, values
        return text

    def told(self, translate: Translate) -> str:
        translated = translate(self.message)
        return translated % self.values if self.values else translated


text = Text
"""Imported as `_`, under which `makemessages` finds the sentences."""


class ChatError(Exception):
    """A refusal that a person may read: `detail` is a plain sentence, `extra` further fields."""

    code = "invalid"

    def __init__(self, detail: Text, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra

    def fields(self, translate: Translate) -> dict[str, object]:
        """As an `error` of the contract, without its type."""
        detail = self.detail.told(translate)
        return {"code": self.code, "detail": detail} | self._extra(translate)

    def _extra(self, translate: Translate) -> dict[str, object]:  # noqa: ARG002 - others need it
        return self.extra


class BadFrame(ChatError):
    code = "bad_frame"


class UnknownType(ChatError):
    code = "unknown_type"


class Invalid(ChatError):
    """`errors` names what is wrong field by field."""

    code = "invalid"

    def __init__(self, detail: Text, errors: Mapping[str, Text]) -> None:
        super().__init__(detail, errors=dict(errors))
        self._errors = errors

    def _extra(self, translate: Translate) -> dict[str, object]:
        told = {field: problem.told(translate) for field, problem in self._errors.items()}
        return self.extra | {"errors": told}


class NotFound(ChatError):
    """Absent, or hidden: nobody can tell which."""

    code = "not_found"


class Forbidden(ChatError):
    """Visible, but not this person's to do."""

    code = "forbidden"


class Conflict(ChatError):
    """What was to be changed is no longer what this person saw."""

    code = "conflict"


class RateLimited(ChatError):
    """`retry_after` in seconds."""

    code = "rate_limited"

    def __init__(self, detail: Text, retry_after: float) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(ChatError):
    """Not stored; the same command may succeed later."""

    code = "unavailable"
