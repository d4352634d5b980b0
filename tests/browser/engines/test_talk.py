"""Two people in a room, in each engine."""

from tests.browser.engines.conftest import SitDown
from tests.browser.engines.screen import Screen
from tests.browser.engines.talk import COMPOSER, enter, hear, heard, say, use_menu, use_tool


def test_each_sees_what_the_other_says_edits_and_deletes(sit_down: SitDown) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    say(alice, "hello **Bob**")
    say(bob, "helo Alice")
    hear(alice, bob, text="hello Bob")
    hear(alice, bob, text="helo Alice")

    use_tool(bob, "helo Alice", "edit")
    bob.until_focused(".editor textarea")
    bob.fill(".editor textarea", "hello Alice")
    bob.press("Enter")
    hear(alice, bob, text="hello Alice")

    use_menu(bob, "hello Alice", "delete")
    bob.click("#delete-dialog [value=yes]")
    for screen in (alice, bob):
        screen.until_seen(".message-body", "This message was deleted.")
        assert screen.texts(".message-body") == ["hello Bob", "This message was deleted."]


def test_a_reaction_and_an_answer_show_on_both_sides(sit_down: SitDown) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    say(alice, "good news")
    hear(alice, bob, text="good news")
    use_tool(bob, "good news", "react")
    for screen in (alice, bob):
        screen.until_reads(".reaction-count", "1", "good news")
    alice.click(".reaction", "good news")
    bob.until_reads(".reaction-count", "2", "good news")

    use_tool(bob, "good news", "reply")
    bob.until_focused(COMPOSER)
    bob.type("the best")
    bob.press("Enter")
    alice.until_seen(".quote", "the best")
    assert "good news" in alice.texts(".quote", "the best")[0]


def test_who_writes_is_named_and_their_words_break_where_they_broke_them(sit_down: SitDown) -> None:
    alice, bob = enter(sit_down("alice")), enter(sit_down("bob"))
    alice.focus(COMPOSER)
    alice.type("one")
    bob.until_reads("#typing", "alice is typing…")
    one_line = height(alice)
    alice.press("Shift+Enter")
    alice.type("two")
    assert height(alice) > one_line, "the field grows with what is in it"
    alice.press("Enter")
    hear(bob, text="one\ntwo")
    assert alice.value(COMPOSER) == ""
    assert height(alice) == one_line, "and shrinks again"


def height(screen: Screen) -> float:
    """Of the composer, in CSS pixels."""
    return float(screen.run("(field) => document.querySelector(field).offsetHeight", COMPOSER))


def test_the_page_says_the_same_before_and_after_its_scripts_run(sit_down: SitDown) -> None:
    alice = enter(sit_down("alice"))
    say(alice, "written")
    hear(alice, text="written")
    alice.reload()
    at_first = alice.run(WITHOUT_SCRIPTS)
    alice.until_seen("#here")
    assert at_first == heard(alice) == ["written"]


WITHOUT_SCRIPTS = """async () => {
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  await new Promise((loaded) => { request.onload = loaded; request.send(); });
  const bodies = request.response.querySelectorAll(".message-body");
  return [...bodies].map((each) => each.textContent.trim());
}"""
