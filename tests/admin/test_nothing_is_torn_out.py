"""No button of the admin deletes what the log stands on."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db.models import PROTECT, ManyToOneRel, Model
from django.test import Client
from django.urls import reverse

from chat.models import Membership, Message, Reaction, Room, RoomSlug, User
from tests.admin.desk import changelist, run_action
from tests.scene import make_room, say

pytestmark = pytest.mark.django_db
KEPT = (User, Room, Message, Membership)


@pytest.fixture
def rows(ada: User) -> dict[type[Model], Model]:
    room = make_room(ada)
    message = say(ada, room)
    return {User: ada, Room: room, Message: message, Membership: room.memberships.get()}


@pytest.mark.parametrize("model", KEPT)
def test_the_bulk_deletion_is_not_offered_and_does_nothing(
    desk: Client, rows: dict[type[Model], Model], model: type[Model]
) -> None:
    assert b"delete_selected" not in desk.get(changelist(model)).content
    run_action(desk, "delete_selected", rows[model], post="yes")
    assert model._default_manager.filter(pk=rows[model].pk).exists()


@pytest.mark.parametrize("model", KEPT)
def test_the_page_that_deletes_one_is_closed(
    desk: Client, rows: dict[type[Model], Model], model: type[Model]
) -> None:
    url = reverse(f"admin:chat_{model._meta.model_name}_delete", args=[rows[model].pk])
    assert desk.post(url, {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=rows[model].pk).exists()


@pytest.mark.parametrize("model", [User, Room, Message])
@pytest.mark.parametrize("delete", ["row", "query"])
def test_not_even_code_deletes_them(
    rows: dict[type[Model], Model], model: type[Model], delete: str
) -> None:
    row = rows[model]
    rows_to_go = row if delete == "row" else model._default_manager.filter(pk=row.pk)
    with pytest.raises(TypeError):
        rows_to_go.delete()


def test_what_can_be_deleted_takes_no_person_and_no_message_along(
    desk: Client, ada: User, rows: dict[type[Model], Model]
) -> None:
    group = Group.objects.create(name="helpers")
    ada.groups.add(group)
    run_action(desk, "delete_selected", group, post="yes")
    assert not Group.objects.exists()
    assert all(type(row)._default_manager.filter(pk=row.pk).exists() for row in rows.values())


def test_no_other_table_of_the_chat_has_a_page_here() -> None:
    shown = set(admin.site._registry)
    assert not shown & {Reaction, RoomSlug, Session}
    for model in shown:
        for relation in model._meta.get_fields():
            if isinstance(relation, ManyToOneRel) and relation.related_model in KEPT:
                assert relation.on_delete is PROTECT, (
                    f"{model.__name__} takes {relation.name} along"
                )
