"""The whole way without a mouse, in each engine."""

from tests.browser.engines.conftest import SitDown
from tests.browser.engines.talk import COMPOSER, enter, hear, heard, say

ROW = ".message"
EDITOR = ".editor textarea"


def test_messages_are_walked_and_used_by_keys(sit_down: SitDown) -> None:
    alice = enter(sit_down("alice"))
    for text in ("first", "second"):
        say(alice, text)
        hear(alice, text=text)
    alice.press("Shift+Tab")
    alice.until_focused(ROW, "second")
    alice.press("ArrowUp")
    alice.until_focused(ROW, "first")
    alice.press("e")
    alice.until_focused(EDITOR)
    assert alice.value(EDITOR) == "first"
    alice.press("Escape")
    alice.until_gone(EDITOR)

    alice.focus(ROW, "first")
    alice.press("r")
    alice.until_focused(COMPOSER)
    assert "first" in alice.texts("#composer-reply")[0]
    alice.press("Escape")
    alice.until_gone("#composer-reply")

    alice.focus(ROW, "second")
    alice.press("Escape")
    alice.until_focused(COMPOSER)
    assert heard(alice) == ["first", "second"]


def test_a_message_is_reacted_to_answered_edited_and_deleted_by_keys(sit_down: SitDown) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    say(alice, "words")
    hear(alice, bob, text="words")
    alice.focus(ROW, "words")
    alice.press("Tab")
    alice.until_focused(".tools button", "words")
    alice.press("Enter")
    bob.until_reads(".reaction-count", "1", "words")

    alice.focus(COMPOSER)
    alice.press("ArrowUp")
    alice.until_focused(EDITOR)
    alice.type(" and more")
    alice.press("Enter")
    hear(alice, bob, text="words and more")

    alice.focus(ROW, "words and more")
    alice.press("d")
    alice.until_seen("#delete-dialog")
    alice.press("Enter")
    bob.until_seen(".message-body", "This message was deleted.")


def test_enter_sends_shift_and_enter_break_and_composing_does_neither(sit_down: SitDown) -> None:
    alice = enter(sit_down("alice"))
    alice.focus(COMPOSER)
    alice.type("one")
    alice.press("Shift+Enter")
    alice.type("two")
    alice.run(COMPOSING_ENTER, COMPOSER)
    assert alice.value(COMPOSER) == "one\ntwo"
    alice.press("Enter")
    hear(alice, text="one\ntwo")
    assert heard(alice) == ["one\ntwo"]


COMPOSING_ENTER = """(selector) => {
  const field = document.querySelector(selector);
  const enter = { key: "Enter", bubbles: true, cancelable: true };
  for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
    field.dispatchEvent(new KeyboardEvent("keydown", { ...enter, ...how }));
  }
}"""
"""As Chromium and Firefox tell of it, and as Safari does."""
