"""How often passwords may be guessed, and accounts made.

Whoever guesses is held up, not whom they guess: wrong tries count by the account and where they
come from. A browser in which somebody signed in before counts apart, so that nobody at the same
address can shut them out. What was typed is counted, found or not: a refusal tells nothing.
"""

from collections.abc import Callable
from hashlib import sha256
from secrets import token_urlsafe

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from chat.actions.rates import Rate
from chat.models import User
from chat.names import normalise_username
from chat.proxies import counted_address

_HOUR_SECONDS = 3600

guesses = Rate(1 / 60, "guesses", burst_seconds=5 * 60)
"""Of one account from one place: five, then one a minute."""

guesses_of_address = Rate(1 / 3, "guesses.address", burst_seconds=6 * 60)
"""Of all accounts from one address: 120, then 20 a minute. At nine an office mistypes a lot."""

guesses_of_account = Rate(100 / _HOUR_SECONDS, "guesses.account", burst_seconds=_HOUR_SECONDS)
"""Of one account from everywhere. Beyond it strangers wait, and nobody is refused."""

codes = Rate(1 / 60, "codes", burst_seconds=5 * 60)
"""Of the second step of one account, from everywhere but the browsers in which its owner signed in
before: six digits are soon guessed by many together."""

sign_ups = Rate(settings.CHAT_SIGNUP_RATE / _HOUR_SECONDS, "sign-ups", burst_seconds=_HOUR_SECONDS)

sign_ups_of_address = Rate(200 / _HOUR_SECONDS, "sign-ups.address", burst_seconds=_HOUR_SECONDS)

SLOW_SECONDS = 3

_DEVICE = "device"
_DEVICE_SALT = "chat.device"
_DEVICE_SECONDS = 400 * 24 * 60 * 60
"""As long as browsers keep a cookie."""


def count_try(request: HttpRequest, login: str, person: User | None) -> float:
    """Counts a try as a wrong one until it is known to be right; or counts nothing, and returns the
    seconds to wait."""
    device = _device_of(request, person)
    if wait := guesses.take(_place(request, login, device)):
        return wait
    if not device and (wait := guesses_of_address.take(address_of(request))):
        guesses.take(_place(request, login, device), cost=-1)
        return wait
    return 0.0


def was_right(request: HttpRequest, login: str, person: User) -> None:
    """It was no guess."""
    device = _device_of(request, person)
    guesses.take(_place(request, login, device), cost=-1)
    if not device:
        guesses_of_address.take(address_of(request), cost=-1)


def forgive(request: HttpRequest, person: User) -> None:
    """Who forgot a password and has a new one need not wait for what they tried before."""
    for login in filter(None, (person.username, person.email)):
        everything = guesses.per_second * guesses.burst_seconds
        guesses.take(_place(request, login, _device_of(request, person)), cost=-everything)


def was_wrong(login: str) -> None:
    guesses_of_account.take(_typed(login))


def count_code(request: HttpRequest, person: User) -> float:
    """As `count_try`, of a code of the second step."""
    return codes.take(_device_of(request, person) or str(person.pk))


def code_was_right(request: HttpRequest, person: User) -> None:
    codes.take(_device_of(request, person) or str(person.pk), cost=-1)


def delay_seconds(request: HttpRequest, login: str, whose: Callable[[str], User | None]) -> int:
    """How long a stranger to an account waits while it is guessed from all sides. `whose` is asked
    only then."""
    if not guesses_of_account.look(_typed(login)):
        return 0
    return 0 if _device_of(request, whose(login)) else SLOW_SECONDS


def count_sign_up(request: HttpRequest) -> float:
    """Counts an account that is about to be made, or returns the seconds to wait."""
    if not settings.CHAT_SIGNUP_RATE:
        return 0.0
    address = address_of(request, ours="")
    if address and (wait := sign_ups_of_address.take(address)):
        return wait
    return sign_ups.take("site")


def remember_device(response: HttpResponseBase, person: User) -> None:
    """It opens nothing: it tells whose tries are theirs."""
    told = {"person": person.pk, "device": token_urlsafe(9)}
    response.set_cookie(
        _DEVICE,
        signing.dumps(told, salt=_DEVICE_SALT),
        max_age=_DEVICE_SECONDS,
        httponly=True,
        samesite="Lax",
    )


def address_of(request: HttpRequest, ours: str = "127.0.0.1") -> str:
    """`ours` for one that is nobody's."""
    told = request.META.get
    return counted_address(told("REMOTE_ADDR", ""), told("HTTP_X_FORWARDED_FOR", "")) or ours


def _place(request: HttpRequest, login: str, device: str) -> str:
    return f"device.{device}" if device else f"{address_of(request)}.{_typed(login)}"


def _typed(login: str) -> str:
    """As long as any other, whatever was typed; a form takes the spaces around it away."""
    name = normalise_username(login.strip()).strip().casefold()
    return sha256(name.encode()).hexdigest()[:32]


def _device_of(request: HttpRequest, person: User | None) -> str:
    """In which this person signed in before, or nothing."""
    device = _device(request)
    is_theirs = person is not None and device.get("person") == person.pk
    return f"{device['person']}.{device['device']}" if is_theirs else ""


def _device(request: HttpRequest) -> dict[str, object]:
    try:
        told = signing.loads(
            request.COOKIES.get(_DEVICE, ""), salt=_DEVICE_SALT, max_age=_DEVICE_SECONDS
        )
    except signing.BadSignature:
        return {}
    return dict(told)
