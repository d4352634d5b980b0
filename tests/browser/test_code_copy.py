"""The button on a block of code that copies it, by mouse, finger and keys."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Seat
from tests.browser.talk import enter, say_in_html, send, use_menu
from tests.browser.test_code import PYTHON, block, coloured
from tests.live.site import Site

TakeSeat = Callable[..., Seat]


def test_code_is_copied_by_its_button_without_the_last_line_break(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_in_html(sqlite_site, [block("python", PYTHON)])
    alice = seat("alice")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = enter(alice)
    expect(coloured(page.locator("pre"))).not_to_have_count(0)
    page.locator("pre").hover()
    page.get_by_role("button", name="Copy the code").click()
    expect(page.locator("#toast")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == PYTHON.removesuffix("\n")


def test_the_button_is_reached_by_keys_and_is_no_part_of_the_message(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_in_html(sqlite_site, [block("python", PYTHON)])
    page = enter(seat("alice"))
    expect(page.locator(".code-copy")).to_be_attached()
    message = page.locator(".message").last
    message.focus()
    page.keyboard.press("Tab")
    expect(page.locator(".code-copy")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_have_text("Copied.")
    assert message.locator(".message-body").inner_text() == PYTHON
    session = page.context.new_cdp_session(page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    names = [node["name"]["value"] for node in tree if node["role"]["value"] == "article"]
    assert len(names) == 1
    assert "return" in names[0]
    assert "Copy" not in names[0]


def test_a_finger_copies_and_gets_no_toolbar_in_its_way(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(sqlite_site, ["<p>words</p>", block("python", "a = 1\n")])
    alice = seat("alice", **PHONE)
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = enter(alice)
    page.locator(".code-copy").tap()
    expect(page.locator("#toast")).to_have_text("Copied.")
    expect(page.locator(".tools")).to_have_count(0)
    assert page.evaluate("navigator.clipboard.readText()") == "a = 1"


def test_what_is_coloured_is_not_read_out_again(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    send(page, "```js\nconst a = 1\n```")
    expect(coloured(page.locator("pre"))).not_to_have_count(0)
    expect(page.locator("pre")).to_have_attribute("aria-live", "off")
    expect(page.locator(".code-copies")).to_have_attribute("aria-live", "off")


def test_the_button_is_always_there_for_a_finger(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(sqlite_site, [block("python", "a = 1\n"), block("python", PYTHON)])
    page = enter(seat("alice", **PHONE))
    for number in range(2):
        button = page.locator(".code-copy").nth(number)
        expect(button).to_have_css("opacity", "1")
        inner, outer = button.bounding_box(), page.locator("pre").nth(number).bounding_box()
        assert inner
        assert outer
        assert outer["y"] <= inner["y"]
        assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]


def test_a_deleted_message_leaves_no_button(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    send(page, "```js\nconst a = 1\n```")
    expect(page.locator(".code-copy")).to_have_count(1)
    use_menu(page, "const a", "delete")
    page.locator("#delete-dialog [value=yes]").click()
    expect(page.locator(".message.is-deleted")).to_have_count(1)
    expect(page.locator(".code-copy")).to_have_count(0)
