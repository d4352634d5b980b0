"""Rooms seen and settled by those who look after the site."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from chat.models import Departure, Membership, Room, Site, User
from tests.admin.desk import change_page, changelist, run_action
from tests.scene import make_room, say

pytestmark = pytest.mark.django_db


def test_the_list_tells_members_messages_and_the_last_activity(
    desk: Client, ada: User, bob: User
) -> None:
    room = make_room(ada, bob)
    for _ in range(3):
        say(ada, room)
    page = desk.get(changelist(Room)).content.decode()
    assert f'{changelist(Membership)}?room__id__exact={room.pk}">2<' in page
    assert ">3</a>" in page
    assert 'field-last_activity nowrap">-' not in page


def test_a_list_of_any_length_costs_the_same_queries(
    desk: Client, ada: User, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        say(ada, make_room(ada, bob, name=f"Room {number}"))
    with django_assert_max_num_queries(6):
        assert desk.get(changelist(Room)).status_code == 200


def test_a_rename_here_is_a_rename(desk: Client, ada: User) -> None:
    room = make_room(ada, name="Kitchen")
    before = Site.objects.get().access_version
    desk.post(change_page(room), {"name": "厨房"})
    room.refresh_from_db()
    assert (room.name, room.slug) == ("厨房", "厨房")
    assert room.old_slugs.get().slug == "kitchen"
    assert Site.objects.get().access_version > before


def test_rooms_are_archived_and_opened_again(desk: Client, ada: User) -> None:
    room = make_room(ada)
    run_action(desk, "archive", room)
    room.refresh_from_db()
    assert room.archived_at
    run_action(desk, "unarchive", room)
    room.refresh_from_db()
    assert room.archived_at is None


def test_a_member_is_put_out_of_a_room(desk: Client, ada: User, bob: User) -> None:
    room = make_room(ada, bob)
    before = Site.objects.get().access_version
    run_action(desk, "remove", room.memberships.get(user=bob))
    assert [each.user for each in room.memberships.all()] == [ada]
    assert Departure.objects.get(room=room, user=bob).reason == "removed"
    assert Site.objects.get().access_version > before


def test_rooms_and_memberships_are_not_made_here(desk: Client) -> None:
    for name in ("room", "membership", "message"):
        assert desk.get(reverse(f"admin:chat_{name}_add")).status_code == 403
