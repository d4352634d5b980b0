"""Other people's addresses: taken, asked about, and used as a way into their accounts."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from chat.accounts import AccountAdapter, mailing
from chat.actions import addresses
from chat.actions.addresses import SETTLES_IN
from chat.models import User
from tests.scene import PASSWORD, make_person, make_superuser, prove_address

pytestmark = pytest.mark.django_db
ADA, NEW = "ada@example.org", "new@example.org"


@pytest.fixture(autouse=True)
def ada() -> User:
    cache.clear()
    make_superuser()
    person = make_person("ada")
    prove_address(person, ADA)
    return person


def signs_in(login: str, password: str = PASSWORD) -> Client | None:
    client = Client()
    client.post(reverse("account_login"), {"login": login, "password": password})
    return client if "_auth_user_id" in client.session else None


def signs_up(username: str, address: str) -> tuple[Client, list[str]]:
    client = Client()
    form = {"username": username, "password1": PASSWORD, "email": address}
    page = client.post(reverse("account_signup"), form, follow=True)
    told = re.sub(r"new|eve|example.org|ada@", "", page.content.decode())
    return client, re.findall(r'class="message[^>]*>([^<]*)', told)


def asks_for_reset(address: str) -> list[EmailMessage]:
    mail.outbox.clear()
    Client().post(reverse("account_reset_password"), {"email": address})
    return list(mail.outbox)


def shows_password(client: Client, password: str = PASSWORD) -> None:
    client.post(reverse("account_reauthenticate"), {"password": password})


def claims(client: Client, address: str) -> None:
    client.post(reverse("account_email"), {"action_add": "", "email": address})


def opens_link(message: EmailMessage) -> None:
    link = re.search(r"http://\S+/confirm-email/\S+", str(message.body))
    assert link
    Client().post(link[0])


def at_another_time(person: User, **ago: int) -> None:
    User.objects.filter(pk=person.pk).update(date_joined=timezone.now() - timedelta(**ago))


def test_a_stranger_takes_nobodys_address_by_typing_it() -> None:
    eve = make_person("eve", email=NEW)
    EmailAddress.objects.create(user=eve, email=NEW, primary=True)
    assert not signs_in(NEW)
    assert not asks_for_reset(NEW)
    client, _told = signs_up("new", NEW)
    opens_link(mail.outbox[-1])
    assert signs_in(NEW)
    assert User.objects.get(username="new").email == NEW
    assert client.get(reverse("account_email")).status_code == 200


def test_a_reset_sends_one_mail_and_only_to_whose_it_is() -> None:
    for number in range(5):
        eve = make_person(f"eve{number}", email=ADA)
        EmailAddress.objects.create(user=eve, email=ADA, primary=True)
    (message,) = asks_for_reset(ADA)
    assert "eve" not in message.body


def test_signing_up_tells_nobody_which_addresses_have_accounts() -> None:
    eve, told = signs_up("eve", ADA)
    new, told_another = signs_up("new", NEW)
    assert "_auth_user_id" in eve.session
    assert "_auth_user_id" in new.session
    assert told == told_another
    pages = [client.get(reverse("account_email")).content.decode() for client in (eve, new)]
    assert ADA in pages[0]
    assert pages[0].count("<form") == pages[1].count("<form")
    to_ada, to_new = mail.outbox
    assert (to_ada.to, to_new.to) == ([ADA], [NEW])
    assert "already exists" in to_ada.body
    assert "/confirm-email/" not in to_ada.body
    assert "/confirm-email/" in to_new.body
    assert signs_in(ADA, PASSWORD)
    assert EmailAddress.objects.get(email=ADA, verified=True).user.username == "ada"


def test_asking_for_the_mail_again_tells_no_more() -> None:
    eve, _told = signs_up("eve", ADA)
    cache.clear()
    mail.outbox.clear()
    eve.post(reverse("account_email"), {"action_send": "", "email": ADA})
    (again,) = mail.outbox
    assert "/confirm-email/" not in again.body


def test_of_two_who_claim_an_address_the_first_to_prove_it_has_it() -> None:
    links = []
    for username in ("eve", "new"):
        cache.clear()
        signs_up(username, NEW)
        links.append(mail.outbox[-1])
    opens_link(links[1])
    opens_link(links[0])
    assert EmailAddress.objects.get(email=NEW, verified=True).user.username == "new"
    assert not User.objects.get(username="eve").email


def test_an_account_claims_one_address_at_a_time(ada: User) -> None:
    client = Client()
    client.force_login(ada)
    shows_password(client)
    for number in range(5):
        claims(client, f"stranger{number}@example.org")
    claimed = EmailAddress.objects.filter(user=ada, verified=False)
    assert [each.email for each in claimed] == ["stranger4@example.org"]


def test_the_password_is_asked_before_an_address_is_changed(ada: User) -> None:
    """H9: an open laptop, an address, a reset."""
    laptop = Client()
    laptop.force_login(ada)
    claims(laptop, "eve@example.org")
    laptop.post(reverse("account_email"), {"action_remove": "", "email": ADA})
    assert [each.email for each in EmailAddress.objects.filter(user=ada)] == [ADA]
    assert not mail.outbox


def test_who_is_robbed_of_an_address_hears_of_it_and_has_a_day(ada: User) -> None:
    thief = Client()
    thief.force_login(ada)
    shows_password(thief)
    claims(thief, "eve@example.org")
    opens_link(mail.outbox[-1])
    to_ada = [message for message in mail.outbox if message.to == [ADA]]
    assert len(to_ada) == 1
    assert "eve@example.org" in to_ada[0].body
    assert not asks_for_reset("eve@example.org")
    later = timezone.now() + SETTLES_IN - timedelta(days=1, seconds=1)
    User.objects.filter(pk=ada.pk).update(address_counts_from=later)
    assert asks_for_reset("eve@example.org")


def test_an_address_that_is_taken_away_hears_of_it(ada: User) -> None:
    thief = Client()
    thief.force_login(ada)
    shows_password(thief)
    thief.post(reverse("account_email"), {"action_remove": "", "email": ADA})
    assert not EmailAddress.objects.filter(user=ada)
    assert [message.to for message in mail.outbox] == [[ADA]]


def test_a_newcomers_first_address_counts_at_once() -> None:
    signs_up("new", NEW)
    opens_link(mail.outbox[-1])
    assert len(asks_for_reset(NEW)) == 1


def test_a_first_address_that_comes_late_counts_a_day_after() -> None:
    old = make_person("old")
    at_another_time(old, days=40)
    thief = Client()
    thief.force_login(old)
    shows_password(thief)
    claims(thief, NEW)
    opens_link(mail.outbox[-1])
    assert not asks_for_reset(NEW)
    assert signs_in(NEW), "to sign in it counts at once"


def test_the_second_address_of_a_newcomer_waits_too() -> None:
    client, _told = signs_up("new", NEW)
    opens_link(mail.outbox[-1])
    shows_password(client)
    claims(client, "eve@example.org")
    opens_link(mail.outbox[-1])
    assert not asks_for_reset("eve@example.org")


@pytest.mark.parametrize("address", [ADA, "nobody@example.org"])
def test_a_reset_draws_the_same_whether_there_is_an_account_or_not(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = AccountAdapter.render_mail

    def noted(adapter: object, prefix: str, *args: object) -> object:
        drawn.append(prefix)
        return draw(adapter, prefix, *args)

    monkeypatch.setattr(AccountAdapter, "render_mail", noted)
    page = Client().post(reverse("account_reset_password"), {"email": address}, follow=True)
    assert drawn == ["account/email/password_reset_key"]
    assert page.redirect_chain[-1][0] == reverse("account_reset_password_done")


def test_nobody_waits_for_a_mail_server(settings: Settings) -> None:
    """A server that never answers would tell, by how long it takes, that a mail was sent."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    message = EmailMessage("subject", "words", to=[ADA])
    mailing.send(message)
    mailing._LATER.submit(lambda: None).result(timeout=10)


def test_without_a_mail_server_addresses_are_off(settings: Settings) -> None:
    settings.SITE_SENDS_MAIL = False
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    assert not signs_in(ADA)
    assert b"email" not in Client().get(reverse("account_signup")).content
    client, _told = signs_up("new", NEW)
    assert "_auth_user_id" in client.session
    assert not EmailAddress.objects.filter(email=NEW)
    assert not mail.outbox
    claims(client, NEW)
    assert not EmailAddress.objects.filter(email=NEW)
    assert b"sends no mail" in client.get(reverse("account_email")).content
    assert reverse("account_email") not in client.get(reverse("profile")).content.decode()


def test_notices_go_to_no_address_that_was_only_typed() -> None:
    client, _told = signs_up("eve", NEW)
    mail.outbox.clear()
    new = "another long secret"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), form)
    assert signs_in("eve", new)
    assert not mail.outbox


def test_the_same_claim_again_keeps_the_link_that_was_sent(ada: User) -> None:
    """Its second mail is not sent so soon, and says nothing of it."""
    client = Client()
    client.force_login(ada)
    shows_password(client)
    claims(client, NEW)
    (sent,) = [message for message in mail.outbox if message.to == [NEW]]
    claims(client, NEW.upper())
    opens_link(sent)
    assert signs_in(NEW)


def test_no_claim_is_made_ones_address_without_a_proof() -> None:
    client, _told = signs_up("eve", NEW)
    shows_password(client)
    client.post(reverse("account_email"), {"action_primary": "", "email": NEW})
    assert not User.objects.get(username="eve").email


def test_who_comes_second_with_an_address_at_the_desk_is_told_kindly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(addresses, "check_is_free", lambda *_: None)  # when they were asked
    eve = make_person("eve")
    with pytest.raises(ValidationError, match="Somebody else has that address"):
        addresses.set_address(User.objects.get(username="root"), eve, ADA)
    assert not EmailAddress.objects.filter(user=eve)


def test_whatever_keeps_a_mail_from_being_sent_is_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    unsendable = EmailMessage("a\nb", "words", to=[ADA])
    mailing._send(unsendable)
    assert caplog.messages == ["mail_failed error=BadHeaderError"]
