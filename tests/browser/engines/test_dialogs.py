"""What opens over the page, in each engine: it takes the focus, and Escape gives it back."""

import pytest

from tests.browser.engines.conftest import SitDown
from tests.browser.engines.screen import Screen
from tests.browser.engines.talk import COMPOSER, enter, hear, say, use_tool

ROW = ".message"
PHONE = (360, 740)
FOCUS_IS_INSIDE = "(selector) => document.querySelector(selector).contains(document.activeElement)"


@pytest.mark.parametrize(
    ("key", "dialog"),
    [("Enter", "#message-sheet"), ("d", "#delete-dialog"), ("+", "#emoji-picker")],
    ids=["sheet", "deletion", "emoji"],
)
def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(
    sit_down: SitDown, key: str, dialog: str
) -> None:
    alice = enter(sit_down("alice"))
    say(alice, "words")
    hear(alice, text="words")
    alice.focus(ROW, "words")
    alice.press(key)
    alice.until_seen(dialog)
    alice.until(lambda: alice.run(FOCUS_IS_INSIDE, dialog))
    for _ in range(2):
        alice.press("Tab")
        in_the_page = alice.run("(what) => document.activeElement.matches(what)", "main *")
        assert not in_the_page, "the page behind is out of reach"
    alice.press("Escape")
    alice.until_gone(dialog)
    alice.until_focused(ROW, "words")


def test_any_emoji_is_found_by_its_name(sit_down: SitDown) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    say(alice, "look")
    hear(alice, text="look")
    use_tool(alice, "look", "pick")
    alice.until_seen(".emoji-choice")
    alice.until_focused(".emoji-search")
    alice.type("giraffe")
    alice.until(lambda: len(alice.texts(".emoji-choice")) == 1)
    alice.press("Enter")
    bob.until_reads(".reaction-emoji", "🦒", "look")


def test_a_click_beside_the_sheet_closes_it_and_the_keyboard_goes_on(sit_down: SitDown) -> None:
    alice = enter(sit_down("alice"))
    say(alice, "words")
    hear(alice, text="words")
    use_tool(alice, "words", "menu")
    alice.until_seen("#message-sheet")
    box = alice.run(BOX, "#message-sheet")
    assert box["left"] >= 0, "the sheet stands inside the window"
    assert box["right"] <= box["width"], box
    assert box["bottom"] <= box["height"], box
    alice.press("Escape")
    alice.until_gone("#message-sheet")
    alice.click(COMPOSER)
    alice.until_focused(COMPOSER)


BOX = """(selector) => {
  const { left, right, bottom } = document.querySelector(selector).getBoundingClientRect();
  return { left, right, bottom, width: innerWidth, height: innerHeight };
}"""


def test_on_a_narrow_window_the_rooms_are_a_drawer(sit_down: SitDown) -> None:
    alice = sit_down("alice")
    alice.resize(*PHONE)
    enter(alice)
    assert not alice.sees("#sidebar")
    alice.click("[popovertarget=sidebar]")
    alice.until_seen("#sidebar")
    alice.press("Escape")
    alice.until_gone("#sidebar")
    alice.click("[popovertarget=sidebar]")
    alice.click("#rooms a[href='/rooms/den/']")
    alice.until_reads("#room-name", "Den")
    alice.until_gone("#sidebar")
    assert not alice.run("() => document.scrollingElement.scrollWidth > innerWidth")


def test_a_menu_in_the_drawer_goes_with_it_and_the_page_lives_on(sit_down: SitDown) -> None:
    """WebKit laid out for ever what was anchored to a button that was not shown."""
    alice = enter(sit_down("alice"))
    alice.resize(*PHONE)
    alice.until_gone("#sidebar")
    open_menu_in_drawer(alice)
    alice.press("Escape")
    alice.until_gone("#account-menu")
    alice.press("Escape")
    alice.until_gone("#sidebar")
    open_menu_in_drawer(alice)
    alice.click(".sidebar-close")
    alice.until_gone("#sidebar")
    alice.resize(1440, 900)
    alice.until_seen("#sidebar")


def open_menu_in_drawer(screen: Screen) -> None:
    screen.click("[popovertarget=sidebar]")
    screen.click(".sidebar [popovertarget=account-menu]")
    screen.until_seen("#account-menu")


def test_who_is_here_opens_and_closes(sit_down: SitDown) -> None:
    alice, _bob = enter(sit_down("alice")), enter(sit_down("bob"))
    alice.until_reads("#here-count", "2 here")
    alice.click("#here")
    alice.until(lambda: alice.texts("#here-people .person-name") == ["alice", "bob"])
    box = alice.run(BOX, "#here-list")
    assert box["left"] >= 0
    assert box["right"] <= box["width"], box
    alice.press("Escape")
    alice.until_gone("#here-list")
