"""Accounts by the dozen, and a new name every second."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat.accounts import guard
from chat.actions import rates
from chat.actions.people import NAMES_AN_HOUR, rename_person
from chat.errors import RateLimited
from chat.models import Site, User
from tests.scene import PASSWORD, make_person, make_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the tries take, nothing is earned back meanwhile."""
    monkeypatch.setattr(rates, "monotonic", lambda: 1_000.0)


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    make_superuser()
    settings.ACCOUNT_RATE_LIMITS = {"signup": None}  # allauth's own, shown by its own tests
    cache.clear()


def signs_up(username: str, address: str) -> int:
    form = {"username": username, "password1": PASSWORD}
    client = Client(REMOTE_ADDR=address)
    return int(client.post(reverse("account_signup"), form).status_code)


def test_a_name_is_changed_five_times_an_hour_and_no_more() -> None:
    """100 in a row: everybody's page was told of each."""
    client = Client()
    eve = make_person("eve")
    client.force_login(eve)
    before = Site.objects.get()
    answers = [client.post(reverse("profile"), {"name": f"Eve {n}"}) for n in range(20)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 20 - NAMES_AN_HOUR
    assert "Try again in 12 min." in refused[0].content.decode()
    assert Site.objects.get().people_version <= before.people_version + NAMES_AN_HOUR
    assert Site.objects.get().access_version == before.access_version
    eve.refresh_from_db()
    assert eve.name == f"Eve {NAMES_AN_HOUR - 1}"


def test_saving_the_name_that_one_has_is_no_change() -> None:
    eve = make_person("eve", name="Eve")
    for _ in range(20):
        rename_person(eve, "Eve")
    rename_person(eve, "Eve L.")
    for n in range(NAMES_AN_HOUR - 1):
        rename_person(eve, f"Eve {n}")
    with pytest.raises(RateLimited):
        rename_person(eve, "Eve again")


def test_one_address_makes_so_many_accounts_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.sign_ups_of_address, "burst_seconds", 3 * 18)
    answers = [signs_up(f"eve{number}", "192.0.2.7") for number in range(6)]
    assert answers == [302, 302, 302, 429, 429, 429]
    assert signs_up("honest", "198.51.100.9") == 302
    assert User.objects.count() == 5


def test_of_ipv6_a_whole_network_is_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.sign_ups_of_address, "burst_seconds", 3 * 18)
    answers = [signs_up(f"eve{number}", f"2001:db8::{number + 1}") for number in range(4)]
    assert answers == [302, 302, 302, 429]


def test_the_site_takes_so_many_an_hour_from_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each came with an allowance of its own."""
    monkeypatch.setattr(guard.sign_ups, "burst_seconds", 3 / guard.sign_ups.per_second)
    answers = [signs_up(f"eve{number}", f"198.18.{number}.1") for number in range(5)]
    assert answers == [302, 302, 302, 429, 429]


def test_a_refused_form_counts_as_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.sign_ups, "burst_seconds", 1 / guard.sign_ups.per_second)
    for _ in range(5):
        assert signs_up("root", "192.0.2.7") == 200
    assert signs_up("honest", "192.0.2.7") == 302


def test_a_teams_first_day_and_dozens_from_this_machine_pass() -> None:
    assert all(signs_up(f"clerk{number}", "192.0.2.7") == 302 for number in range(40))
    assert all(signs_up(f"tester{number}", "127.0.0.1") == 302 for number in range(30))


def test_no_brake_where_none_is_wanted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CHAT_SIGNUP_RATE = 0
    monkeypatch.setattr(guard.sign_ups, "burst_seconds", 1 / guard.sign_ups.per_second)
    assert all(signs_up(f"clerk{number}", "192.0.2.7") == 302 for number in range(5))
