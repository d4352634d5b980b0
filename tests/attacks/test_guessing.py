"""Guessing passwords, and shutting others out by it."""

import asyncio
import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat.accounts import guard
from chat.actions import rates
from chat.models import User
from tests.attacks import hashes
from tests.scene import PASSWORD, block, make_person, make_superuser, prove_address

pytestmark = pytest.mark.django_db
WRONG = "wrong"
OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the tries take, nothing is earned back meanwhile."""
    monkeypatch.setattr(rates, "monotonic", lambda: 1_000.0)


@pytest.fixture(autouse=True)
def bob(settings: Settings) -> User:
    settings.PASSWORD_HASHERS = ["tests.attacks.hashes.CountedHasher"]
    cache.clear()
    make_superuser()
    return make_person("bob")


def browser(address: str = OFFICE) -> Client:
    return Client(REMOTE_ADDR=address)


def tries(client: Client, login: str, password: str = WRONG) -> bool:
    client.post(reverse("account_login"), {"login": login, "password": password})
    return "_auth_user_id" in client.session


def unknown() -> str:
    return "nobody"


def unknown_address() -> str:
    return "nobody@example.org"


def known() -> str:
    return "bob"


def known_address() -> str:
    prove_address(User.objects.get(username="bob"), "bob@example.org")
    return "bob@example.org"


def blocked() -> str:
    block(make_person("blocked"))
    return "blocked"


def without_a_password() -> str:
    person = make_person("bare")
    person.set_unusable_password()
    person.save()
    return "bare"


@pytest.mark.parametrize(
    "login", [unknown, unknown_address, known, known_address, blocked, without_a_password]
)
def test_a_wrong_try_tells_nothing_by_its_cost_or_its_page(login: Callable[[], str]) -> None:
    name = login()
    hashes.made.clear()
    answer = browser().post(reverse("account_login"), {"login": name, "password": "wrong"})
    assert len(hashes.made) == 1
    assert answer.status_code == 200
    (told,) = answer.context["form"].non_field_errors()
    assert told == "The username, the address or the password is not correct."


@pytest.mark.parametrize("login", [known, known_address])
def test_a_right_try_costs_one_hash_too(login: Callable[[], str]) -> None:
    name = login()
    hashes.made.clear()
    assert tries(browser(), name, PASSWORD)
    assert len(hashes.made) == 1


def test_an_address_on_many_accounts_costs_one_hash() -> None:
    """H7: it cost 2n + 1."""
    from allauth.account.models import EmailAddress

    for number in range(5):
        eve = make_person(f"eve{number}", email="bob@example.org")
        EmailAddress.objects.create(user=eve, email="bob@example.org", primary=True)
    hashes.made.clear()
    assert not tries(browser(), "bob@example.org", PASSWORD)
    assert len(hashes.made) == 1


def test_who_guesses_is_locked_out_and_not_whom_they_guess() -> None:
    home = browser("203.0.113.5")
    for _ in range(20):
        tries(browser(ELSEWHERE), "bob")
    assert not tries(browser(ELSEWHERE), "bob", PASSWORD), "nor by the right one, just then"
    assert tries(home, "bob", PASSWORD)


def test_a_colleague_at_the_same_address_locks_nobody_out() -> None:
    own = browser()
    assert tries(own, "bob", PASSWORD)
    own.post(reverse("account_logout"))
    for _ in range(10):
        tries(browser(), "bob")
    assert not tries(browser(), "bob", PASSWORD), "from a browser that nobody knows"
    assert tries(own, "bob", PASSWORD)


def test_the_browser_of_an_earlier_sign_in_guesses_no_more_than_another() -> None:
    own = browser()
    assert tries(own, "bob", PASSWORD)
    own.post(reverse("account_logout"))
    for _ in range(5):
        assert not tries(own, "bob")
    assert not tries(own, "bob", PASSWORD)


def test_a_browser_of_ones_own_guesses_nobody_elses() -> None:
    make_person("eve")
    thief = browser(ELSEWHERE)
    assert tries(thief, "eve", PASSWORD)
    thief.post(reverse("account_logout"))
    for _ in range(5):
        tries(thief, "bob")
    assert not tries(thief, "bob", PASSWORD)


def test_ten_failures_of_a_colleague_do_not_shut_the_office_out() -> None:
    make_person("eve")
    for _ in range(10):
        tries(browser(), "eve")
    assert tries(browser(), "bob", PASSWORD)


def test_an_office_of_a_hundred_signs_in_within_a_minute() -> None:
    people = [make_person(f"clerk{number}") for number in range(100)]
    for person in people[::3]:
        assert not tries(browser(), person.username, "mistyped")
    assert all(tries(browser(), person.username, PASSWORD) for person in people)


def test_a_flood_of_empty_forms_does_not_shut_the_office_out() -> None:
    at_home_here = browser()
    assert tries(at_home_here, "bob", PASSWORD)
    at_home_here.post(reverse("account_logout"))
    for _ in range(300):
        tries(browser(), "bob", "")
    assert tries(at_home_here, "bob", PASSWORD)


def test_who_has_the_password_alone_does_not_shut_its_owner_out(bob: User) -> None:
    own = browser()
    assert tries(own, "bob", PASSWORD)
    own.post(reverse("account_logout"))
    secret = generate_totp_secret()
    TOTP.activate(bob, secret)
    guesser = browser(ELSEWHERE)
    tries(guesser, "bob", PASSWORD)
    for _ in range(6):
        guesser.post(reverse("mfa_authenticate"), {"code": "000000"})
    tries(own, "bob", PASSWORD)
    right = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    own.post(reverse("mfa_authenticate"), {"code": right})
    assert "_auth_user_id" in own.session


def test_nobody_tries_one_password_on_all_accounts() -> None:
    for number in range(guard_bound()):
        tries(browser(ELSEWHERE), f"somebody{number}")
    hashes.made.clear()
    assert not tries(browser(ELSEWHERE), "bob", PASSWORD)
    assert not hashes.made, "refused before anything is hashed"
    assert tries(browser(), "bob", PASSWORD)


def guard_bound() -> int:
    rate = guard.guesses_of_address
    return round(rate.per_second * rate.burst_seconds)


def test_empty_passwords_push_no_count_out() -> None:
    for _ in range(5):
        tries(browser(ELSEWHERE), "bob")
    form = {"login": "bob", "password": ""}
    for number in range(320):
        browser(f"2001:db8:{number:x}::1").post(reverse("account_login"), form)
    assert not tries(browser(ELSEWHERE), "bob", PASSWORD)


def test_what_allauth_counts_has_room_for_many() -> None:
    cache.set("first", 1)
    cache.set_many({f"key{number}": number for number in range(10_000)})
    assert cache.get("first")


NoteWaits = Callable[[], list[float]]


@pytest.fixture
def note_waits(monkeypatch: pytest.MonkeyPatch) -> NoteWaits:
    """From when it is called nobody waits: it is noted for how long they would."""

    def begin() -> list[float]:
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        monkeypatch.setattr(asyncio, "sleep", sleep)
        return waited

    return begin


def test_strangers_wait_while_an_account_is_guessed_from_everywhere(note_waits: NoteWaits) -> None:
    own = browser()
    assert tries(own, "bob", PASSWORD)
    own.post(reverse("account_logout"))
    for number in range(100):
        tries(browser(f"198.18.{number}.1"), "Bob")
    waited = note_waits()
    assert tries(browser("203.0.113.5"), "bob", PASSWORD), "slowly, and not refused"
    assert tries(own, "bob", PASSWORD)
    assert tries(browser("203.0.113.5"), "root", PASSWORD)
    assert waited == [guard.SLOW_SECONDS, 0, 0]


@pytest.mark.parametrize("typed", ["bob", " Bob ", "bob\u00a0", "\uff42ob"])
def test_an_account_written_otherwise_is_the_account_that_is_guessed(
    note_waits: NoteWaits, typed: str
) -> None:
    for number in range(100):
        tries(browser(f"198.18.{number}.1"), "bob")
    waited = note_waits()
    assert tries(browser("203.0.113.5"), typed, PASSWORD)
    assert waited == [guard.SLOW_SECONDS]


def test_who_signs_in_by_address_waits_no_more_than_by_name(note_waits: NoteWaits) -> None:
    address, own = known_address(), browser()
    assert tries(own, "bob", PASSWORD)
    own.post(reverse("account_logout"))
    for number in range(100):
        tries(browser(f"198.18.{number}.1"), address)
    waited = note_waits()
    assert tries(own, address, PASSWORD)
    assert tries(browser("203.0.113.5"), address, PASSWORD)
    assert waited == [0, guard.SLOW_SECONDS]


@pytest.mark.parametrize("length", [10, 100_000])
def test_a_long_login_takes_no_more_room_than_a_short_one(length: int) -> None:
    tries(browser(), "x" * length)
    assert all(len(key) < 100 for key in guard.guesses._due)


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("account_reauthenticate", {"password": "wrong"}),
        (
            "account_change_password",
            {"oldpassword": "wrong", "password1": "another one", "password2": "another one"},
        ),
    ],
)
def test_who_finds_an_open_laptop_guesses_its_password_five_times(
    bob: User, page: str, form: dict[str, str]
) -> None:
    laptop = browser()
    laptop.force_login(bob)
    hashes.made.clear()
    for _ in range(15):
        laptop.post(reverse(page), form)
    assert hashes.made.count("wrong") == 5


def test_who_chose_a_new_password_need_not_wait_for_what_they_tried_before() -> None:
    address = known_address()
    for _ in range(5):
        tries(browser(), "bob")
    browser().post(reverse("account_reset_password"), {"email": address})
    link = re.search(r"http://\S+", str(mail.outbox[0].body))
    assert link
    client, new = browser(), "another long secret"
    page = client.get(link[0], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert tries(browser(), "bob", new)


def test_the_code_of_a_second_step_is_guessed_five_times_from_everywhere(bob: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(bob, secret)
    right = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    for number in range(6):
        guesser = browser(f"198.18.{number}.1")
        tries(guesser, "bob", PASSWORD)
        code = "000000" if number < 5 else right
        guesser.post(reverse("mfa_authenticate"), {"code": code})
    assert "_auth_user_id" not in guesser.session
    guard.codes._due.clear()
    guesser.post(reverse("mfa_authenticate"), {"code": right})
    assert "_auth_user_id" in guesser.session


def test_the_admins_own_way_to_a_password_leads_to_the_accounts() -> None:
    laptop = browser()
    laptop.force_login(User.objects.get(username="root"))
    answer = laptop.post("/admin/password_change/", {"old_password": "wrong"})
    assert answer.headers["Location"] == reverse("account_change_password")
