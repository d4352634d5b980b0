"""What a command may be refused with: one class a code of the contract."""

from collections.abc import Mapping


class ChatError(Exception):
    """A refusal that a person may read: `detail` is a plain sentence, `extra` further fields."""

    code = "invalid"

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class BadFrame(ChatError):
    code = "bad_frame"


class UnknownType(ChatError):
    code = "unknown_type"


class Invalid(ChatError):
    """`errors` names what is wrong field by field."""

    code = "invalid"

    def __init__(self, detail: str, errors: Mapping[str, str]) -> None:
        super().__init__(detail, errors=dict(errors))


class NotFound(ChatError):
    """Absent, or hidden: nobody can tell which."""

    code = "not_found"


class Forbidden(ChatError):
    """Visible, but not this person's to do."""

    code = "forbidden"


class RateLimited(ChatError):
    """`retry_after` in seconds."""

    code = "rate_limited"

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail, retry_after=retry_after)


class Unavailable(ChatError):
    """Not stored; the same command may succeed later."""

    code = "unavailable"
