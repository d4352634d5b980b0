"""Who may be where has changed: everybody is told, once it is so."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat import access, fanout
from chat.actions.authority import access_changed
from chat.models import User
from chat.session_store import SessionStore
from tests.scene import PASSWORD, block, keeper, make_person, unblock

pytestmark = pytest.mark.django_db

Commits = Callable[..., AbstractContextManager[object]]


@pytest.fixture
def anna() -> User:
    return make_person("anna")


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One for each time that the processes were told."""
    hints: list[str] = []
    monkeypatch.setattr(fanout, "access_changed", lambda: hints.append("look"))
    return hints


def test_the_processes_are_told_after_the_commit(
    hints: list[str], django_capture_on_commit_callbacks: Commits
) -> None:
    before = access.access_version()
    with django_capture_on_commit_callbacks(execute=True):
        access_changed()
        assert hints == []
    assert hints == ["look"]
    assert access.access_version() == before + 1


def test_what_was_rolled_back_is_told_to_nobody(
    hints: list[str], django_capture_on_commit_callbacks: Commits
) -> None:
    before = access.access_version()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        access_changed()
        transaction.set_rollback(True)
    assert hints == []
    assert access.access_version() == before


def moved(act: Callable[[], object]) -> bool:
    before = access.access_version()
    act()
    return access.access_version() > before


def test_signing_in_changes_nobodys_rights(client: Client, anna: User) -> None:
    client.get("/accounts/login/")
    form = {"login": anna.username, "password": PASSWORD}
    assert not moved(lambda: client.post("/accounts/login/", form))
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_signing_out_does(client: Client, anna: User) -> None:
    client.force_login(anna)
    assert moved(lambda: client.post("/accounts/logout/"))


def test_a_password_set_by_any_hand_does(anna: User) -> None:
    anna.set_password("another long secret")
    assert moved(anna.save)
    assert moved(lambda: anna.save(update_fields=["password", "last_login"]))
    assert not moved(lambda: anna.save(update_fields=["last_login"]))


def test_a_new_person_is_nowhere_yet() -> None:
    assert not moved(lambda: make_person("new"))


def test_a_session_deleted_in_any_way_does(client: Client, anna: User) -> None:
    for delete in (
        lambda: Session.objects.all().delete(),
        lambda: Session.objects.get().delete(),
        lambda: SessionStore(client.cookies["sessionid"].value).flush(),
        lambda: SessionStore(client.cookies["sessionid"].value).cycle_key(),
    ):
        Session.objects.all().delete()
        client.force_login(anna)
        assert moved(delete)


def sign_in_often(anna: User, times: int) -> None:
    for _ in range(times):
        Client().force_login(anna)


def test_clearing_what_has_expired_tells_nobody_and_costs_what_deleting_costs(
    anna: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in_often(anna, 30)
    Session.objects.update(expire_date=timezone.now())
    before = access.access_version()
    with django_assert_num_queries(2):
        call_command("clearsessions")
    assert not Session.objects.exists()
    assert access.access_version() == before


def test_many_live_sessions_that_end_at_once_are_told_once(anna: User) -> None:
    sign_in_often(anna, 30)
    before = access.access_version()
    Session.objects.all().delete()
    assert access.access_version() == before + 1
    sign_in_often(anna, 1)
    Session.objects.all().delete()
    assert access.access_version() == before + 2


def test_blocking_and_unblocking_cost_the_same_whoever_is_signed_in(
    anna: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in_often(make_person("ben"), 30)
    keeper()
    for act in (block, unblock):
        with django_assert_max_num_queries(10):
            act(anna)


def test_a_session_in_which_nobody_is_signed_in_does_not(anna: User) -> None:
    session = SessionStore()
    session["theme"] = "dark"
    session.create()
    assert not moved(session.flush)
    assert anna.is_active
