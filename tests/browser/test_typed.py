"""What was typed, where people see it: live, at first paint, in quotes, in the editor."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Seat
from tests.browser.talk import enter, have_read
from tests.cases import cases
from tests.live.site import Site

CASES = cases("typed")
SAY_ALL = """
from chat.actions.messages import NewPost, post_messages, posting
from chat.models import Room, User
from tests.cases import cases
author, room = User.objects.get(username="alice"), Room.objects.get(slug="lounge")
posting.post_rate.per_second = 0
for number, case in enumerate(cases("typed")):
    (stored,) = post_messages([NewPost(author, room.pk, f"case-{number}", case["body"])])
    post_messages([NewPost(author, room.pk, f"answer-{number}", "answer", stored.message.pk)])
"""


@pytest.fixture
def pages(seat: Callable[..., Seat], sqlite_site: Site) -> tuple[Page, Page]:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    sqlite_site.shell(SAY_ALL)
    for page in (alice, bob):
        expect(page.locator(".message[data-id]")).to_have_count(2 * len(CASES))
    return alice, bob


def one_line(texts: list[str]) -> list[str]:
    return [" ".join(text.split()) for text in texts]


WANTED = one_line([case["text"] for case in CASES])


def shown(page: Page) -> list[str]:
    rows = page.locator(".message[data-id]:has(.quote[hidden])")
    return one_line(rows.locator(".message-body").all_inner_texts())


def quoted(page: Page) -> list[str]:
    return one_line(page.locator(".quote:not([hidden]) [data-slot=quote-text]").all_text_contents())


def test_words_come_out_as_typed_wherever_they_are_shown(
    pages: tuple[Page, Page], sqlite_site: Site
) -> None:
    alice, bob = pages
    assert shown(bob) == WANTED
    assert quoted(bob) == WANTED
    have_read(sqlite_site, "bob")
    bob.reload()
    newest = shown(bob)
    assert newest == WANTED[-len(newest) :]
    assert quoted(bob) == WANTED[-len(newest) :]
    for case, row in zip(CASES, alice.locator(".message:has(.quote[hidden])").all(), strict=True):
        row.focus()
        row.press("e")
        editor = alice.locator(".editor textarea")
        assert editor.input_value() == case["body"]
        editor.press("Escape")
