"""More tabs than a person may have open: one pauses, says so, and goes on when it is needed."""

from collections.abc import Callable
from contextlib import ExitStack

from playwright.sync_api import expect
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from chat.sockets import MAX_OF_A_PERSON
from tests.browser.conftest import Seat
from tests.browser.talk import enter, send, stored_row
from tests.live.servers import Daphne

TakeSeat = Callable[..., Seat]


def test_the_tab_that_was_idle_longest_pauses_until_its_person_is_back(
    server: Daphne, seat: TakeSeat
) -> None:
    page = enter(seat("alice"))
    notice = page.locator("#connection-notice")
    expect(notice).to_be_hidden()
    with ExitStack() as stack:
        for _ in range(MAX_OF_A_PERSON):
            stack.enter_context(another_tab(server, "alice")).recv()
        expect(notice).to_contain_text("This one is paused until you come back to it")
        send(page, "kept meanwhile")
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(notice).to_contain_text("paused")
        page.evaluate("dispatchEvent(new Event('focus'))")
        expect(notice).to_be_hidden()
        expect(stored_row(page, "kept meanwhile")).to_be_visible()


def another_tab(server: Daphne, name: str) -> ClientConnection:
    return connect(
        f"ws{server.origin.removeprefix('http')}/ws/chat/?protocol=1",
        origin=Origin(server.origin),
        additional_headers={"Cookie": f"sessionid={server.people[name].session}"},
    )
