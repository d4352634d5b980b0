"""A lost connection, in each engine: it is shown, it comes back, nothing is lost or doubled."""

from tests.browser.cable import Cable
from tests.browser.engines.conftest import SitDown
from tests.browser.engines.screen import Screen
from tests.browser.engines.talk import COMPOSER, STORED, enter, hear, heard, say
from tests.live.servers import Daphne

COMES_BACK_WITHIN = 20.0
NOTICE = "#connection-notice"


def test_words_on_both_sides_of_a_cut_cable_end_in_one_order(
    sit_down: SitDown, cable: Cable
) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob", cable))
    cable.cut()
    is_told(bob)
    say(alice, "are you there?")
    hear(alice, text="are you there?")
    for text in ("in a tunnel", "still in it"):
        say(bob, text)
        bob.until_seen(".message.is-sending", text)
    bob.fill(COMPOSER, "half a sentence")
    assert heard(bob) == []

    cable.mend()
    come_back(bob)
    said = ["are you there?", "in a tunnel", "still in it"]
    for screen in (alice, bob):
        screen.until_seen(STORED, "still in it", within=COMES_BACK_WITHIN)
        assert heard(screen) == said == screen.texts(".message-body")
    bob.until_gone(NOTICE)
    assert bob.value(COMPOSER) == "half a sentence"
    bob.complaints.clear()


def test_a_server_that_was_killed_and_is_back_finds_both_as_they_were(
    sit_down: SitDown, server: Daphne
) -> None:
    screens = [enter(sit_down("alice")), enter(sit_down("bob"))]
    server.kill9()
    for screen in screens:
        is_told(screen)
    say(screens[0], "hello?")
    say(screens[1], "is anybody here?")
    server.start()
    for screen in screens:
        come_back(screen)
    for text in ("hello?", "is anybody here?"):
        for screen in screens:
            screen.until_seen(STORED, text, within=COMES_BACK_WITHIN)
    assert heard(screens[0]) == heard(screens[1])
    assert len(heard(screens[0])) == 2
    for screen in screens:
        screen.complaints.clear()


def test_what_was_not_sent_is_sent_after_a_reload(sit_down: SitDown, cable: Cable) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob", cable))
    cable.cut()
    bob.until_seen(NOTICE)
    say(bob, "not lost")
    bob.until_seen(".message.is-sending", "not lost")
    bob.fill(COMPOSER, "half a sentence")
    cable.mend()
    enter(bob)
    hear(alice, bob, text="not lost")
    assert heard(alice) == heard(bob) == ["not lost"]
    assert bob.value(COMPOSER) == "half a sentence"
    bob.complaints.clear()


def is_told(screen: Screen) -> None:
    screen.until(lambda: "Reconnecting" in "".join(screen.texts(NOTICE)))


def come_back(screen: Screen) -> None:
    """It may have come back by itself before the button is reached."""
    screen.run("(notice) => document.querySelector(`${notice} [data-action=try]`).click()", NOTICE)
