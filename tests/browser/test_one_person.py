"""One person, one name; and nobody's words on another's session."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cable import Cable
from tests.browser.conftest import Seat
from tests.browser.talk import enter, row, send, stored_row, use_tool, write
from tests.live.servers import Daphne
from tests.live.site import Site

Take = Callable[..., Seat]
COMES_BACK_WITHIN = 40_000
"""Milliseconds: a page that failed a few times waits up to 15 s before its next try."""


@pytest.fixture
def cable(server: Daphne) -> Iterator[Cable]:
    with Cable(server.port) as cable:
        yield cable


def rename(site: Site, username: str, name: str) -> None:
    site.shell(
        "from chat.actions.people import rename_person\n"
        "from chat.models import User\n"
        f"rename_person(User.objects.get(username={username!r}), {name!r})"
    )


def sign_in_as(seat: Seat, site: Site, username: str) -> None:
    """In another tab of the same browser."""
    session = site.people[username].session
    seat.context.add_cookies([{"name": "sessionid", "value": session, "url": seat.server.origin}])


def stored_keys(page: Page) -> list[str]:
    keys: list[str] = page.evaluate("Object.keys(localStorage)")
    return keys


def author_of(page: Page, text: str) -> str:
    return row(page, text).locator(".message-author").text_content() or ""


def test_a_new_name_stands_at_once_on_old_and_new_words_and_beside_quotes(
    seat: Take, sqlite_site: Site
) -> None:
    alice, bob = seat("alice"), seat("bob")
    one, other = enter(alice), enter(bob)
    send(one, "said before")
    send(other, "liked")
    stored_row(one, "liked").wait_for()
    use_tool(other, "said before", "reply")
    send(other, "an answer")
    use_tool(one, "liked", "react")
    expect(row(other, "liked").locator(".reaction")).to_have_attribute("title", "👍 by alice")
    rename(sqlite_site, "alice", "Countess")
    for page in (one, other):
        expect(row(page, "said before").locator(".message-author")).to_have_text("Countess")
        quote = row(page, "an answer").locator("[data-slot=quote-author]")
        expect(quote).to_have_text("Countess")
    expect(row(other, "liked").locator(".reaction")).to_have_attribute("title", "👍 by Countess")
    expect(one.locator(".account-name").first).to_have_text("Countess")
    other.locator("#here").click()
    expect(other.locator("#here-people")).to_contain_text("Countess")
    other.keyboard.press("Escape")
    # Longer than the page waits before it tells again that somebody types.
    one.locator("#composer-text").press_sequentially("written slowly", delay=300)
    expect(other.locator("#typing")).to_contain_text("Countess")
    send(one, "said after")
    stored_row(other, "said after").wait_for()
    assert {author_of(other, text) for text in ("said before", "said after")} == {"Countess"}
    other.reload()
    assert author_of(other, "said before") == "Countess"


def test_a_page_that_was_offline_meanwhile_learns_it(
    seat: Take, sqlite_site: Site, cable: Cable
) -> None:
    alice, bob = seat("alice"), seat("bob")
    bob.origin = f"http://127.0.0.1:{cable.port}"
    one, other = enter(alice), enter(bob)
    send(one, "said before")
    stored_row(other, "said before").wait_for()
    cable.cut()
    rename(sqlite_site, "alice", "Countess")
    expect(row(one, "said before").locator(".message-author")).to_have_text("Countess")
    assert author_of(other, "said before") == "alice"
    cable.mend()
    author = row(other, "said before").locator(".message-author")
    expect(author).to_have_text("Countess", timeout=COMES_BACK_WITHIN)
    bob.errors.clear()  # a page says in its console that its server is away


@pytest.mark.parametrize("device", [{}, {"viewport": {"width": 360, "height": 740}}])
def test_a_name_that_is_anothers_stands_with_the_username(
    seat: Take, sqlite_site: Site, device: dict[str, object]
) -> None:
    one, other = enter(seat("alice", **device)), enter(seat("bob"))
    send(one, "as myself")
    stored_row(other, "as myself").wait_for()
    rename(sqlite_site, "bob", "Alice")
    send(other, "as alice")
    for page in (one, other):
        author = row(page, "as alice").locator(".message-author")
        expect(author).to_have_text("Alice @bob")
        expect(author.locator(".person-username")).to_be_visible()
        expect(row(page, "as myself").locator(".message-author")).to_have_text("alice @alice")
    one.reload()
    expect(row(one, "as alice").locator(".message-author")).to_have_text("Alice @bob")
    rename(sqlite_site, "bob", "")
    expect(row(one, "as alice").locator(".message-author")).to_have_text("bob")
    expect(row(one, "as myself").locator(".message-author")).to_have_text("alice")


def test_what_was_written_offline_never_goes_out_under_anothers_name(
    seat: Take, sqlite_site: Site, cable: Cable
) -> None:
    shared, watcher = seat("alice"), seat("carol")
    shared.origin = f"http://127.0.0.1:{cable.port}"
    page, witness = enter(shared), enter(watcher)
    cable.cut()
    expect(page.locator("#connection-notice")).to_be_visible()
    send(page, "this is alice")
    write(page, "half a thought of alice's")
    sign_in_as(shared, sqlite_site, "bob")
    cable.mend()
    notice = page.locator("#connection-notice")
    told = "You are signed in as bob in this browser now."
    expect(notice).to_contain_text(told, timeout=COMES_BACK_WITHIN)
    expect(page.locator("#composer")).to_be_hidden()
    send(witness, "carol was here")
    expect(row(page, "carol was here")).to_have_count(0)
    keys = stored_keys(page)
    notice.get_by_role("button", name="Reload").click()
    stored_row(page, "carol was here").wait_for()
    expect(page.locator(".account-name").first).to_have_text("bob")
    expect(page.locator("#composer-text")).to_have_value("")
    assert row(page, "this is alice").count() == 0
    assert set(keys) <= set(stored_keys(page))
    send(page, "this is bob")
    stored_row(witness, "this is bob").wait_for()
    expect(row(witness, "this is alice")).to_have_count(0)
    sign_in_as(shared, sqlite_site, "alice")
    page.reload()
    stored_row(witness, "this is alice").wait_for()
    assert author_of(witness, "this is alice") == "alice"
    shared.errors.clear()


def test_a_post_that_breaks_the_line_three_times_waits_for_its_author(seat: Take) -> None:
    alice, bob = seat("alice"), seat("bob")
    broken = {"sent": 0}

    def stand_between(route: object) -> None:
        server = route.connect_to_server()  # type: ignore[attr-defined]

        def pass_on(frame: str) -> None:
            if "poison" in frame:
                broken["sent"] += 1
                route.close(code=1011)  # type: ignore[attr-defined]
                server.close()
            else:
                server.send(frame)

        route.on_message(pass_on)  # type: ignore[attr-defined]

    alice.page.route_web_socket("**/ws/chat/**", stand_between)
    page, witness = enter(alice), enter(bob)
    send(page, "poison")
    send(page, "after it")
    state = row(page, "poison").locator(".message-state")
    expect(state).to_contain_text("The connection broke three times on this.", timeout=40_000)
    assert broken["sent"] == 3
    stored_row(witness, "after it").wait_for()
    page.reload()
    expect(row(page, "poison").locator(".message-state")).to_contain_text("three times")
    expect(page.locator("#here")).to_be_visible()
    assert broken["sent"] == 3
    row(page, "poison").get_by_role("button", name="Try again").click()
    expect(state).to_be_hidden()
    assert broken["sent"] == 4
