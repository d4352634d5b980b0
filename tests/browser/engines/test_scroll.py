"""A long log, in each engine: where it opens, what stays where it is, and the way to its ends."""

from tests.browser.engines.conftest import SitDown
from tests.browser.engines.screen import Screen
from tests.browser.engines.talk import enter, hear, say
from tests.browser.talk import have_read, say_many
from tests.live.site import Site

NEWEST = "#newest"
BODY = ".message-body"
STANDS_STILL_WITHIN = 2
"""CSS pixels."""


def test_older_pages_come_on_scrolling_up_and_the_text_stands_still(
    sit_down: SitDown, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 180)
    have_read(sqlite_site, "alice")
    alice = enter(sit_down("alice"))
    alice.until_in_view(BODY, "word 180.")
    alice.until_seen(BODY, "word 85.")
    assert not alice.sees(BODY, "word 60.")
    scroll_to_top(alice)
    before = alice.top(BODY, "word 85.")
    alice.until_seen(BODY, "word 60.")
    alice.run(NEXT_FRAME)
    assert abs(alice.top(BODY, "word 85.") - before) < STANDS_STILL_WITHIN
    scroll_to_top(alice)
    alice.until_seen(BODY, "word 1.")
    scroll_to_top(alice)
    alice.until_seen("#log-start")
    alice.until_in_view("#log-start")


def test_who_reads_far_up_is_not_moved_by_what_others_do(
    sit_down: SitDown, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 60)
    have_read(sqlite_site, "alice")
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    alice.until_in_view(BODY, "word 60.")
    alice.until_gone(NEWEST)
    scroll_up_by(alice, 900)
    alice.until_reads(NEWEST, "Newest")
    before = alice.top(BODY, "word 45.")
    say(bob, "something new")
    alice.until_reads(NEWEST, "1 new message")
    assert abs(alice.top(BODY, "word 45.") - before) < STANDS_STILL_WITHIN
    alice.click(NEWEST)
    alice.until_in_view(BODY, "something new")
    alice.until_gone(NEWEST)


def test_who_stays_at_the_end_follows_the_talk(sit_down: SitDown, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 40)
    have_read(sqlite_site, "alice")
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    alice.until_in_view(BODY, "word 40.")
    say(bob, "one more")
    alice.until_in_view(BODY, "one more")
    say(alice, "and mine")
    hear(alice, text="and mine")
    alice.until_in_view(BODY, "and mine")
    alice.until_gone(NEWEST)


def test_a_wheel_scrolls_the_log(sit_down: SitDown, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 90)
    have_read(sqlite_site, "alice")
    alice = enter(sit_down("alice"))
    alice.until_in_view(BODY, "word 90.")
    alice.wheel(-1000, BODY, "word 88.")
    alice.until_reads(NEWEST, "Newest")
    alice.until(lambda: distance_from_end(alice) > 400)
    alice.until(lambda: is_at_end_after_a_turn(alice))
    alice.until_gone(NEWEST)


def test_a_permalink_shows_its_message_and_the_talk_on_both_sides(
    sit_down: SitDown, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 200)
    alice = enter(sit_down("alice"), "/rooms/lounge/at/100/")
    alice.until_in_view(".is-marked .message-body", "word 100.")
    scroll_to_end(alice)
    alice.until_seen(BODY, "word 150.")
    scroll_to_top(alice)
    alice.until_seen(BODY, "word 50.")


def test_five_hundred_unread_can_be_read_from_the_first(
    sit_down: SitDown, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 500)
    alice = enter(sit_down("alice"))
    alice.until_in_view(BODY, "word 1.")
    assert alice.is_in_view(".new-line")
    alice.click(NEWEST)
    alice.until_in_view(BODY, "word 500.")


def is_at_end_after_a_turn(screen: Screen) -> bool:
    screen.wheel(500, "#log-scroller")
    return distance_from_end(screen) < 1


def scroll_up_by(screen: Screen, distance: int) -> None:
    """In CSS pixels, from the end."""
    screen.run(SCROLL, -distance)


def scroll_to_top(screen: Screen) -> None:
    screen.run(SCROLL, -1_000_000)


def scroll_to_end(screen: Screen) -> None:
    screen.run(SCROLL, 0)


def distance_from_end(screen: Screen) -> float:
    return -float(screen.run("() => document.getElementById('log-scroller').scrollTop"))


SCROLL = "(top) => { document.getElementById('log-scroller').scrollTop = top; }"
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
