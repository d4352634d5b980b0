"""A room that somebody may not know of is to them as if it had never been."""

import re
from itertools import product

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from pytest_django import Settings

from chat.models import Room, RoomSlug
from tests.standing import PEOPLE, STATES, Case, finds
from tests.test_docs import routes

pytestmark = pytest.mark.django_db

METHODS = ("get", "post")


OUTSIDE = ["stranger", "put out", "maker who was put out", "keeper of rooms", "root"]
HIDDEN = [
    (who, state)
    for who, state in product(OUTSIDE, STATES)
    if not finds(who, state) and not ("settles" in PEOPLE[who] and state == "archived")
]


@pytest.mark.parametrize(("who", "state"), HIDDEN)
def test_what_is_hidden_looks_absent(who: str, state: str, settings: Settings) -> None:
    """The same bytes in the same number of queries as where there never was a room."""
    settings.CHAT_POST_RATE = 0
    cache.clear()
    case = Case(who, state)
    doors = doors_to(case.room.slug, case.room.pk) + doors_to("kitchen", case.room.pk)
    assert len(doors) > 10
    case.browser.get("/rooms/nowhere/")
    hidden = [looked_at(case.browser, method, door) for door in doors for method in METHODS]
    RoomSlug.objects.filter(room=case.room).delete()
    Room.objects.filter(pk=case.room.pk).update(slug="elsewhere")
    cache.clear()
    nowhere = case.room.pk + 1_000
    doors = doors_to(case.room.slug, nowhere) + doors_to("kitchen", nowhere)
    absent = [looked_at(case.browser, method, door) for door in doors for method in METHODS]
    assert hidden == absent


def doors_to(slug: str, room: int) -> list[str]:
    """Of every route, those that have a room in them."""
    found = [path for path in routes(get_resolver().url_patterns) if re.search("<(slug|id)>", path)]
    fill = {"<slug>": slug, "<id>": str(room), "<seq>": "1"}
    return [re.sub("<[a-z]+>", lambda part: fill[part[0]], path) for path in found]


def looked_at(browser: Client, method: str, path: str) -> tuple[int, str, int]:
    with CaptureQueriesContext(connection) as queries:
        answer = getattr(browser, method)(path)
    once = r'nonce="[^"]+"|value="[A-Za-z0-9]{64}"'
    return answer.status_code, re.sub(once, "", answer.content.decode()), len(queries)
