"""What a tab says and hears, command by command."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from chat import access, arrivals, consumers, follower, history, presentation
from chat.actions import rooms
from chat.actions.messages import delete_message, take_numbers
from chat.models import Membership, Message, Room, User
from chat.session_store import SessionStore
from tests.scene import block, make_person, make_room, say
from tests.tabs import Event, Tab, Tabs, cookie_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("anna", name="Anna A.")


@pytest.fixture
def ben(transactional_db: None) -> User:  # noqa: ARG001
    return make_person("ben")


@pytest.fixture
def room(anna: User, ben: User) -> Room:
    return make_room(anna, ben)


@pytest.fixture
async def tab() -> AsyncIterator[Tabs]:
    tabs = Tabs()
    yield tabs
    await tabs.close()


async def do(action: Any, *args: Any) -> Any:
    """In a thread, as a request would."""
    return await sync_to_async(action)(*args)


async def test_hello_comes_first_and_tells_who_and_where_one_is(
    tab: Tabs, anna: User, ben: User, room: Room, settings: Settings
) -> None:
    await do(say, ben, room)
    other, hello = await tab.greeted(await cookie_of(anna))
    assert other.frames == 1
    assert hello == {
        "type": "hello",
        "protocol": 1,
        "build": settings.BUILD,
        "epoch": await do(history.epoch),
        "connection": hello["connection"],
        "user": {"id": anna.pk, "username": "anna", "name": "Anna A."},
        "rooms": [
            {
                "id": room.pk,
                "slug": "kitchen",
                "name": "Kitchen",
                "kind": "open",
                "last_seq": 1,
                "read_seq": 0,
                "unread": 1,
                "mentions": 0,
            }
        ],
        "heartbeat": 25,
    }


async def test_what_is_said_while_one_enters_is_heard_after_hello(
    tab: Tabs, anna: User, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, greeting = await tab(ben), arrivals.greeting

    def dawdle(user_id: int) -> Any:
        found = greeting(user_id)
        asyncio.run_coroutine_threadsafe(other.post(room.pk, "c1"), loop).result(10)
        return found

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(arrivals, "greeting", dawdle)
    here, hello = await tab.greeted(await cookie_of(anna))
    assert hello["rooms"][0]["last_seq"] == 0
    assert (await here.expect("message"))["seq"] == 1


async def test_two_tabs_are_two_connections(tab: Tabs, anna: User) -> None:
    cookie = await cookie_of(anna)
    (_, one), (_, other) = await tab.greeted(cookie), await tab.greeted(cookie)
    assert one["connection"] != other["connection"]


@pytest.mark.parametrize(
    "cookie", ["", "sessionid=", "sessionid=nobody000000000000000000000000000"]
)
async def test_without_a_session_the_socket_is_accepted_and_closed_with_4401(cookie: str) -> None:
    tab = Tab(cookie)
    admitted, _ = await tab.socket.connect()
    assert admitted
    assert await tab.closing() == 4401
    await tab.close()


async def test_who_is_blocked_is_told_4403(anna: User) -> None:
    cookie = await cookie_of(anna)
    await do(block, anna)
    tab = Tab(cookie)
    await tab.socket.connect()
    assert await tab.closing() == 4403
    await tab.close()


async def test_an_expired_session_is_4401(anna: User) -> None:
    cookie = await cookie_of(anna)
    await Session.objects.aupdate(expire_date=timezone.now() - timedelta(seconds=1))
    tab = Tab(cookie)
    await tab.socket.connect()
    assert await tab.closing() == 4401
    await tab.close()


@pytest.mark.parametrize(
    "others",
    ["a=1; ", 'prefs={"x":[1,2]}; ', "odd name=1; ", "novalue; ", 'q="; ', "a=1;;  ", "é=1; "],
)
async def test_the_cookies_of_others_hide_no_session(tab: Tabs, anna: User, others: str) -> None:
    await tab.greeted(others + await cookie_of(anna) + "; last=1")


async def test_when_the_database_does_not_answer_one_may_come_back(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError

    tab = Tab(await cookie_of(anna))
    monkeypatch.setattr(access, "user_of", fail)
    await tab.socket.connect()
    assert await tab.closing() == 4503
    await tab.close()


async def test_a_post_is_answered_here_and_told_to_the_others(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, there, other = await tab(anna), await tab(anna), await tab(ben)
    posted = await here.post(room.pk, "c1", "*hi*")
    kept = await do(lambda: presentation.message(Message.objects.shown().get()))
    assert posted == {
        "type": "posted",
        "room": room.pk,
        "seq": 1,
        "client_id": "c1",
        "ref": 1,
        "message": kept,
    }
    event = {"type": "message", "room": room.pk, "seq": 1, "message": kept}
    assert await other.expect("message") == event
    assert await there.expect("message") == event
    assert await here.heard() == []


async def test_a_retry_is_answered_on_any_connection_and_told_to_nobody(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    first = await here.post(room.pk, "c1", "one")
    again = await (await tab(anna)).post(room.pk, "c1", "two")
    assert again | {"ref": 1} == first
    assert [event["seq"] for event in await other.heard()] == [1]
    assert await Message.objects.acount() == 1


async def test_posts_of_one_connection_keep_their_order(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    for number in range(20):
        await here.say(type="post", room=room.pk, client_id=f"c{number}", body=str(number))
    for number in range(20):
        posted = await here.expect("posted")
        assert (posted["seq"], posted["client_id"]) == (number + 1, f"c{number}")
        assert "ref" not in posted
        assert (await other.expect("message"))["message"]["body"] == str(number)


async def test_an_edit_a_reaction_and_a_deletion_are_answered_and_told(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    message = (await here.post(room.pk, "c1"))["message"]["id"]
    steps: list[dict[str, Any]] = [
        {"kind": "edit", "body": "other"},
        {"kind": "react", "emoji": "👍", "on": True},
        {"kind": "react", "emoji": "👍", "on": False},
        {"kind": "delete"},
    ]
    for seq, step in enumerate(steps, 2):
        changed = await here.ask(**step, room=room.pk, message=message)
        assert (changed["type"], changed["room"], changed["seq"]) == ("changed", room.pk, seq)
        event = await other.expect("message", seq=seq)
        assert event["message"] == changed["message"]
        assert event["message"]["changed_seq"] == seq
    assert event["message"]["deleted"]


async def test_an_edit_of_words_that_are_no_longer_there_is_a_conflict(
    tab: Tabs, anna: User, room: Room
) -> None:
    here = await tab(anna)
    message = (await here.post(room.pk, "c1", "one"))["message"]["id"]
    where = {"room": room.pk, "message": message}
    assert (await here.ask("edit", **where, body="two", was="one"))["type"] == "changed"
    assert (await here.ask("edit", **where, body="three", was="one"))["code"] == "conflict"
    assert (await here.ask("edit", **where, body="three"))["type"] == "changed"


async def test_what_changes_nothing_is_answered_with_the_present_state(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    posted = await here.post(room.pk, "c1", "same")
    changed = await here.ask("edit", room=room.pk, message=posted["message"]["id"], body="same")
    assert (changed["type"], changed["seq"]) == ("changed", 1)
    assert changed["message"] == posted["message"]
    assert len(await other.heard()) == 1


async def test_another_person_may_react_but_not_edit_nor_delete(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    message = (await do(say, anna, room)).pk
    other = await tab(ben)
    where = {"room": room.pk, "message": message}
    assert (await other.ask("edit", **where, body="x"))["code"] == "forbidden"
    assert (await other.ask("delete", **where))["code"] == "forbidden"
    assert (await other.ask("react", **where, emoji="👍", on=True))["type"] == "changed"
    assert (await other.ask("react", **where, emoji="<b>", on=True))["code"] == "invalid"


async def test_sync_brings_what_one_missed(tab: Tabs, anna: User, ben: User, room: Room) -> None:
    first = await do(say, ben, room, "one")
    await do(say, ben, room, "two")
    here, hello = await tab.greeted(await cookie_of(anna))
    synced = await here.ask("sync", room=room.pk, after=1, epoch=hello["epoch"])
    assert [message["body"] for message in synced.pop("messages")] == ["two"]
    assert synced == {
        "type": "synced",
        "room": room.pk,
        "ref": 1,
        "last_seq": 2,
        "more": False,
        "epoch": hello["epoch"],
        "read_seq": 0,
        "unread": 2,
        "mentions": 0,
    }
    await do(delete_message, ben, room.pk, first.pk)
    synced = await here.ask("sync", room=room.pk, after=2)
    assert synced["messages"][0]["deleted"]
    assert (await here.ask("sync", room=room.pk, after=0, limit=1))["more"]
    numbers = await here.ask("sync", room=room.pk, after=0, limit=0)
    assert (numbers["messages"], numbers["last_seq"], numbers["unread"]) == ([], 3, 1)


@pytest.mark.parametrize("wrong", [{"after": 2}, {"epoch": "another"}, {"epoch": "x", "limit": 0}])
async def test_sync_from_another_past_is_answered_reset(
    tab: Tabs, anna: User, room: Room, wrong: dict[str, Any]
) -> None:
    await do(say, anna, room)
    here, hello = await tab.greeted(await cookie_of(anna))
    assert await here.ask("sync", **{"room": room.pk, "after": 0} | wrong) == {
        "type": "reset",
        "room": room.pk,
        "ref": 1,
        "last_seq": 1,
        "epoch": hello["epoch"],
    }


async def test_an_archived_room_is_synced_but_not_written_to(
    tab: Tabs, anna: User, room: Room
) -> None:
    await do(say, anna, room)
    await do(rooms.archive_room, anna, room)
    here = await tab(anna)
    assert len((await here.ask("sync", room=room.pk, after=0))["messages"]) == 1
    assert (await here.post(room.pk, "c1"))["code"] == "forbidden"


async def test_a_mark_is_told_to_the_same_persons_other_tabs(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    for _ in range(3):
        await do(say, ben, room)
    here, there, other = await tab(anna), await tab(anna), await tab(ben)
    read = await here.ask("read", room=room.pk, seq=2)
    fields = {"type": "read", "room": room.pk, "seq": 2, "unread": 1, "mentions": 0}
    assert read == fields | {"ref": 1}
    assert await there.expect("read") == fields
    assert await other.heard() == []
    assert (await here.ask("read", room=room.pk, seq=1))["seq"] == 2
    assert (await here.ask("read", room=room.pk, seq=99))["seq"] == 3


async def test_who_watches_hears_who_is_here_and_who_types(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other, deaf = await tab(anna), await tab(ben), await tab(ben)
    await here.say(type="watch", rooms=[room.pk])
    presence = await here.expect("presence")
    assert presence == {"type": "presence", "room": room.pk, "here": sorted([anna.pk, ben.pk])}
    await other.say(type="typing", room=room.pk)
    assert await here.expect("typing") == {
        "type": "typing",
        "room": room.pk,
        "user": {"id": ben.pk, "username": "ben", "name": "ben"},
    }
    assert [event for event in await deaf.heard() if event["type"] == "typing"] == []
    assert [event for event in await other.heard() if event["type"] == "typing"] == []


async def test_typing_is_told_once_a_second(tab: Tabs, anna: User, ben: User, room: Room) -> None:
    here, other = await tab(anna), await tab(ben)
    await here.say(type="watch", rooms=[room.pk])
    for _ in range(10):
        await other.say(type="typing", room=room.pk)
    await other.heard()
    assert [event["type"] for event in await here.heard()].count("typing") == 1


async def test_watching_replaces_what_was_watched(tab: Tabs, anna: User, room: Room) -> None:
    second = await do(make_room, anna)
    here, other = await tab(anna), await tab(anna)
    await here.say(type="watch", rooms=[room.pk])
    await here.expect("presence", room=room.pk)
    await here.say(type="watch", rooms=[second.pk])
    await here.expect("presence", room=second.pk)
    await other.say(type="typing", room=room.pk)
    await other.say(type="typing", room=second.pk)
    assert (await here.expect("typing"))["room"] == second.pk
    await here.say(type="watch", rooms=[])
    await here.heard()
    assert (await here.ask("watch", rooms=[room.pk] * 21))["code"] == "invalid"


async def test_a_room_that_one_is_not_in_is_not_found(tab: Tabs, anna: User, ben: User) -> None:
    secret = await do(make_room, ben)
    await do(say, ben, secret)
    here = await tab(anna)
    for room in (secret.pk, 999_999, 2**53 - 1):
        for kind, fields in (
            ("post", {"client_id": "c1", "body": "x"}),
            ("edit", {"message": 1, "body": "x"}),
            ("delete", {"message": 1}),
            ("react", {"message": 1, "emoji": "👍", "on": True}),
            ("sync", {"after": 0}),
            ("read", {"seq": 1}),
            ("typing", {}),
        ):
            answer = await here.ask(kind, room=room, **fields)
            assert (answer["type"], answer["code"]) == ("error", "not_found"), kind
        assert (await here.ask("watch", rooms=[room]))["code"] == "not_found"


async def test_a_message_past_all_numbers_is_not_found(tab: Tabs, anna: User, room: Room) -> None:
    here = await tab(anna)
    for kind, fields in (("edit", {"body": "x"}), ("delete", {})):
        answer = await here.ask(kind, room=room.pk, message=2**53 - 1, **fields)
        assert answer["code"] == "not_found"
    reply = await here.post(room.pk, "c1", reply_to=2**53 - 1)
    assert reply["code"] == "invalid"
    mark = await here.ask("read", room=room.pk, seq=2**53 - 1)
    assert mark["seq"] == 0
    assert (await here.ask("sync", room=room.pk, after=2**53 - 1))["type"] == "reset"


async def test_a_heartbeat_tells_what_moved_since_the_last(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    assert (await here.ask("heartbeat", received=1))["heads"] == {}
    await other.post(room.pk, "c1")
    assert (await here.ask("heartbeat", received=1))["heads"] == {str(room.pk): 1}
    assert (await here.ask("heartbeat", received=1))["heads"] == {}


async def test_nobody_got_more_frames_than_were_sent(tab: Tabs, anna: User) -> None:
    here = await tab(anna)
    assert (await here.ask("heartbeat", received=1))["type"] == "heartbeat"
    answer = await here.ask("heartbeat", received=99)
    assert (answer["type"], answer["code"]) == ("error", "invalid")
    assert list(answer["errors"]) == ["received"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("hello", {"code": "bad_frame"}),
        ("[]", {"code": "bad_frame"}),
        ("[" * 200_000, {"code": "bad_frame"}),
        ('{"type": "post", "room": NaN}', {"code": "bad_frame"}),
        ('{"type": "websocket.close", "ref": 5}', {"code": "unknown_type", "ref": 5}),
        ('{"type": "post", "client_id": "c1", "ref": 6}', {"code": "invalid", "client_id": "c1"}),
        ('{"type": "typing", "room": 99, "ref": 7}', {"code": "not_found", "ref": 7}),
        (
            '{"type": "post", "room": 99, "client_id": "c9", "body": "", "ref": 8}',
            {"code": "not_found", "ref": 8, "client_id": "c9"},
        ),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_bad_frame_is_an_error_and_the_socket_stays_open(
    tab: Tabs, anna: User, room: Room, text: str, answer: Event
) -> None:
    here = await tab(anna)
    await here.socket.send_to(text_data=text)
    error = await here.expect("error")
    assert error.items() >= answer.items()
    assert error["detail"]
    assert (await here.post(room.pk, "after"))["type"] == "posted"


async def test_bytes_are_a_bad_frame(tab: Tabs, anna: User) -> None:
    here = await tab(anna)
    await here.socket.send_to(bytes_data=b"{}")
    assert (await here.expect("error"))["code"] == "bad_frame"


async def test_an_error_of_the_database_is_unavailable_and_may_be_tried_again(
    tab: Tabs, anna: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError

    here = await tab(anna)
    with monkeypatch.context() as broken:
        broken.setattr(history, "sync", fail)
        broken.setattr("chat.actions.messages.posting._store", fail)
        assert (await here.ask("sync", room=room.pk, after=0))["code"] == "unavailable"
        answer = await here.post(room.pk, "c1")
        assert (answer["code"], answer["client_id"]) == ("unavailable", "c1")
    assert (await here.post(room.pk, "c1"))["type"] == "posted"


async def test_a_fault_of_ours_closes_this_socket_alone(
    tab: Tabs, anna: User, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, other = await tab(anna), await tab(ben)
    with monkeypatch.context() as broken:
        broken.setattr(consumers.ChatConsumer, "_type", lambda *_: 1 / 0)
        await here.say(type="typing", room=room.pk)
        assert await here.closing() == 4503
    await other.say(type="watch", rooms=[room.pk])
    while (await other.expect("presence"))["here"] != [ben.pk]:
        pass


async def test_floods_are_closed_with_4429(tab: Tabs, anna: User) -> None:
    here = await tab(anna)
    for _ in range(1_001):
        await here.socket.send_to(text_data="x")
    assert await here.closing() == 4429


async def test_a_flood_is_counted_in_bytes(tab: Tabs, anna: User) -> None:
    here = await tab(anna)
    for _ in range(17):
        await here.socket.send_to(text_data="漢" * 85_000)
    assert await here.closing() == 4429


async def test_who_reads_nothing_is_closed_with_4413(
    tab: Tabs, anna: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.connection.MAX_UNREAD", 20_000)
    here = await tab(anna)
    for number in range(10):
        await here.say(type="post", room=room.pk, client_id=f"c{number}", body="x" * 2_000)
    assert await here.closing() == 4413


async def test_joining_and_leaving_are_told_and_take_effect(
    tab: Tabs, anna: User, room: Room
) -> None:
    carl = await do(make_person, "carl")
    here = await tab(carl)
    await do(say, anna, room, "before")
    assert (await here.post(room.pk, "c1"))["code"] == "not_found"
    await do(rooms.join_room, carl, room)
    joined = await here.expect("room")
    assert joined == {
        "type": "room",
        "room": room.pk,
        "info": {
            "id": room.pk,
            "slug": "kitchen",
            "name": "Kitchen",
            "kind": "open",
            "last_seq": 1,
            "read_seq": 1,
            "unread": 0,
            "mentions": 0,
        },
    }
    await do(say, anna, room, "after")
    assert (await here.expect("message"))["message"]["body"] == "after"
    await do(rooms.leave_room, carl, room)
    assert await here.expect("left") == {"type": "left", "room": room.pk, "reason": "left"}
    await do(say, anna, room, "unheard")
    assert await here.heard() == []
    assert (await here.post(room.pk, "c1"))["code"] == "not_found"


async def test_who_is_put_out_of_a_room_hears_why_and_nothing_more(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    await other.say(type="watch", rooms=[room.pk])
    await do(rooms.remove_member, anna, room, ben)
    assert (await other.expect("left"))["reason"] == "removed"
    await here.post(room.pk, "c1")
    assert (await other.ask("typing", room=room.pk))["code"] == "not_found"
    assert (await other.ask("sync", room=room.pk, after=0))["code"] == "not_found"
    assert await other.heard() == []


async def test_a_room_that_is_archived_or_renamed_is_told(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    other = await tab(ben)
    await do(rooms.rename_room, anna, room, "Parlour")
    info = (await other.expect("room"))["info"]
    assert (info["name"], info["slug"]) == ("Parlour", "parlour")
    await do(rooms.archive_room, anna, room)
    assert await other.expect("left") == {"type": "left", "room": room.pk, "reason": "deleted"}
    await do(rooms.unarchive_room, anna, room)
    assert (await other.expect("room"))["room"] == room.pk
    await do(say, anna, room)
    await other.expect("message")


async def test_who_is_blocked_is_closed_with_4403_and_nobody_else(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    await do(block, ben)
    assert await other.closing() == 4403
    assert (await here.post(room.pk, "c1"))["type"] == "posted"


async def test_a_session_that_is_deleted_closes_its_tabs_with_4401(tab: Tabs, anna: User) -> None:
    cookie = await cookie_of(anna)
    (here, _), elsewhere = await tab.greeted(cookie), await tab(anna)
    key = cookie.partition("=")[2]
    await do(lambda: SessionStore(key).delete())
    assert await here.closing() == 4401
    assert await elsewhere.heard() == []


async def test_signing_out_closes_the_browsers_tabs(tab: Tabs, anna: User) -> None:
    client = Client()
    await do(client.force_login, anna)
    here, _ = await tab.greeted(f"sessionid={client.cookies['sessionid'].value}")
    await do(client.logout)
    assert await here.closing() == 4401


async def test_a_session_that_expires_meanwhile_is_noticed(tab: Tabs, anna: User) -> None:
    here = await tab(anna)
    await Session.objects.aupdate(expire_date=timezone.now())
    assert await here.closing() == 4401


async def test_a_changed_password_closes_all_tabs_with_4401(tab: Tabs, anna: User) -> None:
    here, there = await tab(anna), await tab(anna)

    def change() -> None:
        anna.set_password("another long secret")
        anna.save(update_fields=["password"])

    await do(change)
    assert await here.closing() == 4401
    assert await there.closing() == 4401


@pytest.mark.usefixtures("room")
async def test_rights_that_another_process_took_are_noticed(
    tab: Tabs, anna: User, ben: User
) -> None:
    here, other = await tab(anna), await tab(ben)
    await here.heard()

    def elsewhere() -> None:
        User.objects.filter(pk=ben.pk).update(is_active=False)
        Membership.objects.filter(user=anna).delete()

    started = asyncio.get_running_loop().time()
    await do(elsewhere)
    assert await other.closing() == 4403
    await here.expect("left")
    assert asyncio.get_running_loop().time() - started < 5


async def test_who_is_put_out_while_entering_is_put_out(
    tab: Tabs, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RIGHTS_SHARE", 1_000_000)
    await (await tab(anna)).heard()
    await asyncio.sleep(2 * follower.INTERVAL)
    cookie, who = await cookie_of(anna), arrivals.who

    def dawdle(session_key: str, address: str) -> Any:
        found = who(session_key, address)
        block(anna)
        stop = asyncio.run_coroutine_threadsafe(asyncio.sleep(2.5 * follower.INTERVAL), loop)
        stop.result()
        return found

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(arrivals, "who", dawdle)
    here, _ = await tab.greeted(cookie)
    assert await here.closing() == 4403


def change_elsewhere(author: User, room: Room, count: int = 1) -> None:
    """As another process would that died before it told anyone."""
    with transaction.atomic():
        last = take_numbers({room.pk: count})[room.pk]
        for seq in range(last - count + 1, last + 1):
            Message.objects.create(
                room=room, author=author, seq=seq, changed_seq=seq, client_id=f"e{seq}", body="x"
            )


async def test_what_another_process_stored_is_read_from_the_log(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here = await tab(anna)
    started = asyncio.get_running_loop().time()
    await do(change_elsewhere, ben, room, 3)
    assert [(await here.expect("message"))["seq"] for _ in range(3)] == [1, 2, 3]
    assert asyncio.get_running_loop().time() - started < 5


async def test_what_is_told_after_something_missing_waits_for_it(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here = await tab(anna)
    await do(change_elsewhere, ben, room, 2)
    posted = await here.post(room.pk, "c1")
    assert posted["seq"] == 3
    await do(change_elsewhere, ben, room)
    await do(say, ben, room)
    assert [(await here.expect("message"))["seq"] for _ in range(2)] == [4, 5]


async def test_a_change_that_a_later_one_overtook_is_skipped(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    message = await do(say, anna, room)
    here = await tab(ben)

    def elsewhere() -> None:
        with transaction.atomic():
            seq = take_numbers({room.pk: 3})[room.pk]
            Message.objects.filter(pk=message.pk).update(changed_seq=seq, body="edited thrice")

    await do(elsewhere)
    assert await here.expect("skipped") == {"type": "skipped", "room": room.pk, "seq": 2}
    assert (await here.expect("skipped"))["seq"] == 3
    event = await here.expect("message")
    assert (event["seq"], event["message"]["body"]) == (4, "edited thrice")


async def test_past_a_thousand_missing_changes_each_tab_asks_for_itself(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here = await tab(anna)
    await Room.objects.filter(pk=room.pk).aupdate(last_seq=1_001)
    assert await here.expect() == {"type": "skipped", "room": room.pk, "seq": 1_001}
    await do(say, ben, room)
    assert (await here.expect("message"))["seq"] == 1_002


async def test_who_spoke_before_such_a_jump_is_answered(
    tab: Tabs, anna: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "MAX_FILL", 10)
    here = await tab(anna)
    await here.heard()
    await Room.objects.filter(pk=room.pk).aupdate(last_seq=50)
    posted = await here.post(room.pk, "c1")
    assert (posted["type"], posted["seq"]) == ("posted", 51)


async def test_silence_is_closed_with_4408(
    tab: Tabs, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, silent = await tab(anna), await tab(anna)
    monkeypatch.setattr(follower, "SILENCE", 1.5)
    for _ in range(4):
        await asyncio.sleep(0.5)
        await here.heard()
    assert await silent.closing() == 4408
    assert await here.heard() == []


async def test_presence_follows_who_comes_and_goes(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here = await tab(anna)
    await here.say(type="watch", rooms=[room.pk])
    assert (await here.expect("presence"))["here"] == [anna.pk]
    other, again = await tab(ben), await tab(ben)
    assert (await here.expect("presence"))["here"] == sorted([anna.pk, ben.pk])
    await other.close()
    await here.heard()
    await again.close()
    assert (await here.expect("presence"))["here"] == [anna.pk]


async def test_events_of_one_connection_come_in_rising_order_whoever_speaks(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here, other = await tab(anna), await tab(ben)
    for number in range(25):
        await here.say(type="post", room=room.pk, client_id=f"a{number}", body="x")
        await other.say(type="post", room=room.pk, client_id=f"b{number}", body="x")
    for each in (here, other):
        seen: list[int] = []
        while len(seen) < 50:
            event = await each.expect()
            assert event["type"] in ("posted", "message")
            seen.append(event["seq"])
        assert seen == list(range(1, 51))


@pytest.mark.usefixtures("room")
async def test_entering_costs_few_queries(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: dict[str, int] = {}

    def counting(name: str) -> Any:
        query = getattr(arrivals, name)

        def counted_query(*args: Any) -> Any:
            from django.db import connection

            def count(execute: Any, *args: Any) -> Any:
                counted[name] = counted.get(name, 0) + 1
                return execute(*args)

            with connection.execute_wrapper(count):
                return query(*args)

        return counted_query

    for name in ("who", "greeting"):
        monkeypatch.setattr(arrivals, name, counting(name))
    tab = Tab(await cookie_of(anna))
    await tab.open()
    # The version, the session, the person, their rooms; then a snapshot's begin, rooms and epoch.
    assert counted == {"who": 4, "greeting": 3}
    await tab.close()


async def test_what_is_sent_is_an_array_of_events_in_each_frame(tab: Tabs, anna: User) -> None:
    here = await tab(anna)
    await here.say(type="heartbeat", received=0)
    message = await asyncio.wait_for(here.socket.output_queue.get(), 5)
    assert json.loads(message["text"]) == [{"type": "heartbeat", "heads": {}}]
