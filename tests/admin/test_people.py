"""People blocked, renamed, made anonymous; and powers that nobody takes for themselves."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from chat.actions.people import anonymise_person, block_person, unblock_person
from chat.models import Membership, Site, User
from tests.admin.desk import change_page, changelist, run_action
from tests.scene import PASSWORD, make_person, make_room, make_superuser, say

pytestmark = pytest.mark.django_db


def access_version() -> int:
    return Site.objects.get().access_version


def fields_of(person: User, **changes: object) -> dict[str, object]:
    fields = {
        "username": person.username,
        "name": person.name,
        "email": person.email,
        "is_active": person.is_active,
        "is_staff": person.is_staff,
        "is_superuser": person.is_superuser,
    }
    return {name: value for name, value in (fields | changes).items() if value is not False}


@pytest.fixture
def helper() -> Client:
    """Staff who may edit people, and no more."""
    person = make_person("helper", is_staff=True)
    person.user_permissions.set(
        Permission.objects.filter(codename__in=["view_user", "change_user"])
    )
    client = Client()
    client.force_login(person)
    return client


def test_a_blocked_person_is_out_everywhere_and_comes_back_unblocked(
    desk: Client, ada: User
) -> None:
    browser = Client()
    browser.force_login(ada)
    before = access_version()
    run_action(desk, "block", ada)
    ada.refresh_from_db()
    assert not ada.is_active
    assert access_version() > before
    assert browser.get(reverse("rooms")).status_code == 302
    run_action(desk, "unblock", ada)
    assert User.objects.get(pk=ada.pk).is_active
    assert browser.get(reverse("rooms")).status_code == 302
    assert desk.get(reverse("rooms")).status_code == 200
    browser.force_login(User.objects.get(pk=ada.pk))
    assert browser.get(reverse("rooms")).status_code == 200


def test_a_block_in_the_form_is_a_block(desk: Client, ada: User) -> None:
    before = access_version()
    desk.post(change_page(ada), fields_of(ada, is_active=False))
    ada.refresh_from_db()
    assert not ada.is_active
    assert access_version() > before


def test_a_password_set_here_ends_the_persons_sessions(desk: Client, ada: User) -> None:
    browser = Client()
    browser.force_login(ada)
    before = access_version()
    new = "another long secret"
    url = reverse("admin:auth_user_password_change", args=[ada.pk])
    desk.post(url, {"password1": new, "password2": new, "usable_password": "true"})
    ada.refresh_from_db()
    assert ada.check_password(new)
    assert access_version() > before
    assert browser.get(reverse("rooms")).status_code == 302


def test_an_anonymous_person_leaves_their_words_and_nothing_else(desk: Client, ada: User) -> None:
    room = make_room(ada)
    message = say(ada, room, "still here")
    EmailAddress.objects.create(user=ada, email="ada@example.org")
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=ada, type=kind, data={"secret": "hers"})
    assert b"be undone" in run_action(desk, "anonymise", ada).content
    ada.refresh_from_db()
    assert ada.username == "ada"

    run_action(desk, "anonymise", ada, confirmed="1")
    ada.refresh_from_db()
    message.refresh_from_db()
    assert (ada.name, ada.email, ada.is_active) == ("Former member", "", False)
    assert "ada" not in ada.username
    assert not ada.has_usable_password()
    assert not EmailAddress.objects.exists()
    assert not Authenticator.objects.exists(), "no second factor"
    assert not Membership.objects.filter(user=ada).exists()
    assert (message.body, message.author) == ("still here", ada)
    assert make_person("ada").pk != ada.pk


@pytest.mark.parametrize("action", ["block", "anonymise"])
def test_the_last_superuser_stays(desk: Client, root: User, action: str) -> None:
    page = desk.get(run_action(desk, action, root, confirmed="1").headers["Location"])
    assert "This is the last superuser" in page.content.decode()
    root.refresh_from_db()
    assert root.is_active
    second = make_superuser("second")
    run_action(desk, action, second, confirmed="1")
    second.refresh_from_db()
    assert not second.is_active


@pytest.mark.parametrize("power", ["is_active", "is_staff", "is_superuser"])
def test_the_last_superuser_keeps_their_power_in_the_form(
    desk: Client, root: User, power: str
) -> None:
    page = desk.post(change_page(root), fields_of(root, **{power: False}))
    assert "This is the last superuser" in page.content.decode()
    root.refresh_from_db()
    assert getattr(root, power)


@pytest.mark.parametrize("action", ["block", "anonymise", "remove_second_step"])
def test_of_many_the_others_are_seen_to_and_it_is_said_who_was_not(
    desk: Client, root: User, ada: User, bob: User, action: str
) -> None:
    for person in (root, ada, bob):
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    page = desk.post(
        changelist(User),
        {"action": action, "_selected_action": [root.pk, ada.pk, bob.pk], "confirmed": "1"},
        follow=True,
    )
    told = [str(message) for message in page.context["messages"]]
    assert told[0] == "Done: 2."
    assert len(told) == 2
    assert told[1].startswith("root: ")
    assert User.objects.get(pk=root.pk).is_active
    if action == "remove_second_step":
        assert [each.user for each in Authenticator.objects.all()] == [root]
    else:
        assert not User.objects.filter(pk__in=[ada.pk, bob.pk], is_active=True)


def test_who_edits_people_edits_them(helper: Client, ada: User) -> None:
    helper.post(change_page(ada), fields_of(ada, name="Ada L."))
    ada.refresh_from_db()
    assert ada.name == "Ada L."


def test_who_edits_people_gives_nobody_power(helper: Client, ada: User) -> None:
    helper.post(change_page(ada), fields_of(ada, is_staff=True, is_superuser=True))
    ada.refresh_from_db()
    assert not ada.is_staff
    assert not ada.is_superuser


def test_who_edits_people_cannot_become_superuser(helper: Client) -> None:
    me = User.objects.get(username="helper")
    permission = Permission.objects.get(codename="delete_session")
    powers = fields_of(me, is_superuser=True, user_permissions=[permission.pk])
    helper.post(change_page(me), powers)
    me = User.objects.get(pk=me.pk)
    assert not me.is_superuser
    assert not me.has_perm("sessions.delete_session")


def test_who_edits_people_leaves_those_with_power_alone(helper: Client, root: User) -> None:
    make_superuser("second")
    staff = make_person("staff", is_staff=True)
    new = "another long secret"
    for person in (root, staff):
        helper.post(change_page(person), fields_of(person, email="evil@example.org"))
        url = reverse("admin:auth_user_password_change", args=[person.pk])
        helper.post(url, {"password1": new, "password2": new, "usable_password": "true"})
        for action in ("block", "anonymise"):
            run_action(helper, action, person, confirmed="1")
        person.refresh_from_db()
        assert person.is_active
        assert person.email == ""
        assert person.check_password(PASSWORD)


def test_a_new_person_is_made_here_with_a_name_of_any_script(desk: Client) -> None:
    form = {
        "username": "हिन्दी",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    desk.post(reverse("admin:chat_user_add"), form)
    person = User.objects.get(username="हिन्दी")
    desk.post(change_page(person), fields_of(person, name="Hindi"))
    person.refresh_from_db()
    assert person.name == "Hindi"


@pytest.mark.parametrize("username", ["Ada", "ad\u0430", "\u0430d\u0430", "a\u034fda"])
def test_nobody_looks_like_another_by_this_hand(desk: Client, ada: User, username: str) -> None:
    form = {
        "username": username,
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    page = desk.post(reverse("admin:chat_user_add"), form)
    assert page.context["adminform"].form.errors["username"]
    eve = make_person("eve")
    page = desk.post(change_page(eve), fields_of(eve, username=username))
    assert page.context["adminform"].form.errors["username"]
    eve.refresh_from_db()
    assert eve.username == "eve"
    assert User.objects.filter(look_small=ada.look_small).count() == 1


def test_who_comes_second_with_a_name_is_told_kindly(
    desk: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other commits between this request's look and its write."""
    eve = make_person("eve")
    clean, looks = User.clean, []

    def clean_later(person: User) -> None:
        looks.append(person)
        if len(looks) > 1:
            clean(person)

    monkeypatch.setattr(User, "clean", clean_later)
    answer = desk.post(change_page(eve), fields_of(eve, username="Ada"))
    page = desk.get(answer.headers["Location"]).content.decode()
    assert "Somebody has that username already" in page
    eve.refresh_from_db()
    assert (eve.username, ada.username) == ("eve", "ada")


def test_who_has_a_name_from_before_is_still_looked_after(desk: Client) -> None:
    old = make_person("\u0430d\u0430m")  # Cyrillic and Latin
    desk.post(change_page(old), fields_of(old, name="Adam"))
    old.refresh_from_db()
    assert old.name == "Adam"
    page = desk.post(change_page(old), fields_of(old, username="\u0430d\u0430n"))
    assert page.context["adminform"].form.errors["username"]


def test_strangers_and_plain_people_see_no_admin(client: Client, ada: User) -> None:
    asked = client.get(changelist(User), follow=True)
    assert asked.redirect_chain[-1][0].startswith(reverse("account_login"))
    client.force_login(ada)
    assert client.get(changelist(User), follow=True).status_code == 403


def test_a_list_of_any_length_costs_the_same_queries(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_person(f"person{number}")
    with django_assert_max_num_queries(7):
        assert desk.get(changelist(User)).status_code == 200


@pytest.mark.parametrize("act", [block_person, unblock_person, anonymise_person])
def test_the_site_is_held_before_people_as_whoever_names_them_does(
    act: Callable[[User, User], None], root: User, ada: User
) -> None:
    """In another order two would wait for each other, on PostgreSQL."""
    with CaptureQueriesContext(connection) as captured:
        act(root, ada)
    told = [query["sql"] for query in captured]
    held = next(at for at, sql in enumerate(told) if "chat_site" in sql)
    changes = [at for at, sql in enumerate(told) if sql.startswith('UPDATE "chat_user"')]
    superusers = [at for at, sql in enumerate(told) if 'WHERE ("chat_user"."is_active"' in sql]
    assert held < min(changes + superusers)
    left = [at for at, sql in enumerate(told) if sql.startswith('DELETE FROM "chat_membership"')]
    assert all(at < held for at in left), "as whoever leaves a room does"
