"""Attacks by what is long: a room that nobody can open for all the bytes that are in it."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from chat import history
from chat.models import Message, Room, User
from tests.scene import make_person, make_room, say

pytestmark = pytest.mark.django_db

TABLE = "|" + "x|" * 19 + "\n|" + "-|" * 19 + "\n" + ("|" + "x|" * 19 + "\n") * 24
LONG = ("<&>" * 33 + "消" + "\n") * 99
FRAME_BYTES = 20_000
"""Of an answer, beside the messages' own JSON: commas, numbers, one message's reactions."""


@pytest.fixture
def reader() -> User:
    return make_person("reader")


@pytest.fixture
def room(reader: User, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr("chat.actions.messages.posting.post_rate.per_second", 0)
    room = make_room(reader)
    for number in range(60):
        say(reader, room, TABLE if number % 2 else LONG)
    return room


@pytest.fixture
def browser(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def page(browser: Client, room: Room, query: str) -> tuple[dict[str, Any], int]:
    answer = browser.get(f"/api/rooms/{room.pk}/messages?limit=100{query}")
    return json.loads(answer.content), len(answer.content)


@pytest.mark.parametrize("query", ["", "&before=61", "&after=0", "&around=30", "&around=1"])
def test_a_page_of_long_messages_is_of_so_many_bytes(
    browser: Client, room: Room, query: str
) -> None:
    found, size = page(browser, room, query)
    seqs = [message["seq"] for message in found["messages"]]
    assert size <= history.MAX_PAGE_BYTES + FRAME_BYTES
    assert 1 < len(seqs) < 60
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    assert found["more_before"] == (seqs[0] > 1)
    assert found["more_after"] == (seqs[-1] < 60)


def test_paging_through_long_messages_misses_none(browser: Client, room: Room) -> None:
    backwards, query = list[int](), ""
    while True:
        found, _size = page(browser, room, query)
        seqs = [message["seq"] for message in found["messages"]]
        backwards = seqs + backwards
        if not found["more_before"]:
            break
        query = f"&before={seqs[0]}"
    assert backwards == list(range(1, 61))
    forwards, after, more = list[int](), 0, True
    while more:
        found, _size = page(browser, room, f"&after={after}")
        forwards += [message["seq"] for message in found["messages"]]
        after, more = forwards[-1], found["more_after"]
    assert forwards == backwards


@pytest.mark.parametrize("query", ["", "&before=61", "&after=59", "&around=60"])
def test_one_message_longer_than_a_page_comes_all_the_same(
    browser: Client, room: Room, query: str
) -> None:
    words = "\u0001" * history.MAX_PAGE_BYTES
    Message.objects.filter(room=room, seq=60).update(html=words)
    found, _size = page(browser, room, query)
    assert found["messages"][-1]["html"] == words


@pytest.mark.parametrize("path", ["", "at/30/"])
def test_the_page_of_a_room_of_long_messages_opens(browser: Client, room: Room, path: str) -> None:
    content = browser.get(f"/rooms/{room.slug}/{path}").content
    found = re.search(rb'<script id="page-data"[^>]*>(.*?)</script>', content, re.DOTALL)
    assert found
    assert len(found[1]) < 2 * history.MAX_PAGE_BYTES
    assert len(content) < 5 * history.MAX_PAGE_BYTES
    if path:
        seqs = [message["seq"] for message in json.loads(found[1])["page"]["messages"]]
        assert 30 in seqs
