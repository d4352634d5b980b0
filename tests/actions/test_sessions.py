"""Who uses the site stays signed in, by pages and by an open page's socket, at one write a day."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from time import time

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.actions import sessions
from chat.models import User
from tests.scene import make_person, make_superuser
from tests.tabs import Tabs, cookie_of

pytestmark = pytest.mark.django_db(transaction=True)

TWO_WEEKS = timedelta(weeks=2)


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    make_superuser()
    return make_person("anna")


@pytest.fixture
def client_of_anna(anna: User) -> Client:
    client = Client()
    client.force_login(anna)
    return client


def days_later(client: Client, days: int) -> None:
    """The stored session as it will be then."""
    session = client.session
    session[sessions._PROLONGED_AT] = int(time()) - days * 24 * 60 * 60
    session.save()
    Session.objects.update(expire_date=timezone.now() + TWO_WEEKS - timedelta(days=days))


def end_of_session() -> datetime:
    return Session.objects.get().expire_date


def days_left() -> float:
    return (end_of_session() - timezone.now()) / timedelta(days=1)


def test_a_page_prolongs_the_session_and_its_cookie(client_of_anna: Client) -> None:
    days_later(client_of_anna, 13)
    response = client_of_anna.get("/rooms/")
    assert days_left() > 13.9
    assert response.cookies["sessionid"]["max-age"] == TWO_WEEKS.total_seconds()


def test_three_weeks_of_daily_use_end_signed_in(client_of_anna: Client) -> None:
    for _day in range(21):
        days_later(client_of_anna, 1)
        assert "sessionid" in client_of_anna.get("/rooms/").cookies
        assert days_left() > 13.9


def test_it_is_written_once_a_day(
    client_of_anna: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client_of_anna.get("/rooms/")
    before = end_of_session()
    for path in ("/rooms/", "/api/rooms/1/messages", "/"):
        assert "sessionid" not in client_of_anna.get(path).cookies
    assert end_of_session() == before
    with django_assert_num_queries(3):  # session, person, rooms
        client_of_anna.get("/rooms/")


def test_a_session_from_before_is_prolonged_too(client_of_anna: Client) -> None:
    session = client_of_anna.session
    del session[sessions._PROLONGED_AT]
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(days=3))
    client_of_anna.get("/rooms/")
    assert days_left() > 13.9


def test_who_signs_out_or_was_never_in_gets_no_session(client_of_anna: Client) -> None:
    days_later(client_of_anna, 2)
    signed_out = client_of_anna.post("/accounts/logout/")
    assert signed_out.cookies["sessionid"].value == ""
    assert not Session.objects.exists()
    assert "sessionid" not in Client().get("/accounts/login/").cookies
    assert not Session.objects.exists()


@pytest.fixture
async def tabs() -> AsyncIterator[Tabs]:
    tabs = Tabs()
    yield tabs
    await tabs.close()


@pytest.mark.parametrize("days", [0, 5])
async def test_an_open_page_prolongs_the_session_by_its_socket(
    tabs: Tabs, anna: User, days: int
) -> None:
    cookie = await cookie_of(anna)
    client = Client()
    client.cookies["sessionid"] = cookie.partition("=")[2]
    await sync_to_async(days_later)(client, days)
    before = await sync_to_async(end_of_session)()
    for _ in range(2):
        tab, _hello = await tabs.greeted(cookie)
        await tab.ask("read", room=1, seq=1)  # the writer has done what it had to
        after = await sync_to_async(end_of_session)()
        assert (after != before) is (days > 0)
        assert await sync_to_async(days_left)() > 13.9
        before, days = after, 0
