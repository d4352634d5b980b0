"""From room to room and back, in and out, in each engine: a page that comes back is alive."""

from tests.browser.engines.conftest import SitDown
from tests.browser.engines.screen import Screen
from tests.browser.engines.talk import COMPOSER, enter, hear, heard, say
from tests.live.scenery import PASSWORD


def test_back_and_forward_find_each_room_alive_with_its_draft(sit_down: SitDown) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    say(alice, "before")
    hear(alice, bob, text="before")
    alice.fill(COMPOSER, "half a sentence")
    alice.click("#rooms a[href='/rooms/den/']")
    alice.until_reads("#room-name", "Den")
    alice.until_seen("#here")
    alice.fill(COMPOSER, "another half")
    say(bob, "meanwhile")
    hear(bob, text="meanwhile")

    for _ in range(2):
        alice.back()
        is_alive(alice, "Lounge", "half a sentence")
        hear(alice, text="meanwhile")
        alice.forward()
        is_alive(alice, "Den", "another half")
    alice.back()
    is_alive(alice, "Lounge", "half a sentence")
    alice.focus(COMPOSER)
    alice.press("Enter")
    hear(alice, bob, text="half a sentence")
    assert heard(alice) == heard(bob) == ["before", "meanwhile", "half a sentence"]


def is_alive(screen: Screen, room: str, draft: str) -> None:
    screen.until_reads("#room-name", room)
    screen.until(lambda: screen.texts("#here-count") in (["1 here"], ["2 here"]))
    screen.until_gone("#connection-notice")
    screen.until(lambda: screen.value(COMPOSER) == draft)


def test_signing_in_and_out(sit_down: SitDown) -> None:
    somebody = sit_down(None)
    somebody.visit("/rooms/lounge/")
    somebody.until_seen("main [name=login]")
    somebody.fill("main [name=login]", "alice")
    somebody.fill("main [name=password]", PASSWORD)
    somebody.press("Enter")
    somebody.until_seen("#here")
    say(somebody, "here I am")
    hear(somebody, text="here I am")

    somebody.click("[popovertarget=account-menu]")
    somebody.click("#account-menu form button")
    somebody.until_seen("main [name=login]")
    somebody.visit("/rooms/lounge/")
    somebody.until_seen("main [name=login]")
    somebody.back()
    somebody.until(lambda: not somebody.sees(".message-body", "here I am"))
