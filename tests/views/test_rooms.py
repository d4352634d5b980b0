"""Rooms: found, made, joined, left, settled, and by whom not."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.actions.rooms import ROOMS_AN_HOUR, archive_room, join_room, rename_room
from chat.models import Membership, Room, Site, User
from chat.views.rooms import ROOMS_A_PAGE
from tests.scene import make_person, make_room, make_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site_is_set_up() -> None:
    make_superuser()


@pytest.fixture
def ada() -> User:
    return make_person("ada")


@pytest.fixture
def bob() -> User:
    return make_person("bob")


@pytest.fixture
def page_of() -> Callable[[User], Client]:
    def page(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return page


PageOf = Callable[[User], Client]


def access_version() -> int:
    return Site.objects.get().access_version


def is_in(person: User, room: Room) -> bool:
    return Membership.objects.filter(room=room, user=person).exists()


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("General", "general"),
        ("  Küche &\n Bad ", "küche-bad"),
        ("产品讨论", "产品讨论"),
        ("हिन्दी", "हिन्दी"),
        ("!!!", "room"),
        ("🎉", "room"),
        ("new", "new-2"),
        ("NEW", "new-2"),
    ],
)
def test_a_name_of_any_script_gives_an_address_that_works(
    ada: User, page_of: PageOf, name: str, slug: str
) -> None:
    client = page_of(ada)
    response = client.post(reverse("room-new"), {"name": name})
    room = Room.objects.get()
    assert room.slug == slug
    assert is_in(ada, room)
    assert client.get(response.headers["Location"]).status_code == 200


def test_equal_names_get_addresses_of_their_own(ada: User) -> None:
    assert [make_room(ada, name="Kitchen").slug for _ in range(3)] == [
        "kitchen",
        "kitchen-2",
        "kitchen-3",
    ]


@pytest.mark.parametrize("name", ["", "   ", "\u200d", "\u202e", "x" * 81])
def test_a_name_that_is_none_makes_no_room(ada: User, page_of: PageOf, name: str) -> None:
    response = page_of(ada).post(reverse("room-new"), {"name": name})
    assert response.context["form"].errors
    assert not Room.objects.exists()


def test_one_person_makes_only_so_many_rooms_an_hour(ada: User, bob: User, page_of: PageOf) -> None:
    for number in range(ROOMS_AN_HOUR):
        make_room(ada, name=f"Room {number}")
    assert page_of(ada).post(reverse("room-new"), {"name": "Another"}).status_code == 429
    assert page_of(bob).post(reverse("room-new"), {"name": "Another"}).status_code == 302
    Room.objects.filter(maker=ada).update(created_at=timezone.now() - timedelta(minutes=61))
    assert page_of(ada).post(reverse("room-new"), {"name": "Another"}).status_code == 302


def test_joining_counts_what_was_said_before_as_read(ada: User, bob: User, page_of: PageOf) -> None:
    room = make_room(ada)
    Room.objects.filter(pk=room.pk).update(last_seq=7)
    page_of(bob).post(reverse("room-join", args=[room.slug]))
    assert Membership.objects.get(room=room, user=bob).read_seq == 7


def test_joining_and_leaving_tell_every_process_once(ada: User, bob: User, page_of: PageOf) -> None:
    room, client = make_room(ada), page_of(bob)
    before = access_version()
    for _ in range(2):
        client.post(reverse("room-join", args=[room.slug]))
    assert access_version() == before + 1
    for _ in range(2):
        client.post(reverse("room-leave", args=[room.slug]))
    assert access_version() == before + 2
    assert not is_in(bob, room)


def test_a_link_to_join_changes_nothing(ada: User, bob: User, page_of: PageOf) -> None:
    room = make_room(ada)
    response = page_of(bob).get(reverse("room-join", args=[room.slug]))
    assert response.headers["Location"] == reverse("room", args=[room.slug])
    assert not is_in(bob, room)
    page_of(ada).get(reverse("room-leave", args=[room.slug]))
    assert is_in(ada, room)


def test_joining_all_day_is_stopped(ada: User, bob: User, page_of: PageOf) -> None:
    room, client = make_room(ada), page_of(bob)
    url = reverse("room-join", args=[room.slug])
    statuses = [client.post(url).status_code for _ in range(61)]
    assert set(statuses[:60]) == {302}
    assert statuses[60] == 429


def test_an_archived_room_lets_nobody_in(ada: User, bob: User, page_of: PageOf) -> None:
    room = make_room(ada)
    archive_room(ada, room)
    page_of(bob).post(reverse("room-join", args=[room.slug]))
    assert not is_in(bob, room)


def test_a_room_that_is_not_open_looks_absent(ada: User, bob: User, page_of: PageOf) -> None:
    room = make_room(ada)
    Room.objects.filter(pk=room.pk).update(kind="private")
    for name in ("room-join", "room-leave", "room-settings"):
        hidden = page_of(bob).post(reverse(name, args=[room.slug]))
        absent = page_of(bob).post(reverse(name, args=["nowhere"]))
        assert (hidden.status_code, absent.status_code) == (404, 404)
        assert b"Kitchen" not in hidden.content
    assert not is_in(bob, room)
    assert "Kitchen" not in page_of(bob).get(reverse("rooms")).content.decode()
    assert "Kitchen" in page_of(ada).get(reverse("rooms")).content.decode()


def test_the_maker_renames_and_old_links_lead_to_the_new_address(
    ada: User, page_of: PageOf
) -> None:
    room, client = make_room(ada, name="Kitchen"), page_of(ada)
    settings_url = reverse("room-settings", args=["kitchen"])
    response = client.post(settings_url, {"name": "厨房"})
    room.refresh_from_db()
    assert (room.name, room.slug) == ("厨房", "厨房")
    assert response.headers["Location"] == reverse("room-settings", args=["厨房"])
    assert client.get(settings_url).status_code == 200
    assert make_room(ada, name="Kitchen").slug == "kitchen-2"


def test_a_room_gets_its_old_address_back(ada: User, page_of: PageOf) -> None:
    room, client = make_room(ada, name="Kitchen"), page_of(ada)
    for name in ("Garden", "Kitchen"):
        client.post(reverse("room-settings", args=[room.slug]), {"name": name})
    room.refresh_from_db()
    assert room.slug == "kitchen"
    assert [old.slug for old in room.old_slugs.all()] == ["garden"]


def test_a_rename_leaves_the_log_alone(ada: User, page_of: PageOf) -> None:
    room = make_room(ada)
    Room.objects.filter(pk=room.pk).update(last_seq=9)
    page_of(ada).post(reverse("room-settings", args=[room.slug]), {"name": "Garden"})
    room.refresh_from_db()
    assert room.last_seq == 9


def test_the_maker_archives_and_opens_again(ada: User, page_of: PageOf) -> None:
    room, client = make_room(ada), page_of(ada)
    url = reverse("room-archive", args=[room.slug])
    client.post(url, {"on": "1"})
    room.refresh_from_db()
    assert room.archived_at
    assert room.name not in client.get(reverse("rooms")).content.decode()
    assert room.name in client.get(reverse("rooms"), {"show": "archived"}).content.decode()
    client.post(url, {"on": "0"})
    room.refresh_from_db()
    assert room.archived_at is None


def test_nobody_else_settles_a_room(ada: User, bob: User, page_of: PageOf) -> None:
    room, client = make_room(ada, bob), page_of(bob)
    assert client.get(reverse("room-settings", args=[room.slug])).status_code == 404
    renamed = client.post(reverse("room-settings", args=[room.slug]), {"name": "Mine"})
    archived = client.post(reverse("room-archive", args=[room.slug]), {"on": "1"})
    assert (renamed.status_code, archived.status_code) == (404, 404)
    room.refresh_from_db()
    assert (room.name, room.archived_at) == ("Kitchen", None)


@pytest.mark.parametrize("word", ["KÜCHE", "küche", "Küche & Bad", "bad"])
def test_a_room_is_found_by_part_of_its_name(ada: User, page_of: PageOf, word: str) -> None:
    make_room(ada, name="Küche & Bad")
    make_room(ada, name="Garden")
    page = page_of(ada).get(reverse("rooms"), {"q": word}).content.decode()
    assert "Küche &amp; Bad" in page
    assert "Garden" not in page


@pytest.mark.parametrize(
    "path",
    ["/rooms/%00/", "/rooms/a%00/join/", "/rooms/%FF%FE/", f"/rooms/kitchen/at/{10**30}/x/"],
)
def test_no_address_breaks_the_server(ada: User, page_of: PageOf, path: str) -> None:
    make_room(ada)
    assert page_of(ada).get(path).status_code == 404


@pytest.mark.parametrize("query", ["q=%00", "q=%25_%5C", "page=0", "page=x", f"page={10**30}"])
def test_no_search_breaks_the_server(ada: User, page_of: PageOf, query: str) -> None:
    assert page_of(ada).get(f"/rooms/?{query}").status_code == 200


def test_a_permalink_past_all_numbers_opens_the_room(ada: User, page_of: PageOf) -> None:
    room = make_room(ada)
    url = reverse("room-at", args=[room.slug, 10**30])
    assert page_of(ada).get(url).status_code == 200


def test_a_room_list_of_any_length_costs_the_same_queries(
    ada: User, bob: User, page_of: PageOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = page_of(bob)
    for number in range(ROOMS_A_PAGE + 1):
        join_room(bob, make_room(ada, name=f"Room {number}"))
    with django_assert_num_queries(4):
        page = client.get(reverse("rooms"))
    assert page.content.count(b"list-title") == ROOMS_A_PAGE


def test_the_door_leads_to_the_room_seen_last(ada: User, page_of: PageOf) -> None:
    client, first = page_of(ada), make_room(ada, name="First")
    second = make_room(ada, name="Second")
    client.get(reverse("room", args=[second.slug]))
    assert Client().get("/").headers["Location"] == reverse("account_login")
    assert page_of(ada).get("/").headers["Location"] == reverse("room", args=[second.slug])
    client.post(reverse("room-leave", args=[second.slug]))
    assert client.get("/").headers["Location"] == reverse("room", args=[first.slug])


@pytest.mark.parametrize(
    "path", ["/rooms/", "/rooms/new/", "/rooms/kitchen/join/", "/rooms/kitchen/settings/"]
)
def test_a_stranger_is_asked_to_sign_in(ada: User, path: str) -> None:
    make_room(ada)
    for response in (Client().get(path), Client().post(path)):
        assert response.headers["Location"].startswith(reverse("account_login"))
    assert Membership.objects.count() == 1


def test_joining_leads_on_to_the_message_that_one_came_for(
    ada: User, bob: User, page_of: PageOf
) -> None:
    room, client = make_room(ada), page_of(bob)
    way_in = client.get(reverse("room-at", args=[room.slug, 1234])).content.decode()
    (action,) = re.findall(r'<form action="([^"]+join[^"]+)"', way_in)
    joined = client.post(action)
    assert joined.headers["Location"] == reverse("room-at", args=[room.slug, 1234])
    assert is_in(bob, room)


def test_an_old_address_of_a_message_leads_to_it_too(ada: User, bob: User, page_of: PageOf) -> None:
    room = make_room(ada)
    rename_room(ada, room, "Garden")
    client = page_of(bob)
    moved = client.get("/rooms/kitchen/at/5/")
    assert moved.headers["Location"] == "/rooms/garden/at/5/"
    assert client.post("/rooms/kitchen/join/?seq=5").headers["Location"] == "/rooms/garden/at/5/"


@pytest.mark.parametrize(
    "seq",
    [
        "//evil.example",
        "-1",
        "1.5",
        "\uff11\uff12",
        "",
        "9" * 30,
        "9" * 5000,
        "5/../../",
        "https://evil.example/",
    ],
)
def test_joining_leads_nowhere_but_into_the_room(
    ada: User, bob: User, page_of: PageOf, seq: str
) -> None:
    room = make_room(ada)
    url = reverse("room-join", args=[room.slug])
    joined = page_of(bob).post(f"{url}?{urlencode({'seq': seq})}")
    assert joined.headers["Location"] == reverse("room", args=[room.slug])


@pytest.mark.parametrize("person", ["", "x", "\uff11", "9" * 30, "9" * 5000])
def test_who_is_let_in_again_is_named_by_a_number_or_nobody_is(
    ada: User, page_of: PageOf, person: str
) -> None:
    url = reverse("room-let-in", args=[make_room(ada).slug])
    assert page_of(ada).post(url, {"person": person}).status_code == 302
