"""Every person, every state of a room, every act: the same answer whoever is asked."""

import json
import re
from collections.abc import Callable
from itertools import product

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from pytest_django import Settings

from chat import access, consumers, protocol
from chat.actions import rooms as room_actions
from chat.actions.messages import (
    NewPost,
    Stored,
    delete_message,
    edit_message,
    moderate_message,
    post_messages,
    react,
)
from chat.errors import ChatError, NotFound
from chat.models import Message
from tests.admin.desk import run_action
from tests.standing import PEOPLE, STATES, Case

pytestmark = pytest.mark.django_db


@pytest.fixture(params=product(PEOPLE, STATES), ids=" / ".join)
def case(request: pytest.FixtureRequest, settings: Settings) -> Case:
    settings.CHAT_POST_RATE = 0
    cache.clear()
    return Case(*request.param)


def test_who_sees_a_room_and_speaks_in_it(case: Case) -> None:
    check_finding(case)
    check_reading(case)
    check_speaking(case)


def test_who_changes_and_enters_a_room(case: Case) -> None:
    check_moderating(case)
    check_settling(case)
    check_joining(case)


def allowed(act: Callable[[], object]) -> bool:
    """What it did is taken back."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except ChatError:
        return False
    return True


def check_finding(case: Case) -> None:
    room, old = case.room, "kitchen"
    assert room.slug == "parlour"
    listed = case.browser.get("/rooms/", {"show": "archived"} if case.archived else {})
    found = {
        "rule": allowed(lambda: access.room_at(case.person, room.slug)),
        "rule, by the old address": allowed(lambda: access.room_at(case.person, old)),
        "list": "parlour" in listed.content.decode(),
        "old address": case.status(f"/rooms/{old}/") != 404,
        "leaving": case.status(f"/rooms/{room.slug}/leave/") != 404,
        "joining": case.status(f"/rooms/{room.slug}/join/") != 404,
        "joining by the old address": case.status(f"/rooms/{old}/join/") != 404,
    }
    assert set(found.values()) == {case.finds}, found
    may_look_in = case.finds and not case.is_put_out
    for path in (f"/rooms/{room.slug}/", f"/rooms/{room.slug}/at/1/"):
        assert case.status(path) == (200 if may_look_in else 403 if case.finds else 404), path
        assert ("Parlour" in case.browser.get(path).content.decode()) == case.finds


def check_joining(case: Case) -> None:
    case.room.refresh_from_db()
    assert allowed(lambda: room_actions.join_room(case.person, case.room)) == case.joins
    case.status(f"/rooms/{case.room.slug}/join/", post=True)
    is_in = case.room.memberships.filter(user=case.person).exists()
    assert is_in == (case.joins or case.is_in or not case.active)


def check_reading(case: Case) -> None:
    where = case.room.pk
    sync = protocol.Sync(room=where, after=0)
    read = {
        "rule": allowed(lambda: access.room_for(case.person, where)),
        "socket": allowed(lambda: consumers._synced(case.person, sync)),
        "API": case.status(f"/api/rooms/{where}/messages") == 200,
        "members": case.status(f"/api/rooms/{where}/members") == 200,
        "page": "theirs" in case.page(),
    }
    assert set(read.values()) == {case.reads}, read
    if not case.archived:
        assert (where in access.rooms_of(case.person.pk)) == (case.reads or not case.active)


def check_speaking(case: Case) -> None:
    where, own = (case.person, case.room.pk), case.own.pk

    def post() -> None:
        (outcome,) = post_messages([NewPost(*where, client_id="new", body="words")])
        if not isinstance(outcome, Stored):
            raise outcome

    spoken = {
        "rule": allowed(lambda: access.writable_room_for(*where)),
        "post": allowed(post),
        "react": allowed(lambda: react(*where, case.theirs.pk, "👍", True)),
        "edit": allowed(lambda: edit_message(*where, own, "new words")),
        "page": 'id="composer"' in case.page(),
    }
    assert set(spoken.values()) == {case.speaks}, spoken
    for message in (case.theirs.pk, own):
        refusal = refusal_of(lambda pk=message: edit_message(*where, pk, "x"))  # type: ignore[misc]
        assert (refusal is NotFound) == (not case.reads), "hidden looks absent"


def refusal_of(act: Callable[[], object]) -> type[Exception] | None:
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except ChatError as refusal:
        return type(refusal)
    return None


def check_moderating(case: Case) -> None:
    where = case.person, case.room.pk
    assert access.moderates(case.person) == case.moderates
    deletes = case.speaks and case.moderates
    assert allowed(lambda: delete_message(*where, case.theirs.pk)) == deletes
    assert allowed(lambda: moderate_message(case.person, case.theirs)) == case.moderates
    if case.reads:
        data = re.search(r'<script id="page-data"[^>]*>(.*?)</script>', case.page(), re.DOTALL)
        assert data
        assert json.loads(data[1])["moderates"] == case.moderates
    run_action(case.browser, "empty", case.theirs)
    emptied = Message.objects.get(pk=case.theirs.pk).deleted
    assert emptied == (case.moderates and case.at_desk)


def check_settling(case: Case) -> None:
    who, room = case.person, case.room
    actions = {
        "rule": access.may_settle(who, room),
        "rename": allowed(lambda: room_actions.rename_room(who, room, "Cellar")),
        "archive": allowed(lambda: room_actions.archive_room(who, room)),
        "reopen": allowed(lambda: room_actions.unarchive_room(who, room)),
        "put out": allowed(lambda: room_actions.remove_member(who, room, case.author)),
        "let in": allowed(lambda: room_actions.let_in_again(who, room, case.author)),
    }
    assert set(actions.values()) == {case.settles}, actions
    settings, knows = f"/rooms/{room.slug}/settings/", case.finds or case.state == "archived"
    assert (case.status(settings) == 200) == (case.settles and knows)
    assert (settings in case.page()) == (case.settles and case.reads)
    if case.at_desk:
        page = reverse("admin:chat_room_change", args=[room.pk])
        case.browser.post(page, {"name": "Cellar"})
        room.refresh_from_db()
        assert (room.name == "Cellar") == case.settles
