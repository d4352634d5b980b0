"""Two people talk while the server is killed, the network cut and a tab frozen.

In the end both show the same, and what was typed is there.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.cable import Cable
from tests.browser.conftest import Seat
from tests.browser.talk import enter, send, stored_row, write
from tests.live.servers import Daphne

TakeSeat = Callable[..., Seat]
COMES_BACK_WITHIN = 40_000
"""Milliseconds: a page that failed a few times waits up to 15 s before its next try."""


@pytest.fixture
def cable(server: Daphne) -> Iterator[Cable]:
    with Cable(server.port) as cable:
        yield cable


def test_both_show_the_same_in_the_end_and_what_was_typed_is_there(
    server: Daphne, cable: Cable, seat: TakeSeat
) -> None:
    alice, bob = seat("alice"), seat("bob")
    bob.origin = f"http://127.0.0.1:{cable.port}"
    pages = [enter(alice), enter(bob)]
    said = [*speak(pages, "at first")]

    server.kill9()
    said += [*speak(pages, "while the server is dead")]
    write(bob.page, "half a sentence")
    server.start()
    until_both_show(pages, said)
    expect(bob.page.locator("#composer-text")).to_have_value("half a sentence")

    cable.cut()
    said += [*speak(pages, "while the network is cut")]
    write(bob.page, "another half")
    cable.mend()
    until_both_show(pages, said)
    expect(bob.page.locator("#composer-text")).to_have_value("another half")

    tab = bob.context.new_cdp_session(bob.page)
    freeze(tab)
    for number in range(120):
        send(alice.page, f"unheard {number}")
        said.append(f"unheard {number}")
    thaw(tab)
    until_both_show(pages, said)
    expect(bob.page.locator("#composer-text")).to_have_value("another half")

    assert shown(pages[0])[-50:] == shown(pages[1])[-50:]
    for each in (alice, bob):
        each.errors.clear()  # a page says in its console that its server is away


def speak(pages: list[Page], when: str) -> Iterator[str]:
    for name, page in zip(("alice", "bob"), pages, strict=True):
        for number in range(3):
            send(page, f"{name} {number} {when}")
            yield f"{name} {number} {when}"


def until_both_show(pages: list[Page], said: list[str]) -> None:
    for page in pages:
        for text in said[-6:]:
            expect(stored_row(page, text)).to_have_count(1, timeout=COMES_BACK_WITHIN)
    orders = [[text for text in shown(page) if text in said] for page in pages]
    shortest = min(map(len, orders))
    assert orders[0][-shortest:] == orders[1][-shortest:]
    assert len(set(orders[0])) == len(orders[0]), "nothing is shown twice"


def shown(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".message-body").all_inner_texts()]


def freeze(tab: CDPSession) -> None:
    tab.send("Page.setWebLifecycleState", {"state": "frozen"})


def thaw(tab: CDPSession) -> None:
    tab.send("Page.setWebLifecycleState", {"state": "active"})
