"""A browser whose clock is an hour wrong: numbers make the order, not times."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cable import Cable
from tests.browser.conftest import Seat
from tests.browser.talk import enter, expect_read, row, say_many, send, stored_row
from tests.live.servers import Daphne
from tests.live.site import Site

TakeSeat = Callable[..., Seat]

HOUR = 3_600_000
SHIFTED = """
const Right = Date;
globalThis.Date = class extends Right {
  constructor(...given) { super(...(given.length ? given : [Right.now() + SHIFT])); }
  static now() { return Right.now() + SHIFT; }
};
"""
COMES_BACK_WITHIN = 20_000
"""Milliseconds: the longest pause between two tries, and a try."""


@pytest.mark.parametrize("shift", [HOUR, -HOUR], ids=["an hour ahead", "an hour behind"])
def test_order_and_unread_are_right_though_a_clock_is_wrong(
    seat: TakeSeat, server: Daphne, sqlite_site: Site, shift: int
) -> None:
    alice, bob = seat("alice"), seat("bob")
    bob.page.add_init_script(SHIFTED.replace("SHIFT", str(shift)))
    with Cable(server.port) as cable:
        bob.origin = f"http://127.0.0.1:{cable.port}"
        pages = [enter(alice), enter(bob)]
        assert abs(clock(bob.page) - clock(alice.page) - shift) < 60_000, "the clocks differ"

        said = [take_turns(pages, number) for number in range(6)]
        cable.cut()
        expect(bob.page.locator("#connection-notice")).to_be_visible()
        for text in ("first unsent", "second unsent"):
            send(bob.page, text)
        assert shown(bob.page) == [*said, "first unsent", "second unsent"], "unsent stands last"
        send(alice.page, "said meanwhile")
        expect(stored_row(alice.page, "said meanwhile")).to_be_visible()
        cable.mend()
        expect(stored_row(bob.page, "second unsent")).to_be_visible(timeout=COMES_BACK_WITHIN)

        for page in pages:
            expect(stored_row(page, "second unsent")).to_be_visible()
            assert shown(page) == [*said, "said meanwhile", "first unsent", "second unsent"]
            assert shown(page) == log_of(sqlite_site)
        assert times(bob.page) == times(alice.page), "the server's times"
        assert days(bob.page) == days(alice.page)

        expect_read(sqlite_site, bob.page, "bob", len(said) + 3)
        enter(bob, "/rooms/den/")
        say_many(sqlite_site, "alice", "lounge", 3)
        unread = bob.page.locator(".room-link", has_text="Lounge").locator("[data-slot=unread]")
        expect(unread).to_have_text("3")
        enter(bob)
        expect(row(bob.page, "word 3.")).to_be_in_viewport()
        expect(bob.page.locator(".new-line")).to_have_count(1)
        bob.page.close()
    bob.errors.clear()  # a page says in its console that its server is away


def clock(page: Page) -> int:
    return int(page.evaluate("Date.now()"))


def take_turns(pages: list[Page], number: int) -> str:
    send(pages[number % 2], text := f"turn {number}")
    for page in pages:
        expect(stored_row(page, text)).to_be_visible()
    return text


def shown(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".message-body").all_inner_texts()]


def log_of(site: Site) -> list[str]:
    bodies: list[str] = site.shell(
        "from chat.models import Message\n"
        "messages = Message.objects.filter(room__slug='lounge').order_by('seq')\n"
        "result = list(messages.values_list('body', flat=True))"
    )
    return bodies


def times(page: Page) -> list[str]:
    return [str(time) for time in page.locator(".message time").evaluate_all(TIMES)]


TIMES = "times => times.map(time => time.dateTime.slice(0, 19))"


def days(page: Page) -> list[str | None]:
    lines = page.locator(".day-line time").all()
    return [line.get_attribute("datetime") for line in lines]
