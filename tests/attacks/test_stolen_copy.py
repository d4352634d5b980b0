"""A copy of the database in a stranger's hands: nobody is signed in by it."""

import re
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.apps import apps
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as ClearStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat import access
from chat.models import User
from chat.session_store import SessionStore, stored_key
from tests.scene import PASSWORD, make_person, make_superuser, prove_address

pytestmark = pytest.mark.django_db
ALLAUTHS = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def ada() -> User:
    make_superuser()
    return make_person("ada")


@pytest.fixture
def browser(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def copied(*tables: str) -> str:
    """All that stands in them."""
    with connection.cursor() as cursor:
        rows = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            rows += cursor.fetchall()
    return str(rows)


def is_in(key: str) -> bool:
    client = Client()
    client.cookies["sessionid"] = key
    return bool(client.get(reverse("rooms")).status_code == 200)


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def migration(name: str) -> object:
    return import_module(f"chat.migrations.{name}")


def test_no_key_of_a_session_stands_in_it(browser: Client) -> None:
    key = browser.cookies["sessionid"].value
    assert is_in(key)
    assert key not in copied("django_session")
    stored = Session.objects.get().session_key
    assert not is_in(stored)
    assert not is_in(stored.lstrip("#"))


def test_what_looks_like_a_key_is_no_way_round(browser: Client) -> None:
    """Rows in clear are taken once, under their hash; a hash is never taken for one."""
    stored = Session.objects.get().session_key
    with pytest.raises(access.SignedOut):
        access.user_of_session(stored)
    assert Session.objects.get().session_key == stored
    assert is_in(browser.cookies["sessionid"].value)


def test_a_session_of_djangos_own_store_is_kept_under_its_hash(ada: User, browser: Client) -> None:
    """An older process makes such while it is replaced."""
    session = ClearStore()
    session.update(dict(browser.session.items()))
    session.create()
    key = str(session.session_key)
    assert key in copied("django_session")
    assert access.user_of_session(key) == ada
    assert key not in copied("django_session")
    assert is_in(key)


def test_no_password_is_reset_with_it() -> None:
    """A browser on its way to a new password has the key of its link in its session."""
    ada, browser = make_person("ada"), Client()
    prove_address(ada, "ada@example.org")
    make_superuser()
    browser.post(reverse("account_reset_password"), {"email": ada.email})
    link = re.search(r"http://\S+", str(mail.outbox[0].body))
    assert link
    form = browser.get(link[0], follow=True).redirect_chain[-1][0]
    key = browser.session["_password_reset_key"]
    (row,) = Session.objects.all()
    assert row.session_data.startswith("fernet:")
    assert key not in str(ClearStore().decode(row.session_data))
    new = "another long secret"
    browser.post(form, {"password1": new, "password2": new})
    ada.refresh_from_db()
    assert ada.check_password(new)


def test_a_session_from_before_is_read_and_one_under_a_lost_key_is_none(
    browser: Client, settings: Settings
) -> None:
    row = Session.objects.get()
    kept, clear = row.session_data, ClearStore().encode(dict(browser.session.items()))
    key = browser.cookies["sessionid"].value
    for data in (clear, kept):
        Session.objects.update(session_data=data)
        assert is_in(key)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one, as long as it should be"
    assert is_in(key)
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_in(key)


def test_sessions_end_as_ever(browser: Client) -> None:
    key = browser.cookies["sessionid"].value
    store = SessionStore(key)
    assert store.exists(key)
    store.cycle_key()
    assert store.session_key
    assert not is_in(key)
    assert is_in(store.session_key)
    store.flush()
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
async def test_the_store_keeps_no_key_on_its_other_side_either() -> None:
    store = SessionStore()
    await store.aset("theme", "dark")
    await store.asave()
    key = str(store.session_key)
    assert await store.aexists(key)
    assert await SessionStore(key).aget("theme") == "dark"
    assert not await SessionStore(stored_key(key)).aget("theme")
    await store.adelete()
    assert not await store.aexists(key)


def test_who_was_signed_in_before_stays_so(browser: Client) -> None:
    keys = []
    for backend in ("django.contrib.auth.backends.ModelBackend", ALLAUTHS):
        session = ClearStore()
        session.update(dict(browser.session.items()) | {BACKEND_SESSION_KEY: backend})
        session.create()
        keys.append(str(session.session_key))
    migration("0010_sessions_under_their_hash").rehash(apps, None)  # type: ignore[attr-defined]
    assert not [key for key in keys if key in copied("django_session")]
    assert all(row.session_data.startswith("fernet:") for row in Session.objects.all())
    assert all(is_in(key) for key in keys)


def test_no_second_step_can_be_taken_with_it(ada: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    codes = RecoveryCodes.activate(ada).generate_codes()
    copy = copied("mfa_authenticator")
    assert secret not in copy
    rows = {row.type: row.data for row in Authenticator.objects.all()}
    for kept in (rows["totp"]["secret"], rows["recovery_codes"]["seed"]):
        assert kept.startswith("fernet:")
    client = Client()
    client.post(reverse("account_login"), {"login": "ada", "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert "_auth_user_id" in client.session
    assert Authenticator.objects.get(type="recovery_codes").wrap().validate_code(codes[0])


def test_a_second_step_from_before_still_opens(ada: User) -> None:
    secret, seed = generate_totp_secret(), "ab" * 40
    Authenticator.objects.create(user=ada, type="totp", data={"secret": secret})
    recovery = {"seed": seed, "used_mask": 0}
    Authenticator.objects.create(user=ada, type="recovery_codes", data=recovery)
    before = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
    for _ in range(2):
        migration("0011_second_factors_encrypted").encrypt(apps, None)  # type: ignore[attr-defined]
    copy = copied("mfa_authenticator")
    assert secret not in copy
    assert seed not in copy
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret))
    assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == before


def test_the_key_is_changed_without_a_second_step_being_lost(ada: User, settings: Settings) -> None:
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one, as long as it should be"
    assert Authenticator.objects.get().wrap().validate_code(code_of(secret))
    cache.clear()  # which code was used
    settings.SECRET_KEY_FALLBACKS = []
    assert not Authenticator.objects.get().wrap().validate_code(code_of(secret))
