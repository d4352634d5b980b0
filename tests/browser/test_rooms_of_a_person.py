"""The rooms at the side: what is unread in each, live, and in the tab's title."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.talk import enter, row, send
from tests.live.site import Site

TakeSeat = Callable[..., Seat]


def test_what_is_unread_in_another_room_is_counted_at_once(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"), "/rooms/den/")
    den = alice.locator("#rooms a", has_text="Den")
    expect(den.locator(".badge")).to_be_hidden()
    for text in ("one", "two", "three"):
        send(bob, text)
    expect(den.locator("[data-slot=unread]")).to_have_text("3")
    expect(alice).to_have_title("(3) Lounge · Chatsite")
    den.click()
    expect(row(alice, "three")).to_be_in_viewport()
    expect(alice).to_have_title("Den · Chatsite")
    expect(den.locator(".badge")).to_be_hidden()


def test_what_was_read_in_one_tab_is_read_in_the_other(seat: TakeSeat) -> None:
    one, other, bob = enter(seat("alice")), seat("alice"), enter(seat("bob"), "/rooms/den/")
    enter(other)
    send(bob, "news")
    for page in (one, other.page):
        expect(page).to_have_title("(1) Lounge · Chatsite")
    enter(other, "/rooms/den/")
    expect(one).to_have_title("Lounge · Chatsite")


def test_everything_can_be_marked_as_read(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"), "/rooms/den/")
    send(bob, "news")
    button = alice.get_by_role("button", name="Mark all as read")
    button.click()
    expect(button).to_be_hidden()
    expect(alice).to_have_title("Lounge · Chatsite")
    alice.reload()
    expect(alice.locator("#here")).to_be_visible()
    expect(alice).to_have_title("Lounge · Chatsite")


def test_a_room_that_one_joins_elsewhere_appears_and_one_that_one_leaves_goes(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    page = enter(seat("carol"))
    names = page.locator("#rooms .room-link-name")
    expect(names).to_have_text(["Lounge"])
    act = (
        "from chat.models import Room, User\n"
        "from chat.actions.rooms import join_room, leave_room\n"
        "{}(User.objects.get(username='carol'), Room.objects.get(slug='den'))"
    )
    sqlite_site.shell(act.format("join_room"))
    expect(names).to_have_text(["Den", "Lounge"])
    sqlite_site.shell(act.format("leave_room"))
    expect(names).to_have_text(["Lounge"])


def test_a_renamed_room_is_renamed_on_open_pages(seat: TakeSeat, sqlite_site: Site) -> None:
    page = enter(seat("bob"))
    sqlite_site.shell(
        "from chat.models import Room, User\n"
        "from chat.actions.rooms import rename_room\n"
        "alice = User.objects.get(username='alice')\n"
        "rename_room(alice, Room.objects.get(slug='lounge'), 'Salon')"
    )
    expect(page.locator("#room-name")).to_have_text("Salon")
    expect(page.locator("#rooms a[aria-current] .room-link-name")).to_have_text("Salon")
    expect(page).to_have_title("Salon · Chatsite")
    expect(page).to_have_url(re.compile("/rooms/salon/$"))


def test_a_hidden_tab_reads_nothing(seat: TakeSeat) -> None:
    alice, bob = seat("alice"), enter(seat("bob"))
    page = enter(alice)
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    send(bob, "psst")
    expect(page).to_have_title("(1) Lounge · Chatsite")
    expect(page.locator(".new-line")).to_be_visible()
    page.evaluate(
        "delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))"
    )
    expect(page).to_have_title("Lounge · Chatsite")
    expect(page.locator(".new-line")).to_be_visible()
