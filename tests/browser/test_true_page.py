"""What the page tells is so: days, one's own reactions, where a link leads; on paper as well."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Seat
from tests.browser.talk import enter, have_read, row, say_many, send, stored_row, use_tool
from tests.live.site import Site

TakeSeat = Callable[..., Seat]


def test_lines_move_with_the_day(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 2)
    said_at(sqlite_site, 1, "2026, 3, 3, 12")
    said_at(sqlite_site, 2, "2026, 3, 4, 12")
    alice = seat("alice", timezone_id="Asia/Tokyo")
    alice.clock.install(time=datetime.fromisoformat("2026-03-04T23:30:00+09:00"))
    page = enter(alice)
    days = page.locator(".day-line")
    expect(days).to_have_text(["Yesterday", "Today"])
    alice.clock.pause_at(datetime.fromisoformat("2026-03-04T23:58:30+09:00"))
    alice.clock.run_for(89_000)
    expect(days).to_have_text(["Yesterday", "Today"])
    alice.clock.run_for(2_000)
    expect(days).to_have_text([re.compile("March"), "Yesterday"])


def test_lines_are_right_after_sleep_and_in_another_zone(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 1)
    said_at(sqlite_site, 1, "2026, 3, 4, 12")
    alice = seat("alice", locale="en-GB")
    travel = alice.context.new_cdp_session(alice.page)
    travel.send("Emulation.setTimezoneOverride", {"timezoneId": "UTC"})
    alice.clock.set_fixed_time(datetime.fromisoformat("2026-03-04T22:00:00+00:00"))
    page = enter(alice)
    expect(page.locator(".day-line")).to_have_text("Today")
    expect(page.locator(".message time")).to_have_text("12:00")
    alice.clock.set_fixed_time(datetime.fromisoformat("2026-03-05T07:00:00+00:00"))
    wake(page)
    expect(page.locator(".day-line")).to_have_text("Yesterday")
    travel.send("Emulation.setTimezoneOverride", {"timezoneId": "Pacific/Honolulu"})
    wake(page)
    expect(page.locator(".message time")).to_have_text("2:00")
    expect(page.locator(".day-line")).to_have_text("Today")
    page.close()


def said_at(site: Site, seq: int, moment: str) -> None:
    site.shell(
        "from datetime import datetime, UTC\n"
        "from chat.models import Message\n"
        f"moment = datetime({moment}, tzinfo=UTC)\n"
        f"Message.objects.filter(room__slug='lounge', seq={seq}).update(created_at=moment)"
    )


def wake(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


CROWD = """
from chat.models import Membership, Message, Reaction, Room, User
room = Room.objects.get(slug='lounge')
message = Message.objects.get(room=room, seq=1)
fans = User.objects.bulk_create([User(username=f'fan{n}') for n in range(100)])
Membership.objects.bulk_create([Membership(user=fan, room=room) for fan in fans])
Reaction.objects.bulk_create([Reaction(message=message, user=fan, emoji='👍') for fan in fans])
"""


def test_the_last_of_a_hundred_and_one_sees_theirs_and_takes_it_back(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 1)
    sqlite_site.shell(CROWD)
    here, elsewhere, bob = enter(seat("alice")), enter(seat("alice")), enter(seat("bob"))
    reaction = ".reaction"
    here.locator(reaction).click()
    for page in (here, elsewhere):
        expect(page.locator(".reaction-count")).to_have_text("101")
        expect(page.locator(reaction)).to_have_attribute("aria-pressed", "true")
        expect(page.locator(reaction)).to_have_attribute("title", re.compile("You"))
    expect(bob.locator(".reaction-count")).to_have_text("101")
    expect(bob.locator(reaction)).to_have_attribute("aria-pressed", "false")
    use_tool(bob, "word 1.", "react")
    for page in (here, elsewhere, bob):
        expect(page.locator(".reaction-count")).to_have_text("102")
        expect(page.locator(reaction)).to_have_attribute("aria-pressed", "true")
    here.reload()
    assert 'aria-pressed="true"' in here.request.get(here.url).text(), "at first paint too"
    expect(here.locator(reaction)).to_have_attribute("aria-pressed", "true")
    elsewhere.locator(reaction).click()
    for page in (here, elsewhere):
        expect(page.locator(".reaction-count")).to_have_text("101")
        expect(page.locator(reaction)).to_have_attribute("aria-pressed", "false")


def test_who_reacted_is_named_though_they_never_spoke_here(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 1)
    sqlite_site.shell(
        "from chat.models import Membership, Message, Reaction, Room, User\n"
        "fan = User.objects.create(username='fan', name='Fan of Words')\n"
        "room = Room.objects.get(slug='lounge')\n"
        "Membership.objects.create(user=fan, room=room)\n"
        "message = Message.objects.get(room=room, seq=1)\n"
        "Reaction.objects.create(message=message, user=fan, emoji='👍')"
    )
    reaction = enter(seat("alice")).locator(".reaction")
    expect(reaction).to_have_attribute("title", re.compile("Fan of Words"))
    expect(reaction).to_have_attribute("aria-label", re.compile("Fan of Words"))


def test_an_emoji_from_the_quick_row_and_from_the_picker_is_one(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "look")
    expect(stored_row(bob, "look")).to_be_visible()
    use_tool(alice, "look", "react")
    use_tool(bob, "look", "pick")
    bob.keyboard.type("thumbs up")
    bob.locator(".emoji-choice", has_text="👍").first.click()
    expect(row(alice, "look").locator(".reaction-count")).to_have_text("2")
    expect(row(alice, "look").locator(".reaction")).to_have_count(1)
    use_tool(bob, "look", "react")
    expect(row(alice, "look").locator(".reaction-count")).to_have_text("1")


def test_a_link_to_a_message_leads_to_it_after_joining(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "den", 200)
    page = seat("carol").visit("/rooms/den/at/60/")
    page.get_by_role("button", name="Join this room").click()
    expect(page.locator(".message.is-marked")).to_contain_text("word 60.")
    expect(page.locator(".message.is-marked")).to_be_in_viewport()


def test_a_finger_that_was_down_before_presses_nothing_in_the_sheet(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "alice", "lounge", 60)
    alice = seat("alice", **PHONE)
    page = enter(alice)
    box = row(page, "word 60.").locator(".message-body").bounding_box()
    assert box
    finger = alice.context.new_cdp_session(page)
    where = {"x": box["x"] + 20, "y": box["y"] + box["height"] / 2}
    sheet = page.locator("#message-sheet")
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [where]})
    expect(sheet).to_be_visible()
    assert page.evaluate(
        "({x, y}) => document.elementFromPoint(x, y).closest('#message-sheet') !== null", where
    ), "the finger is over the sheet"
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.evaluate(  # as browsers that send a click to whatever is under the finger then
        "({x, y}) => document.elementFromPoint(x, y).dispatchEvent("
        "new PointerEvent('click', {bubbles: true, detail: 1, pointerType: 'touch'}))",
        where,
    )
    expect(sheet).to_be_visible()
    expect(page.locator(".editor")).to_have_count(0)
    expect(page.locator("#delete-dialog")).to_be_hidden()
    sheet.locator("[data-action=edit]").tap()
    expect(page.locator(".editor")).to_be_visible()


LOOKS = """each => {
  const {backgroundColor, color, borderTopColor, outlineStyle} = getComputedStyle(each);
  return [backgroundColor, color, borderTopColor, outlineStyle].join(" ");
}"""


def test_in_forced_colours_ones_own_and_the_open_room_are_told_apart(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 2)
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    use_tool(alice, "word 1.", "react")
    expect(bob.locator(".reaction")).to_be_visible()
    use_tool(bob, "word 2.", "react")
    expect(alice.locator(".reaction")).to_have_count(2)
    alice.emulate_media(forced_colors="active")
    alice.mouse.move(0, 0)
    mine, theirs = (row(alice, f"word {n}.").locator(".reaction").evaluate(LOOKS) for n in (1, 2))
    assert mine != theirs
    open_room, other = (
        alice.locator("#rooms a", has_text=name).evaluate(LOOKS) for name in ("Lounge", "Den")
    )
    assert open_room != other
    alice.emulate_media(forced_colors="none")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_stands_all_of_the_log_that_is_loaded(
    seat: TakeSeat, sqlite_site: Site, tmp_path: Path, scheme: str
) -> None:
    say_many(sqlite_site, "bob", "lounge", 90)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice", color_scheme=scheme))
    expect(row(page, "word 41.")).to_be_attached()
    page.emulate_media(media="print")
    for chrome in ("#composer", "#sidebar", "#newest", "#room-menu-button", "#here"):
        expect(page.locator(chrome)).to_be_hidden()
    height = page.evaluate("document.scrollingElement.scrollHeight")
    rows = page.locator(".message")
    whole = rows.first.evaluate("row => row.getBoundingClientRect().top + scrollY")
    assert whole >= 0
    assert rows.last.evaluate("row => row.getBoundingClientRect().bottom + scrollY") <= height + 1
    paper = page.pdf(path=tmp_path / "log.pdf")
    pages = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert pages > 1
    page.emulate_media(media="screen")
