"""The door of an empty site: who may make its first account, and who may not."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from chat import first_run
from chat.actions.first_run import set_up_site
from chat.actions.site import change_epoch
from chat.errors import Forbidden
from chat.models import Membership, Room, User
from tests.scene import make_person, make_superuser

pytestmark = pytest.mark.django_db
FORM = {"username": "ada", "name": "Ada", "password": "correct horse battery", "room": "Küche"}
LOOPBACK = ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1")
ELSEWHERE = ("192.168.1.7", "10.0.0.1", "2001:db8::1", "", "nonsense", "::ffff:192.168.1.7")


@pytest.fixture
def debug(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.fixture
def link_path() -> str:
    return reverse("first-run", args=[first_run.link().rstrip("/").rpartition("/")[2]])


@pytest.mark.usefixtures("debug")
def test_an_empty_site_makes_its_first_account_and_room_and_leads_there(client: Client) -> None:
    assert b"Welcome" in client.get("/").content
    response = client.post("/", FORM)
    person, room = User.objects.get(), Room.objects.get()
    assert (person.username, person.name, room.name, room.slug) == ("ada", "Ada", "Küche", "küche")
    assert person.is_superuser
    assert person.is_staff
    assert person.check_password(FORM["password"])
    assert Membership.objects.filter(room=room, user=person).exists()
    assert response.headers["Location"] == reverse("room", args=["küche"])
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("address", LOOPBACK)
def test_a_loopback_address_finds_the_form_while_debugging(client: Client, address: str) -> None:
    assert client.get("/", REMOTE_ADDR=address).status_code == 200


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_other_address_finds_it(client: Client, address: str) -> None:
    assert client.get("/", REMOTE_ADDR=address).status_code == 403
    assert client.post("/", FORM, REMOTE_ADDR=address).status_code == 403
    assert not User.objects.exists()


def test_without_debug_not_even_loopback_finds_it(client: Client) -> None:
    assert client.post("/", FORM).status_code == 403
    assert not User.objects.exists()


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_a_proxy_forwarded_does_not_count_as_loopback(client: Client, header: str) -> None:
    assert client.post("/", FORM, headers={header: "127.0.0.1"}).status_code == 403
    assert not User.objects.exists()


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("127.0.0.1", 200),
        ("203.0.113.9, 127.0.0.1", 200),
        ("127.0.0.1, 203.0.113.9", 403),
        ("203.0.113.9", 403),
    ],
)
def test_behind_a_trusted_proxy_the_address_that_it_saw_decides(
    client: Client, settings: Settings, forwarded: str, status: int
) -> None:
    settings.TRUST_PROXY = True
    assert client.get("/", headers={"X-Forwarded-For": forwarded}).status_code == status


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("127.0.0.1, 203.0.113.9, 127.0.0.1", 403),
        ("203.0.113.9, 127.0.0.1", 403),
        ("203.0.113.9, 127.0.0.1, 10.0.0.1", 200),
        ("127.0.0.1", 200),
    ],
)
def test_behind_two_trusted_proxies_the_outer_one_decides(
    client: Client, settings: Settings, forwarded: str, status: int
) -> None:
    settings.TRUST_PROXY = 2
    assert client.get("/", headers={"X-Forwarded-For": forwarded}).status_code == status


@pytest.mark.usefixtures("debug")
def test_behind_a_trusted_proxy_that_says_nothing_nobody_finds_it(
    client: Client, settings: Settings
) -> None:
    settings.TRUST_PROXY = True
    assert client.get("/").status_code == 403


def test_the_printed_link_opens_from_anywhere(client: Client, link_path: str) -> None:
    assert client.get(link_path, REMOTE_ADDR="203.0.113.9").status_code == 200
    client.post(link_path, FORM, REMOTE_ADDR="203.0.113.9")
    assert User.objects.get().is_superuser


def test_the_link_is_worthless_once_it_was_used(client: Client, link_path: str) -> None:
    client.post(link_path, FORM)
    response = Client().post(link_path, FORM | {"username": "eve", "room": "Lair"})
    assert response.status_code == 302
    assert User.objects.get().username == "ada"


def test_another_sites_or_a_forged_link_opens_nothing(client: Client, link_path: str) -> None:
    change_epoch()
    assert client.post(link_path, FORM).status_code == 403
    assert client.post(reverse("first-run", args=["forged"]), FORM).status_code == 403
    assert not User.objects.exists()


@pytest.mark.usefixtures("debug")
def test_the_form_is_guarded_against_other_sites_pages() -> None:
    assert Client(enforce_csrf_checks=True).post("/", FORM).status_code == 403
    assert not User.objects.exists()


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "a@b.example"),
        ("username", "here"),
        ("name", "x" * 81),
        ("password", "password"),
        ("password", "short"),
        ("room", ""),
        ("room", "\u202e\u200b"),
        ("room", "x" * 81),
    ],
)
def test_a_bad_field_is_told_and_makes_nothing(client: Client, field: str, value: str) -> None:
    response = client.post("/", FORM | {field: value})
    assert response.context["form"].errors.get(field)
    assert not User.objects.exists()
    assert not Room.objects.exists()


@pytest.mark.usefixtures("debug")
def test_a_username_that_populate_took_is_told(client: Client) -> None:
    make_person("ada")
    response = client.post("/", FORM)
    assert "Somebody has that username" in response.content.decode()


def test_sign_up_is_no_way_around_the_first_run(client: Client) -> None:
    form = {"username": "eve", "password1": "a long enough secret"}
    response = client.post(reverse("account_signup"), form)
    assert response.headers["Location"] == "/"
    assert not User.objects.exists()


def test_who_signs_in_before_there_is_a_superuser_reaches_the_rooms(client: Client) -> None:
    client.force_login(make_person("user1"))
    assert client.get("/").headers["Location"] == reverse("rooms")


def test_once_set_up_the_door_leads_to_sign_in(client: Client) -> None:
    make_superuser()
    assert client.get("/").headers["Location"] == reverse("account_login")


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins() -> None:
    start = Barrier(2)
    outcomes: list[User | Forbidden] = []

    def set_up(username: str) -> None:
        start.wait()
        try:
            outcomes.append(set_up_site(username, "", "correct horse battery", username)[0])
        except Forbidden as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=set_up, args=[name]) for name in ("ada", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Forbidden", "User"]
    assert User.objects.filter(is_superuser=True).count() == 1
    assert Room.objects.count() == 1


def test_the_loser_of_a_race_is_told_kindly(
    client: Client, link_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The winner commits between this request's look and its write.
    make_superuser("winner")
    monkeypatch.setattr("chat.views.home.first_run.is_needed", lambda: True)
    response = client.post(link_path, FORM)
    monkeypatch.undo()
    page = client.get(response.headers["Location"], follow=True).content.decode()
    assert "set up already" in page
    assert User.objects.get().username == "winner"


def test_the_front_door_costs_few_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_superuser())
    with django_assert_max_num_queries(5):
        client.get("/")
