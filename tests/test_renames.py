"""One person, one name, at once; and nobody's words under another's name."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat import fanout, renames
from chat.actions.messages import NewPost, edit_message, post_messages
from chat.actions.people import anonymise_person, rename_person
from chat.actions.rooms import leave_room
from chat.errors import Forbidden
from chat.models import Message, Room, User
from tests.scene import keeper, make_person, make_room, say
from tests.tabs import Tab, Tabs, cookie_of

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


def meant_from(claim: object) -> dict[str, Any]:
    return {"as": claim}


async def do(action: Any, *args: Any) -> Any:
    """In a thread, as a request would."""
    return await sync_to_async(action)(*args)


async def test_a_new_name_is_told_within_a_second_to_all_who_share_a_room(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    carl = await do(make_person, "carl")
    await do(make_room, carl, anna)
    stranger = await do(make_person, "stranger")
    await do(make_room, stranger)
    own, bens, carls, strangers = [await tab(each) for each in (anna, ben, carl, stranger)]
    started = monotonic()
    await do(rename_person, anna, "Countess")
    person = {"id": anna.pk, "username": "anna", "name": "Countess"}
    for each in (own, bens, carls):
        assert (await each.expect("person"))["user"] == person
    assert monotonic() - started < 1
    assert not [event for event in await strangers.heard() if event["type"] == "person"]
    assert not [event for event in await bens.heard() if event["type"] == "person"]
    assert room


async def test_without_any_hint_the_row_tells_it(
    tab: Tabs, anna: User, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "people_changed", lambda: None)
    here = await tab(ben)
    started = monotonic()
    await do(rename_person, anna, "Countess")
    assert (await here.expect("person"))["user"]["name"] == "Countess"
    assert monotonic() - started < 2
    assert room


async def test_what_one_says_and_types_next_stands_under_the_new_name(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    own, bens = await tab(anna), await tab(ben)
    await bens.say(type="watch", rooms=[room.pk])
    await bens.expect("presence")
    await do(rename_person, anna, "Countess")
    await own.expect("person")
    await own.say(type="typing", room=room.pk)
    assert (await bens.expect("typing"))["user"]["name"] == "Countess"
    await own.post(room.pk, "c1")
    assert (await bens.expect("message"))["message"]["author"]["name"] == "Countess"


async def test_whose_username_comes_to_be_shown_is_told_as_well(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    here = await tab(anna)
    await do(rename_person, ben, "Anna A")
    told = [(await here.expect("person"))["user"] for _ in range(2)]
    assert {(each["id"], each["ambiguous"]) for each in told} == {(anna.pk, True), (ben.pk, True)}
    posted = (await here.post(room.pk, "c1"))["message"]["author"]
    assert posted == {"id": anna.pk, "username": "anna", "name": "Anna A.", "ambiguous": True}
    synced = await here.ask("sync", room=room.pk, after=0)
    assert synced["messages"][0]["author"] == posted


async def test_what_was_shaped_before_is_not_answered_under_the_old_name(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    await do(say, ben, room)
    here = await tab(anna)
    first = (await here.ask("sync", room=room.pk, after=0))["messages"][0]["author"]
    await do(rename_person, await do(make_person, "eve"), "Ben")
    second = (await here.ask("sync", room=room.pk, after=0))["messages"][0]["author"]
    assert (first.get("ambiguous"), second.get("ambiguous")) == (None, True)


async def test_who_left_or_is_gone_is_renamed_where_their_words_stand(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    await do(say, ben, room)
    here = await tab(anna)
    await do(leave_room, ben, room)
    await do(rename_person, ben, "Benjamin")
    assert (await here.expect("person"))["user"]["name"] == "Benjamin"
    await do(anonymise_person, await do(keeper), ben)
    gone = (await here.expect("person"))["user"]
    assert gone["name"] == "Former member"
    assert "ben" not in gone["username"]


async def test_a_page_that_was_away_hears_of_all_who_were_renamed_meanwhile(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    known = (await do(renames.versions)).people
    await do(rename_person, ben, "Benjamin")
    stranger = await do(make_person, "stranger")
    await do(rename_person, stranger, "Somebody")
    cookie = await cookie_of(anna)
    back = Tab(cookie)
    back.socket.scope["query_string"] = f"protocol=1&people={known}".encode()
    tab._open.append(back)
    assert (await back.open())["type"] == "hello"
    told = [event for event in await back.heard() if event["type"] == "person"]
    assert [event["user"]["name"] for event in told] == ["Benjamin"]
    up_to_date, _hello = await tab.greeted(cookie)
    assert not [event for event in await up_to_date.heard() if event["type"] == "person"]
    assert room


@pytest.mark.parametrize("known", ["", "x", "-1", "9" * 30, "\u0661", "1&people=2"])
async def test_a_number_that_is_none_harms_nobody(tab: Tabs, anna: User, known: str) -> None:
    odd = Tab(await cookie_of(anna))
    odd.socket.scope["query_string"] = f"protocol=1&people={known}".encode()
    tab._open.append(odd)
    assert (await odd.open())["type"] == "hello"
    assert await odd.heard() == []


async def test_a_post_meant_from_another_is_forbidden_and_stores_nothing(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    own = await tab(anna)
    assert (await own.post(room.pk, "c1", **meant_from(anna.pk)))["type"] == "posted"
    error = await own.post(room.pk, "c2", **meant_from(ben.pk))
    assert (error["code"], error["client_id"]) == ("forbidden", "c2")
    assert await Message.objects.acount() == 1


@pytest.mark.parametrize("value", [0, -1, "1", 1.5, True, [], {}, 2**53])
async def test_a_claim_that_is_no_person_is_invalid(
    tab: Tabs, anna: User, room: Room, value: object
) -> None:
    error = await (await tab(anna)).post(room.pk, "c1", **meant_from(value))
    assert error["code"] == "invalid"
    assert "as" in error["errors"]


async def test_no_claim_is_as_before(tab: Tabs, anna: User, room: Room) -> None:
    assert (await (await tab(anna)).post(room.pk, "c1", **meant_from(None)))["type"] == "posted"


async def test_a_wrong_claim_finds_out_nothing(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    """Neither what the other has said, nor rooms that one is not in; and it costs no rate."""
    await do(say, ben, room)
    said = await Message.objects.aget()
    carl = await do(make_person, "carl")
    hidden = await do(make_room, carl)
    own = await tab(anna)
    assert (await own.post(room.pk, said.client_id, **meant_from(ben.pk)))["code"] == "forbidden"
    assert (await own.post(hidden.pk, "c1", **meant_from(carl.pk)))["code"] == "not_found"
    for number in range(40):
        assert (await own.post(room.pk, f"w{number}", **meant_from(ben.pk)))["code"] == "forbidden"
    assert (await own.post(room.pk, "c3"))["type"] == "posted"


def test_of_a_batch_only_those_with_a_wrong_claim_are_refused(
    anna: User, ben: User, room: Room
) -> None:
    posts = [
        NewPost(user=anna, room_id=room.pk, client_id=f"c{claim}", body="hi", meant_from=claim)
        for claim in (anna.pk, ben.pk)
    ]
    stored, refused = post_messages(posts)
    assert not isinstance(stored, Exception)
    assert isinstance(refused, Forbidden)
    assert edit_message(anna, room.pk, stored.message.pk, "later").message.body == "later"
