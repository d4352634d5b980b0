"""Signing up, in and out; passwords and profiles."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat.accounts import AccountAdapter
from chat.models import User
from tests.scene import PASSWORD, block, make_person, make_superuser, prove_address

pytestmark = pytest.mark.django_db
PAGES_OF_ACCOUNTS = (
    "profile",
    "account_email",
    "account_change_password",
    "account_logout",
    "mfa_index",
)


@pytest.fixture(autouse=True)
def _site_is_set_up() -> None:
    make_superuser()


def sign_in(client: Client, login: str, password: str = PASSWORD) -> bool:
    client.post(reverse("account_login"), {"login": login, "password": password})
    return "_auth_user_id" in client.session


def sign_up(client: Client, username: str, **fields: str) -> User | None:
    form = {"username": username, "password1": PASSWORD} | fields
    client.post(reverse("account_signup"), form)
    person: User | None = User.objects.filter(username=username).first()
    return person


@pytest.mark.parametrize("username", ["bob", "Bob.Smith-2+x", "李小龙", "हिन्दी", "Łukasz", "مريم"])
def test_a_person_of_any_script_signs_up_and_in_again(client: Client, username: str) -> None:
    person = sign_up(client, username)
    assert person
    assert not person.is_staff
    assert not person.is_superuser
    assert sign_in(Client(), username)


@pytest.mark.parametrize(
    "username",
    ["", "a b", "bob@example.org", "here", "EVERYONE", ".bob", "a\u202eb", "x" * 61, "🎉"],
)
def test_a_name_that_would_deceive_or_break_is_refused(client: Client, username: str) -> None:
    assert not sign_up(client, username)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "username",
    [
        *("userl", "userI", "USER1", "user1\u034f", "user1\u3164", "user\u0661", "us\u0435r1"),
        *(
            "\u3164" * 20,
            "\u1160\u115f",
            "\u2800",
            "\u0430dmin",
            "r\u03bf\u03bft2",
            "ada\u0301\u0301\u0301",
        ),
        *("admin", "Administrator", "chatsite", "adm1n", "\u3164" * 20, "\ufdfa" * 30),
    ],
)
def test_nobody_signs_up_as_somebody_else(client: Client, username: str) -> None:
    make_person("user1")
    page = client.post(reverse("account_signup"), {"username": username, "password1": PASSWORD})
    assert page.status_code == 200
    assert page.context["form"].errors["username"]
    assert User.objects.count() == 2


@pytest.mark.parametrize("username", ["user11", "user2", "user", "1user", "Us"])
def test_a_neighbour_is_nobodys_double(client: Client, username: str) -> None:
    make_person("user1")
    assert sign_up(client, username)


def test_capitals_beyond_ascii_are_the_same_name(client: Client) -> None:
    make_person("\u00c4rni")
    assert sign_up(client, "\u00e4rni") is None


def test_who_comes_second_with_a_name_is_told_kindly(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other commits between this request's look and its write."""
    make_person("ada")
    monkeypatch.setattr(AccountAdapter, "clean_username", lambda _self, username: username)
    page = client.post(reverse("account_signup"), {"username": "Ada", "password1": PASSWORD})
    assert page.status_code == 200
    assert "Somebody has that username already" in page.content.decode()
    assert f'href="{reverse("account_login")}"' in page.content.decode()
    assert User.objects.count() == 2


@pytest.mark.parametrize("text", ["x" * 10_000, "\u0301\u0316" * 5_000, "\ufdfa" * 10_000])
def test_a_name_beyond_all_bounds_is_refused_at_every_form(client: Client, text: str) -> None:
    assert sign_up(client, text) is None
    assert not sign_in(client, text)
    client.force_login(make_person("bob"))
    page = client.post(reverse("profile"), {"name": text})
    assert "at most 80 characters" in page.content.decode()


def test_the_same_name_written_otherwise_is_the_same_person(client: Client) -> None:
    composed, decomposed = "r\u00e9my", "re\u0301my"
    assert sign_up(client, decomposed) is None
    assert User.objects.filter(username=composed).exists()
    assert sign_in(Client(), decomposed)
    Client().post(reverse("account_signup"), {"username": "RÉMY".lower(), "password1": PASSWORD})
    assert User.objects.filter(username__in=[composed, decomposed]).count() == 1


def test_sign_up_gives_no_powers_that_were_not_asked_about(client: Client) -> None:
    person = sign_up(client, "eve", is_staff="1", is_superuser="1", is_active="1")
    assert person
    assert not person.is_staff
    assert not person.is_superuser


def test_sign_up_can_be_turned_off(client: Client, settings: Settings) -> None:
    settings.CHAT_SIGNUP = False
    assert "Sign-up is closed" in client.get(reverse("account_signup")).content.decode()
    assert sign_up(client, "bob") is None
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()


def test_sign_in_leads_to_the_chat_and_makes_a_session(client: Client) -> None:
    make_person("bob")
    response = client.post(
        reverse("account_login"), {"login": "bob", "password": PASSWORD}, follow=True
    )
    assert response.redirect_chain[0] == ("/", 302)
    assert client.cookies["sessionid"]["httponly"]


def test_sign_in_by_email_too(client: Client) -> None:
    prove_address(make_person("bob"), "bob@example.org")
    assert sign_in(client, "bob@example.org")


def test_of_two_from_before_who_differ_in_capitals_each_signs_in(client: Client) -> None:
    make_person("ada")
    User.objects.filter(pk=make_person("other").pk).update(username="ADA")
    for username in ("ada", "ADA"):
        browser = Client()
        assert sign_in(browser, username)
        assert browser.get("/").wsgi_request.user.username == username
    assert not sign_in(client, "Ada")


def test_what_is_wrong_with_a_form_is_said_aloud(client: Client) -> None:
    page = client.post(reverse("account_login"), {"login": "nobody", "password": "x"})
    assert re.search(r'<div role="alert">\s*<ul class="errorlist nonfield', page.content.decode())


def test_a_wrong_password_signs_nobody_in(client: Client) -> None:
    make_person("bob")
    assert not sign_in(client, "bob", "wrong")


def test_a_blocked_person_is_told_so_and_stays_out(client: Client) -> None:
    block(make_person("bob"))
    response = client.post(
        reverse("account_login"), {"login": "bob", "password": PASSWORD}, follow=True
    )
    assert "_auth_user_id" not in client.session
    assert "Your account is blocked" in response.content.decode()


def test_a_block_ends_the_sessions_that_are_open(client: Client) -> None:
    person = make_person("bob")
    client.force_login(person)
    assert client.get(reverse("rooms")).status_code == 200
    block(person)
    assert client.get(reverse("rooms")).status_code == 302


def test_thirty_sign_ins_a_minute_from_one_address_pass() -> None:
    make_person("bob")
    assert all(sign_in(Client(), "bob") for _ in range(30))


def test_guessing_passwords_is_stopped(client: Client) -> None:
    make_person("bob")
    for attempt in range(5):
        sign_in(client, "bob", f"guess {attempt}")
    assert not sign_in(client, "bob")


def test_sign_out_is_a_post(client: Client) -> None:
    client.force_login(make_person("bob"))
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    response = client.post(reverse("account_logout"))
    assert response.headers["Location"] == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_no_field_cuts_what_is_pasted_without_a_word(client: Client) -> None:
    pages = [client.get(reverse(name)) for name in ("account_signup", "account_reset_password")]
    client.force_login(make_person("bob"))
    pages += [client.get(reverse(name)) for name in ("profile", "room-new", "account_email")]
    assert not [page.request["PATH_INFO"] for page in pages if b"maxlength" in page.content]
    answer = client.post(reverse("room-new"), {"name": "x" * 92})
    assert b"(it has 92)" in answer.content


@pytest.mark.parametrize("way", ["account_logout", "admin:logout"])
def test_the_browser_is_told_who_signed_out(client: Client, way: str) -> None:
    person = make_superuser("bob")
    client.force_login(person)
    assert "signed-out" not in client.get(reverse("rooms")).cookies
    cookie = client.post(reverse(way)).cookies["signed-out"]
    assert (cookie.value, cookie["httponly"]) == (str(person.pk), "")
    assert "signed-out" not in client.post(reverse("account_logout")).cookies


def test_a_changed_password_ends_the_other_sessions(client: Client) -> None:
    person = make_person("bob")
    elsewhere = Client()
    for each in (client, elsewhere):
        each.force_login(person)
    new = "another long secret"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), form)
    assert client.get(reverse("rooms")).status_code == 200
    assert elsewhere.get(reverse("rooms")).status_code == 302


def test_a_forgotten_password_is_replaced_by_mail(client: Client) -> None:
    prove_address(make_person("bob"), "bob@example.org")
    client.post(reverse("account_reset_password"), {"email": "bob@example.org"})
    link = re.search(r"http://\S+", str(mail.outbox[0].body))
    assert link
    page = client.get(link[0], follow=True)
    new = "another long secret"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert sign_in(Client(), "bob", new)
    assert not sign_in(Client(), "bob")


def test_reset_tells_nobody_which_addresses_have_accounts(client: Client) -> None:
    prove_address(make_person("bob"), "bob@example.org")
    pages = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in ("bob@example.org", "nobody@example.org")
    ]
    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert [message.to for message in mail.outbox] == [["bob@example.org"]]


def test_sign_in_leads_to_no_other_site(client: Client) -> None:
    make_person("bob")
    form = {"login": "bob", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(reverse("account_login"), form).headers["Location"] == "/"


def test_a_person_changes_their_display_name(client: Client) -> None:
    person = make_person("bob")
    client.force_login(person)
    client.post(reverse("profile"), {"name": "  Bob\u202e \n Smith "})
    person.refresh_from_db()
    assert person.name == "Bob Smith"
    client.post(reverse("profile"), {"name": ""})
    person.refresh_from_db()
    assert person.get_full_name() == "bob"


@pytest.mark.parametrize("name", ["\u200d\u200c", "\u2800", "\u3164\u3164", "\u034f", "\ufe0f"])
def test_a_display_name_nobody_could_see_is_refused(client: Client, name: str) -> None:
    person = make_person("bob", name="Bob")
    client.force_login(person)
    assert client.post(reverse("profile"), {"name": name}).status_code == 200
    person.refresh_from_db()
    assert person.name == "Bob"


@pytest.mark.parametrize("name", PAGES_OF_ACCOUNTS)
def test_every_page_of_an_account_has_the_sites_look(client: Client, name: str) -> None:
    client.force_login(make_person("bob"))
    page = client.get(reverse(name)).content.decode()
    assert "chat/css/tokens.css" in page
    assert "<style" not in page
    assert 'style="' not in page
    assert re.search(r"<h1>[^<]+</h1>", page)


@pytest.mark.parametrize("name", PAGES_OF_ACCOUNTS)
def test_no_page_of_an_account_opens_to_a_stranger(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302
