"""Half an administrator makes a whole one of nobody, and reads no secret."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core import mail
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from chat.models import Membership, Message, Room, User
from tests.admin.desk import change_page, run_action
from tests.scene import PASSWORD, make_person, make_room, make_superuser, prove_address, say

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW_PASSWORD = "another long secret"
BY_THEIR_OWN = ("admin/jsi18n/", "admin/logout/", "admin/login/", "admin/password_change/")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """A refusal is logged with where it was raised, which takes longer than the refusal."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def root() -> User:
    """A superuser with all that could be taken, and a colleague with some power."""
    person = make_superuser()
    prove_address(person, "root@example.org")
    Authenticator.objects.create(user=person, type="totp", data={"secret": SECRET})
    group = Group.objects.create(name="Keepers")
    group.permissions.set(Permission.objects.filter(codename="change_user"))
    person.groups.add(group)
    colleague = make_person("colleague")
    colleague.groups.add(group)
    say(person, make_room(person), "words")
    Client().force_login(person)
    return person


@pytest.fixture
def helper(root: User) -> User:  # noqa: ARG001 - there first
    person = make_person("helper", is_staff=True)
    person.groups.add(Group.objects.create(name="Helpers"))
    return person


def helpers_browser(helper: User, *codenames: str) -> Client:
    helper.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(helper)
    return client


def permissions() -> list[list[str]]:
    """Each by itself of what the admin shows; all at once of the models of other apps."""
    of_others: list[str] = []
    singly: list[list[str]] = []
    for model in apps.get_models():
        own = [name for name, _ in model._meta.permissions]
        own += [f"{each}_{model._meta.model_name}" for each in ("add", "change", "delete", "view")]
        if admin.site.is_registered(model):
            singly += [[each] for each in own]
        else:
            of_others += own
    return [of_others, *singly]


def addresses(rows: list[Model]) -> Iterator[str]:
    """Every page of the admin, for each of the rows where it is about one."""
    patterns = get_resolver().url_patterns
    (resolver,) = [each for each in patterns if str(each.pattern) == "admin/"]
    for prefix, pattern in _flat(resolver, "/"):
        path = prefix + str(pattern.pattern)
        if path.startswith(tuple(f"/{each}" for each in BY_THEIR_OWN)) or "(?P" in path:
            continue
        label = path.removeprefix("/admin/").split("/")[:2]
        about = [row for row in rows if row._meta.label_lower.split(".") == label]
        if "<" not in path:
            yield path
        for row in about if "<path:object_id>" in path or "<id>" in path else []:
            yield path.replace("<path:object_id>", str(row.pk)).replace("<id>", str(row.pk))


def _flat(resolver: Any, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    prefix += str(resolver.pattern)
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield prefix, each
        else:
            yield from _flat(each, prefix)


def powers() -> list[Any]:
    """All that makes somebody more than a plain person, and all that guards it."""
    people = User.objects.exclude(username="victim")
    columns = ("pk", "username", "password", "email", "is_active", "is_staff", "is_superuser")
    return [
        list(people.values_list(*columns)),
        list(User.user_permissions.through.objects.filter(user__in=people).values_list()),
        list(User.groups.through.objects.values_list()),
        list(Group.permissions.through.objects.values_list()),
        list(EmailAddress.objects.values_list()),
        list(Authenticator.objects.values_list("user", "type", "data")),
        list(Session.objects.values_list("pk")),
        list(Membership.objects.values_list()),
        list(Message.objects.values_list("pk", "body")),
        list(Room.objects.values_list("pk", "archived_at")),
    ]


def greedy(root: User) -> dict[str, Any]:
    every = [str(each) for each in Permission.objects.values_list("pk", flat=True)]
    return {
        "username": "root",
        "name": "Root",
        "email": "evil@example.org",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [str(each.pk) for each in Group.objects.all()],
        "user_permissions": every,
        "permissions": every,
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
        "usable_password": "true",
        "user": str(root.pk),
        "verified": "on",
        "type": "totp",
        "data": "{}",
        "post": "yes",
        "confirmed": "1",
    }


def every_action(path: str, rows: list[Model]) -> Iterator[dict[str, Any]]:
    for model, shown in admin.site._registry.items():
        if path == reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"):
            names = {getattr(each, "__name__", each) for each in shown.actions or ()}
            for name in {*names, "delete_selected"}:
                those = [row.pk for row in rows if isinstance(row, model)]
                yield {"action": name, ACTION_CHECKBOX_NAME: those, "post": "yes", "confirmed": "1"}


def rows_of(*models: type[Model]) -> list[Model]:
    return [row for model in models for row in model._default_manager.all()]


def test_no_single_permission_leads_to_more(root: User, helper: User) -> None:
    """Every page of the admin is asked for, and sent all that one could wish for."""
    rows = [root, helper, *rows_of(*(model for model in admin.site._registry if model is not User))]
    pages = list(addresses(rows))
    assert len(pages) > 30
    assert f"/admin/chat/user/{root.pk}/password/" in pages
    secrets = [SECRET, root.password, Session.objects.first()]
    form = greedy(root)
    opened = 0
    for codenames in permissions():
        client = helpers_browser(helper, *codenames)
        secrets[2] = client.cookies["sessionid"].value
        before = powers()
        own = MAY_DO_IT_ITSELF.get(codenames[0], set())
        for path in pages:
            answer = client.get(path)
            opened += answer.status_code == 200
            assert not [each for each in secrets if str(each) in answer.content.decode()], path
            if answer.status_code != 200 or path == "/admin/":
                continue
            client.post(path, form)
            client.post(path, form | {"username": helper.username})
            client.post(f"{path}?_popup=1&_to_field=id", form)
            for act in every_action(path, rows):
                if act["action"] not in own:
                    client.post(path, act)
        assert powers() == before, codenames
    assert opened > len(permissions())


MAY_DO_IT_ITSELF = {
    "moderate": {"empty"},
    "change_room": {"archive", "unarchive", "remove"},
    "change_user": {"block", "unblock", "anonymise"},
}
"""What each permission is there for, shown by tests of its own."""


@pytest.mark.parametrize("act", ["block", "anonymise", "remove_second_step"])
@pytest.mark.parametrize("name", ["root", "colleague"])
def test_who_edits_people_does_nothing_to_those_with_power(
    helper: User, act: str, name: str
) -> None:
    client = helpers_browser(helper, "change_user")
    person = User.objects.get(username=name)
    person.is_active = True
    before = powers()
    run_action(client, act, person, confirmed="1")
    url = reverse("admin:auth_user_password_change", args=[person.pk])
    client.post(url, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert powers() == before


@pytest.mark.parametrize(
    "question",
    [
        "chat/user/?password__startswith=",
        "chat/user/?emailaddress__email__startswith=",
        "chat/user/?authenticator__data__secret__startswith=J",
        "chat/user/?groups__name__startswith=K",
        "chat/membership/?user__password__startswith=",
        "chat/message/?author__password__startswith=",
        "chat/message/?author__email__startswith=r",
        "chat/message/?body__startswith=w",
        "chat/room/?maker__password__startswith=",
        "chat/room/?messages__body__startswith=w",
    ],
)
def test_nothing_hidden_is_told_by_what_is_left_of_a_list(helper: User, question: str) -> None:
    views = [f"view_{each}" for each in ("user", "membership", "message", "room")]
    answer = helpers_browser(helper, *views).get(f"/admin/{question}")
    assert answer.status_code in (302, 400)
    if answer.status_code == 302:
        assert answer.headers["Location"].endswith("?e=1")


def test_an_address_is_set_by_who_may_manage_them_and_noted(helper: User) -> None:
    client = helpers_browser(helper, "change_user")
    bob = make_person("bob")
    prove_address(bob, "bob@example.org")
    form = {"username": "bob", "is_active": "on", "email": "New@example.org"}
    client.post(change_page(bob), form)
    bob.refresh_from_db()
    assert bob.email == "new@example.org"
    assert EmailAddress.objects.get(user=bob).verified
    assert bob.address_counts_from, "a day later"
    assert [message.to for message in mail.outbox] == [["bob@example.org"]]
    assert LogEntry.objects.filter(object_id=bob.pk, change_message="Address set", user=helper)


def test_nobodys_proven_address_is_given_to_another(helper: User) -> None:
    client = helpers_browser(helper, "change_user")
    bob = make_person("bob")
    form = {"username": "bob", "is_active": "on", "email": "root@example.org"}
    page = client.post(change_page(bob), form)
    assert page.context["adminform"].form.errors["email"] == ["Somebody else has that address."]
    assert EmailAddress.objects.get(email="root@example.org").user.username == "root"


def test_a_second_step_is_removed_by_who_may_manage_them_and_noted(helper: User) -> None:
    client = helpers_browser(helper, "change_user")
    bob = make_person("bob")
    Authenticator.objects.create(user=bob, type="totp", data={"secret": SECRET})
    assert SECRET not in client.get(change_page(bob)).content.decode()
    run_action(client, "remove_second_step", bob)
    assert not Authenticator.objects.filter(user=bob)
    assert LogEntry.objects.filter(object_id=bob.pk, change_message="Second step removed")


def test_who_finds_an_open_desk_takes_no_account_by_it(root: User) -> None:
    """What guards one's own account asks for one's password, for superusers too."""
    Client().force_login(root)
    desk = Client()
    desk.force_login(root)
    before = powers()
    url = reverse("admin:auth_user_password_change", args=[root.pk])
    for same in (url, url.replace(f"/{root.pk}/", f"/0{root.pk}/")):
        answer = desk.post(same, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        assert answer.headers["Location"] == reverse("account_change_password"), same
    form = {"username": "root", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    groups = [str(each.pk) for each in root.groups.all()]
    desk.post(change_page(root), form | {"email": "evil@example.org", "groups": groups})
    run_action(desk, "remove_second_step", root)
    assert powers() == before
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


def test_superusers_alone_read_who_did_what(root: User, helper: User) -> None:
    desk = Client()
    desk.force_login(root)
    run_action(desk, "block", make_person("bob"))
    listed = reverse("admin:admin_logentry_changelist")
    assert b"Blocked" in desk.get(listed).content
    every = [f"{each}_logentry" for each in ("view", "change", "delete", "add")]
    assert helpers_browser(helper, *every).get(listed).status_code == 403
    (entry,) = LogEntry.objects.filter(change_message="Blocked")
    for path in ("change", "delete"):
        desk.post(reverse(f"admin:admin_logentry_{path}", args=[entry.pk]), {"post": "yes"})
    assert LogEntry.objects.get(pk=entry.pk).change_message == "Blocked"


def test_who_was_made_anonymous_stands_under_no_name_in_the_notes(root: User) -> None:
    desk = Client()
    desk.force_login(root)
    bob = make_person("bob", name="Robert")
    room = make_room(root, bob)
    run_action(desk, "remove", Membership.objects.get(user=bob, room=room))
    run_action(desk, "block", bob)
    run_action(desk, "anonymise", bob, confirmed="1")
    told = str(list(LogEntry.objects.values_list("object_repr", "change_message")))
    assert "Former member" in told
    assert "Robert" not in told
