"""A refusal is told in the language of whoever is refused, whichever thread made it."""

import asyncio
import json
import struct
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import reverse
from pydantic import ValidationError
from pytest_django import Settings

from chat import fields
from chat.actions import writer as writers
from chat.actions.messages import NewPost, post_messages
from chat.actions.rooms import archive_room
from chat.actions.turns import Job
from chat.actions.writer import writer
from chat.errors import text
from chat.languages import language_of
from chat.models import Room, User
from chat.protocol import COMMANDS, Command
from tests.admin.desk import run_action
from tests.scene import make_person, make_room, make_superuser, say
from tests.tabs import Event, Tab, cookie_of

pytestmark = pytest.mark.django_db(transaction=True)

GERMAN = {
    "There is no such room.": "Diesen Raum gibt es nicht.",
    "There is no such message.": "Diese Nachricht gibt es nicht.",
    "That is not JSON that this server reads.": "Das ist kein JSON.",
    "A frame is one JSON object.": "Ein Rahmen ist ein Objekt.",
    "A frame is text: one JSON object.": "Ein Rahmen ist Text.",
    "This server does not know that type of command.": "Diesen Befehl gibt es nicht.",
    "Some fields are not as they should be.": "Einige Felder stimmen nicht.",
    "This is missing.": "Das fehlt.",
    "This is to be at least %(least)s.": "Das ist mindestens %(least)s.",
    "Write something first.": "Schreib erst etwas.",
    "A message holds at most %(most)d characters.": "Höchstens %(most)d Zeichen.",
    "Only its author can edit a message.": "Nur wer sie schrieb, darf sie ändern.",
    "This room is archived: it can be read, but not written to.": "Der Raum ist geschlossen.",
    "More than were sent.": "Mehr als gesendet wurde.",
    "You are sending too fast.": "Du sendest zu schnell.",
    "This is the last superuser. Make another one first.": "Das ist der letzte Superuser.",
    "You have named many rooms in the last hour. Try again later.": "Zu viele Räume.",
}
SPEAKS_GERMAN = {"Accept-Language": "de-CH, de;q=0.9, en;q=0.5"}


@pytest.fixture(autouse=True)
def _german(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(catalogue(GERMAN))
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    settings.LOCALE_PATHS = [tmp_path]


def catalogue(texts: Mapping[str, str]) -> bytes:
    """As gettext reads it: two tables of lengths and places, then the texts."""
    entries = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **texts}.items())
    start, tables, data = 28, [[], []], b""  # type: tuple[int, list[list[int]], bytes]
    place = start + 16 * len(entries)
    for side in (0, 1):
        for entry in entries:
            encoded = entry[side].encode()
            tables[side] += [len(encoded), place + len(data)]
            data += encoded + b"\0"
    head = (0x950412DE, 0, len(entries), start, start + 8 * len(entries), 0, place)
    numbers = [*head, *tables[0], *tables[1]]
    return struct.pack(f"<{len(numbers)}I", *numbers) + data


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("anna")


@pytest.fixture
def room(anna: User) -> Room:
    return make_room(anna)


@pytest.fixture
async def german(anna: User, room: Room) -> AsyncIterator[Tab]:  # noqa: ARG001 - is there before
    tab = Tab(await cookie_of(anna), language="de")
    await tab.open()
    yield tab
    await tab.close()


def test_a_socket_speaks_as_a_page_would(settings: Settings) -> None:
    def asked(**headers: bytes) -> str:
        named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
        return language_of({"headers": list(named.items())})

    assert asked() == settings.LANGUAGE_CODE
    assert asked(accept_language=b"de-AT,en;q=0.5") == "de"
    assert asked(accept_language=b"fr, xx;;q=\xff") == settings.LANGUAGE_CODE
    assert asked(accept_language=b"en", cookie=b"a=b; django_language=de") == "de"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("{", "Das ist kein JSON."),
        ("[]", "Ein Rahmen ist ein Objekt."),
        ({"type": "dance"}, "Diesen Befehl gibt es nicht."),
        ({"type": "post"}, "Einige Felder stimmen nicht."),
        (
            {"type": "post", "room": 10**9, "client_id": "a", "body": "x"},
            "Diesen Raum gibt es nicht.",
        ),
        ({"type": "typing", "room": 10**9}, "Diesen Raum gibt es nicht."),
        ({"type": "sync", "room": 10**9, "after": 0}, "Diesen Raum gibt es nicht."),
        ({"type": "read", "room": 10**9, "seq": 1}, "Diesen Raum gibt es nicht."),
        ({"type": "heartbeat", "received": 10**6}, "Mehr als gesendet wurde."),
    ],
)
async def test_every_kind_of_refusal_is_told_in_the_persons_language(
    german: Tab, command: Any, said: str
) -> None:
    frame = command if isinstance(command, str) else json.dumps(command)
    await german.socket.send_to(text_data=frame)
    assert (await german.expect("error"))["detail"] == said


async def test_so_is_what_is_wrong_with_a_field_with_its_numbers(german: Tab, room: Room) -> None:
    answer = await german.ask("edit", room=0, message=1)
    assert answer["errors"] == {"room": "Das ist mindestens 1.", "body": "Das fehlt."}
    answer = await german.post(room.pk, "long", "x" * 10_001)
    assert answer["detail"] == answer["errors"]["body"] == "Höchstens 10000 Zeichen."


async def test_a_frame_that_is_no_text_too(german: Tab) -> None:
    await german.socket.send_to(bytes_data=b"\0")
    assert (await german.expect("error"))["detail"] == "Ein Rahmen ist Text."


async def test_two_languages_in_one_batch_are_two_languages(
    german: Tab, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = Tab(await cookie_of(await sync_to_async(make_person)("ben")))
    await english.open()
    batches: list[int] = []

    def noting(posts: list[NewPost]) -> Any:
        batches.append(len(posts))
        return post_messages(posts)

    monkeypatch.setitem(writers._TOGETHER, NewPost, noting)
    go_on, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold() -> Any:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)

    writer().put(Job(hold, lambda _result: None))
    await begun.wait()
    for tab in (german, english):
        await tab.say(type="post", room=10**9, client_id="a", body="x")
        await tab.say(type="heartbeat", received=0)
        await tab.expect("heartbeat")  # so the post before it waits in the queue
    go_on.set()

    assert (await german.expect("error"))["detail"] == "Diesen Raum gibt es nicht."
    assert (await english.expect("error"))["detail"] == "There is no such room."
    assert batches == [2]
    assert (await german.post(room.pk, "b", " "))["detail"] == "Schreib erst etwas."
    await english.close()


def test_over_http_as_well(anna: User, client: Client) -> None:
    client.force_login(anna)

    def detail(**headers: str) -> Event:
        answer: Event = client.get("/api/rooms/999/messages", headers=headers).json()
        return answer

    assert detail(**SPEAKS_GERMAN)["detail"] == "Diesen Raum gibt es nicht."
    assert detail()["detail"] == "There is no such room."


def test_in_the_admin_as_well(client: Client) -> None:
    root = make_superuser()
    client.force_login(root)
    refused = run_action(client, "block", root)
    page = client.get(refused.headers["Location"], headers=SPEAKS_GERMAN)
    assert "last superuser" in page.content.decode()

    form = {"action": "block", "_selected_action": [root.pk]}
    url = reverse("admin:chat_user_changelist")
    page = client.post(url, form, headers=SPEAKS_GERMAN, follow=True)
    assert "Das ist der letzte Superuser." in page.content.decode()


@pytest.mark.usefixtures("room")
def test_on_pages_as_well(anna: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.actions.rooms.ROOMS_AN_HOUR", 1)
    client.force_login(anna)
    page = client.post("/rooms/new/", {"name": "One too many"}, headers=SPEAKS_GERMAN)
    assert "Zu viele Räume." in page.content.decode()


async def test_changes_too(german: Tab, anna: User, room: Room) -> None:
    ben = await sync_to_async(make_person)("ben")
    await sync_to_async(room.memberships.create)(user=ben)
    message = await sync_to_async(say)(ben, room)
    where = {"room": room.pk, "message": message.pk}
    said = (await german.ask("edit", **where, body="mine"))["detail"]
    assert said == "Nur wer sie schrieb, darf sie ändern."
    await sync_to_async(archive_room)(anna, room)
    assert (await german.post(room.pk, "c"))["detail"] == "Der Raum ist geschlossen."


def test_a_sentence_is_whole_in_english_before_anybody_translates_it() -> None:
    sentence = text("at most %(most)d", most=3)
    assert sentence == "at most 3"
    assert sentence.told({"at most %(most)d": "höchstens %(most)d"}.__getitem__) == "höchstens 3"
    assert text("100 %").told(str) == "100 %"


def test_no_problem_of_a_field_is_told_in_pydantics_words() -> None:
    kinds = set()
    for model in COMMANDS.values():
        for field in model.model_fields:
            for value in ODD:
                kinds |= kinds_of_problems(model, {field: value})
    assert len(kinds) > 8
    assert kinds - {*fields._PLAIN, *fields._BOUNDED} == set()


ODD: list[Any] = [
    None,
    -1,
    0,
    2**53,
    10**30,
    1.5,
    True,
    "",
    "x" * 65,
    "1",
    "é",
    [],
    [0],
    [1] * 21,
    {},
]


def kinds_of_problems(model: type[Command], frame: Event) -> set[str]:
    try:
        model.model_validate(frame)
    except ValidationError as error:
        return {problem["type"] for problem in error.errors()}
    return set()
