"""A lost connection: it is shown, it comes back, and nothing that was said is lost."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.cable import Cable
from tests.browser.conftest import Seat
from tests.browser.talk import enter, row, send, stored_row, write
from tests.browser.test_typing import begin_edit, editor_of, say
from tests.live.servers import Daphne
from tests.live.site import Site

TakeSeat = Callable[..., Seat]


@pytest.fixture
def cable(server: Daphne) -> Iterator[Cable]:
    with Cable(server.port) as cable:
        yield cable


@pytest.fixture
def bob(cable: Cable, seat: TakeSeat) -> Seat:
    """Somebody whose way to the server can be cut."""
    bob = seat("bob")
    bob.origin = f"http://127.0.0.1:{cable.port}"
    return bob


def test_a_lost_connection_is_shown_and_what_was_missed_comes_after(
    cable: Cable, bob: Seat, seat: TakeSeat
) -> None:
    alice = enter(seat("alice"))
    enter(bob)
    cable.cut()
    notice = bob.page.locator("#connection-notice")
    expect(notice).to_contain_text("Reconnecting")
    send(alice, "are you there?")
    expect(stored_row(alice, "are you there?")).to_be_visible()
    send(bob.page, "on a train")
    expect(row(bob.page, "on a train")).to_have_class(re.compile("is-sending"))
    expect(row(bob.page, "are you there?")).to_have_count(0)
    cable.mend()
    bob.page.evaluate("dispatchEvent(new Event('online'))")
    expect(row(bob.page, "are you there?")).to_be_visible()
    expect(stored_row(bob.page, "on a train")).to_be_visible()
    expect(row(alice, "on a train")).to_have_count(1)
    expect(notice).to_be_hidden()
    for page in (alice, bob.page):
        expect(page.locator(".message-body")).to_have_text(["are you there?", "on a train"])
    bob.errors.clear()


def test_an_edit_without_a_connection_is_told_why_and_kept(cable: Cable, bob: Seat) -> None:
    page = enter(bob)
    say(page, "teh cat")
    begin_edit(page, "teh cat", "the cat")
    cable.cut()
    expect(page.locator("#connection-notice")).to_contain_text("Reconnecting")
    editor_of(page).press("Enter")
    alert = page.locator(".editor-error")
    expect(alert).to_contain_text("There is no connection just now")
    cable.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#connection-notice")).to_be_hidden()
    editor_of(page).press("Enter")
    expect(stored_row(page, "the cat")).to_contain_text("edited")
    bob.errors.clear()


def test_what_was_sent_without_a_connection_survives_closing_the_page(
    cable: Cable, bob: Seat, seat: TakeSeat
) -> None:
    alice = enter(seat("alice"))
    enter(bob)
    cable.cut()
    expect(bob.page.locator("#connection-notice")).to_be_visible()
    send(bob.page, "not lost")
    write(bob.page, "half a sent")
    bob.page.close()
    cable.mend()
    bob.page = bob.context.new_page()
    enter(bob)
    expect(stored_row(bob.page, "not lost")).to_have_count(1)
    expect(row(alice, "not lost")).to_have_count(1)
    expect(bob.page.locator("#composer-text")).to_have_value("half a sent")
    bob.errors.clear()


def test_a_browser_that_thinks_itself_offline_is_not_believed_while_all_goes(
    seat: TakeSeat,
) -> None:
    page, bob = enter(seat("alice")), enter(seat("bob"))
    page.evaluate(
        "Object.defineProperty(navigator, 'onLine', {value: false});"
        "dispatchEvent(new Event('offline'))"
    )
    send(page, "all goes")
    expect(stored_row(page, "all goes")).to_be_visible()
    expect(row(bob, "all goes")).to_be_visible()
    page.wait_for_timeout(2_000)  # longer than a lost connection goes unmentioned
    expect(page.locator("#connection-notice")).to_be_hidden()


def test_a_lost_socket_is_told_of_whatever_the_browser_thinks(cable: Cable, bob: Seat) -> None:
    page = enter(bob)
    page.evaluate("Object.defineProperty(navigator, 'onLine', {value: false})")
    cable.cut()
    notice = page.locator("#connection-notice")
    expect(notice).to_contain_text("Reconnecting")
    expect(notice).not_to_contain_text("offline")
    cable.mend()
    page.evaluate("document.querySelector('#connection-notice [data-action=try]').click()")
    expect(notice).to_be_hidden()
    bob.errors.clear()  # a page says in its console that its server is away


def test_a_killed_server_is_shown_and_try_now_comes_back(seat: TakeSeat) -> None:
    alice = seat("alice")
    page = enter(alice)
    alice.server.kill9()
    notice = page.locator("#connection-notice")
    expect(notice).to_contain_text("Reconnecting")
    send(page, "hello?")
    alice.server.start()
    # It may come back by itself before the button is reached.
    page.evaluate("document.querySelector('#connection-notice [data-action=try]').click()")
    expect(stored_row(page, "hello?")).to_be_visible()
    expect(notice).to_be_hidden()
    alice.errors.clear()


def test_who_is_signed_out_elsewhere_is_told_and_led_to_sign_in(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    page = enter(seat("alice"))
    sqlite_site.shell(
        "from django.contrib.sessions.models import Session\nSession.objects.all().delete()"
    )
    notice = page.locator("#connection-notice")
    expect(notice).to_contain_text("signed out")
    notice.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=/rooms/lounge/"))


def test_who_is_blocked_is_told(seat: TakeSeat, sqlite_site: Site) -> None:
    page = enter(seat("bob"))
    sqlite_site.shell(
        "from chat.models import User\n"
        "from chat.actions.people import block_person\n"
        "block_person(*(User.objects.get(username=name) for name in ('alice', 'bob')))"
    )
    expect(page.locator("#connection-notice")).to_contain_text("blocked")
    expect(page.locator("#connection-notice [data-action=try]")).to_be_hidden()


def test_who_is_taken_out_of_the_room_is_told_and_finds_it_no_more_among_theirs(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    page = enter(seat("bob"))
    sqlite_site.shell(
        "from chat.models import Room, User\n"
        "from chat.actions.rooms import remove_member\n"
        "people = {user.username: user for user in User.objects.all()}\n"
        "remove_member(people['alice'], Room.objects.get(slug='lounge'), people['bob'])"
    )
    expect(page.locator("#room-lost")).to_contain_text("removed from this room")
    expect(page.locator("#composer")).to_be_hidden()
    expect(page.locator("#rooms .room-link-name")).to_have_text(["Den"])


def test_a_room_that_is_opened_again_lives_again(seat: TakeSeat, sqlite_site: Site) -> None:
    page = enter(seat("bob"))
    page.locator("#composer-text").fill("half a word")
    for act, shown in (("archive_room", False), ("unarchive_room", True)):
        sqlite_site.shell(
            f"from chat.actions.rooms import {act} as act\n"
            "from chat.models import Room, User\n"
            "act(User.objects.get(username='alice'), Room.objects.get(slug='lounge'))"
        )
        expect(page.locator("#room-lost")).to_be_visible(visible=not shown)
        expect(page.locator("#composer")).to_be_visible(visible=shown)
    expect(page.locator("#composer-text")).to_have_value("half a word")


def test_an_old_page_offers_to_be_loaded_anew(seat: TakeSeat) -> None:
    page = seat("alice").page
    page.route_web_socket(re.compile("/ws/chat/"), speak_as_another_build)
    page.goto(page_address := seat("alice").server.origin + "/rooms/lounge/")
    expect(page.locator("#build-notice")).to_be_visible()
    with page.expect_navigation(url=page_address):
        page.locator("#build-notice").get_by_role("button", name="Reload").click()


def speak_as_another_build(page: WebSocketRoute) -> None:
    server = page.connect_to_server()
    server.on_message(
        lambda text: page.send(re.sub(r'"build":"\w+"', '"build":"newer"', str(text)))
    )
