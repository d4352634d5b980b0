"""Attacks on the one queue in which everybody's words stand."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from pytest_django import Settings

from chat import history, markup, written
from chat.actions import rates, reading, turns, writer
from chat.actions.messages import drawing, posting
from chat.models import Membership, Message, Room, User
from tests.scene import make_person, make_room, say
from tests.tabs import Event, Tab, Tabs, cookie_of

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "*long* " * 1_000


@pytest.fixture
def ada(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("ada")


@pytest.fixture
def bob(transactional_db: None) -> User:  # noqa: ARG001
    return make_person("bob")


@pytest.fixture
def room(ada: User, bob: User) -> Room:
    return make_room(ada, bob)


@pytest.fixture
async def tab() -> AsyncIterator[Tabs]:
    tabs = Tabs()
    yield tabs
    await tabs.close()


@pytest.fixture(params=[5, 0], ids=["bounded", "CHAT_POST_RATE=0"])
def rate(request: pytest.FixtureRequest, settings: Settings, monkeypatch: Any) -> float:
    per_second: float = request.param
    settings.CHAT_POST_RATE = per_second
    for each in (posting.post_rate, writer.change_rate):
        monkeypatch.setattr(each, "per_second", per_second)
    monkeypatch.setattr(drawing.draw_rate, "per_second", 2 * per_second)
    return per_second


async def tabs_of(tab: Tabs, person: User, count: int) -> list[Tab]:
    cookie = await cookie_of(person)
    return [(await tab.greeted(cookie))[0] for _ in range(count)]


async def until_taken_up(tabs: list[Tab]) -> None:
    """Each heartbeat is answered after all that was said before it was taken up."""
    for number, each in enumerate(tabs):
        await each.say(type="heartbeat", received=0, ref=900_000 + number)
    for number, each in enumerate(tabs):
        while not any(event.get("ref") == 900_000 + number for event in each.events):
            await each._read(20)


async def answers_of(tabs: list[Tab], refs: int) -> list[Event]:
    """To the commands of each with a `ref` below that; the order is each tab's own."""
    for each in tabs:
        while sum(event.get("ref", refs) < refs for event in each.events) < refs:
            await each._read(20)
    return [event for each in tabs for event in each.events if event.get("ref", refs) < refs]


head = sync_to_async(history.head)


async def flood(tabs: list[Tab], count: int, **command: Any) -> None:
    for number in range(count):
        for each in tabs:
            await each.say(**command, ref=number, on=number % 2 == 0)


@pytest.mark.usefixtures("rate")
async def test_six_sockets_that_flood_reactions_hold_up_nobodys_words(
    tab: Tabs, ada: User, bob: User, room: Room
) -> None:
    message = await sync_to_async(say)(ada, room)
    six, other = await tabs_of(tab, ada, 6), await tab(bob)
    await flood(six, 60, type="react", room=room.pk, message=message.pk, emoji="👍")
    await until_taken_up(six)
    before = await head(room.pk)
    posted = await other.post(room.pk, "c1")
    assert posted["seq"] - before <= 5


async def test_whoever_floods_is_told_when_to_try_again_and_every_command_is_answered(
    tab: Tabs, ada: User, room: Room
) -> None:
    message = await sync_to_async(say)(ada, room)
    six = await tabs_of(tab, ada, 6)
    await flood(six, 60, type="react", room=room.pk, message=message.pk, emoji="👍")
    answers = await answers_of(six, 60)
    refused = [answer for answer in answers if answer["type"] == "error"]
    assert len(answers) == 360
    assert {answer["code"] for answer in refused} == {"rate_limited"}
    assert all(answer["retry_after"] > 0 for answer in refused)
    assert len(refused) >= 50


@pytest.mark.parametrize(
    ("command", "passing"),
    [
        ({"kind": "edit", "body": "new words"}, 2),
        ({"kind": "edit", "body": LONG * 2}, 1),
        ({"kind": "delete"}, 10),
        ({"kind": "react", "emoji": "👍", "on": True}, 10),
        ({"kind": "read", "seq": 1}, 20),
    ],
    ids=["edits", "long edits", "deletions", "reactions", "marks"],
)
async def test_all_that_writes_is_paid_for(
    tab: Tabs,
    ada: User,
    room: Room,
    command: dict[str, Any],
    passing: int,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.CHAT_MAX_BODY = 20_000
    monkeypatch.setattr(rates, "monotonic", lambda: 1_000.0)
    message = await sync_to_async(say)(ada, room)
    # Of a burst of 30 two are left.
    assert not writer.change_rate.take(f"person.{ada.pk}", cost=28)
    here = await tab(ada)
    fields = {"room": room.pk, **command}
    if command["kind"] != "read":
        fields["message"] = message.pk
    codes = [(await here.ask(**fields)).get("code") for _ in range(passing + 3)]
    assert codes == [None] * passing + ["rate_limited"] * 3


async def test_reactions_and_marks_leave_a_person_their_words(
    tab: Tabs, ada: User, room: Room
) -> None:
    message = await sync_to_async(say)(ada, room)
    posting.post_rate._due.clear()
    here = await tab(ada)
    for number in range(160):
        await here.ask("react", room=room.pk, message=message.pk, emoji="👍", on=number % 2 == 0)
    said = [await here.post(room.pk, f"c{number}") for number in range(30)]
    assert {answer["type"] for answer in said} == {"posted"}


@pytest.mark.usefixtures("rate")
async def test_marks_are_gathered_and_every_one_is_answered(
    tab: Tabs, ada: User, bob: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        await sync_to_async(say)(ada if number % 2 else bob, room)
    written: list[int] = []
    mark_read = reading.mark_read

    def counted(mark: reading.Mark) -> dict[str, int]:
        written.append(mark.seq)
        return mark_read(mark)

    monkeypatch.setattr(writer, "mark_read", counted)
    here = await tab(ada)
    for seq in range(40):
        await here.say(type="read", room=room.pk, seq=seq + 1, ref=seq)
    answers = await answers_of([here], 40)
    assert {answer["type"] for answer in answers} == {"read"}
    assert sorted(answer["ref"] for answer in answers) == list(range(40))
    assert len(written) < 20
    stored = await Membership.objects.aget(user=ada, room=room)
    assert stored.read_seq == written[-1] == 40


async def test_a_full_queue_is_told_to_who_filled_it_and_to_nobody_else(
    tab: Tabs,
    ada: User,
    bob: User,
    room: Room,
    rate: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "MAX_WAITING", 200)
    monkeypatch.setattr(turns, "TIME_SHARE", 1)
    message = await sync_to_async(say)(ada, room)
    six, other = await tabs_of(tab, ada, 6), await tab(bob)
    await flood(six, 60, type="react", room=room.pk, message=message.pk, emoji="👍")
    await until_taken_up(six)
    said = [await other.post(room.pk, f"c{number}") for number in range(5)]
    assert {answer["type"] for answer in said} == {"posted"}
    answers = await answers_of(six, 60)
    assert {a["code"] for a in answers if a["type"] == "error"} == {"rate_limited"}, rate


async def test_a_body_that_is_long_to_draw_holds_up_its_author_alone(
    tab: Tabs, ada: User, bob: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would in the writer's thread, and did."""
    let_go, render = threading.Event(), markup.render

    def dawdle(body: str) -> str:
        if body == LONG:
            let_go.wait(10)
        return render(body)

    monkeypatch.setattr(markup, "render", dawdle)
    here, other = await tab(ada), await tab(bob)
    await here.say(type="post", room=room.pk, client_id="long", body=LONG, ref=1)
    await here.say(type="post", room=room.pk, client_id="short", body="after it", ref=2)
    assert (await asyncio.wait_for(other.post(room.pk, "c1"), 5))["seq"] == 1
    let_go.set()
    assert (await here.expect("posted", client_id="long"))["seq"] == 2
    assert (await here.expect("posted", client_id="short"))["seq"] == 3


async def test_nothing_is_drawn_inside_a_transaction(
    tab: Tabs, ada: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    render = markup.render

    def noted(body: str) -> str:
        inside.append(connection.in_atomic_block)
        return render(body)

    monkeypatch.setattr(markup, "render", noted)
    here = await tab(ada)
    for number, body in enumerate(("*short*", LONG)):
        posted = await here.post(room.pk, f"c{number}", body)
        await here.ask("edit", room=room.pk, message=posted["message"]["id"], body=body + "!")
    await sync_to_async(say)(ada, room, "by a *command*")
    assert inside == [False] * 5


async def test_nobody_has_more_drawn_than_they_may_write(
    tab: Tabs, ada: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    render = markup.render

    def counted(body: str) -> str:
        drawn.append(len(body))
        return render(body)

    monkeypatch.setattr(markup, "render", counted)
    monkeypatch.setattr(rates, "monotonic", lambda: 1_000.0)
    monkeypatch.setattr(written, "COSTS_TO_REFUSE", 0)  # time stands still: it would never be paid
    here = await tab(ada)
    answers = [await here.post(room.pk, f"c{number}", LONG) for number in range(140)]
    assert [answer["type"] for answer in answers] == ["posted"] * 30 + ["error"] * 110
    assert {answer["code"] for answer in answers[30:]} == {"rate_limited"}
    burst = 2 * 30 * drawing.CHARACTERS_OF_ONE
    assert len(drawn) == burst // len(LONG)


async def test_a_repeat_is_answered_though_nothing_may_be_drawn_any_more(
    tab: Tabs, ada: User, room: Room
) -> None:
    here = await tab(ada)
    first = await here.post(room.pk, "c1", LONG)
    drawing.draw_rate.take_all([{f"person.{ada.pk}": 60.0}])
    drawing.draw_rate.take_all([{f"person.{ada.pk}": 0.1}] * 600)
    again = await here.post(room.pk, "c1", LONG)
    assert again["message"] == first["message"]
    refused = await here.post(room.pk, "c2", LONG)
    assert (refused["code"], refused["client_id"]) == ("rate_limited", "c2")
    assert await Message.objects.filter(room=room).acount() == 1
