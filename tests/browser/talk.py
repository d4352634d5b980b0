"""What people do in a room, in one line each."""

from collections.abc import Iterable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Seat
from tests.live.site import Site


def enter(seat: Seat, path: str = "/rooms/lounge/") -> Page:
    """Opens a room and waits until its page is live."""
    page = seat.visit(path)
    expect(page.locator("#here")).to_be_visible()
    return page


def write(page: Page, text: str) -> None:
    """In the composer, without sending it."""
    page.locator("#composer-text").fill(text)


def send(page: Page, text: str) -> None:
    write(page, text)
    page.locator("#composer-text").press("Enter")


def row(page: Page, text: str) -> Locator:
    """The message that says so."""
    return page.locator(".message").filter(has=page.locator(".message-body", has_text=text))


def stored_row(page: Page, text: str) -> Locator:
    """The same, once the server has stored it."""
    return row(page, text).and_(page.locator("[data-id]:not([data-client])"))


def use_tool(page: Page, text: str, action: str) -> None:
    """By the toolbar over a message."""
    row(page, text).hover()
    page.locator(f".tools [data-action={action}]").first.click()


def use_menu(page: Page, text: str, action: str) -> None:
    use_tool(page, text, "menu")
    page.locator(f"#message-sheet [data-action={action}]").click()


def say_many(site: Site, author: str, slug: str, count: int, first: int = 1) -> None:
    """`word 1` … as another process would store them."""
    site.shell(
        "from chat.actions.messages import NewPost, post_messages\n"
        "from chat.models import Room, User\n"
        f"author, room = User.objects.get(username={author!r}), Room.objects.get(slug={slug!r})\n"
        f"for number in range({first}, {first + count}):\n"
        "    post_messages([NewPost(author, room.pk, f'w{number}', f'word {number}.')])"
    )


def say_in_html(site: Site, bodies: Iterable[str]) -> None:
    """Messages in the lounge that show as this HTML."""
    site.shell(
        "from chat import markup\n"
        "from chat.actions.messages import NewPost, post_messages\n"
        "from chat.models import Message, Room, User\n"
        "version = markup.VERSION\n"
        "bob, room = User.objects.get(username='bob'), Room.objects.get(slug='lounge')\n"
        f"for number, html in enumerate({list(bodies)!r}):\n"
        "    post_messages([NewPost(bob, room.pk, f'h{number}', 'words')])\n"
        "    message = Message.objects.filter(client_id=f'h{number}')\n"
        "    message.update(html=html, html_version=version)"
    )


def have_read(site: Site, username: str, slug: str = "lounge") -> None:
    """All that the room holds, as if they had been there."""
    site.shell(
        "from chat.models import Membership, Room\n"
        f"room = Room.objects.get(slug={slug!r})\n"
        f"theirs = Membership.objects.filter(room=room, user__username={username!r})\n"
        "theirs.update(read_seq=room.last_seq)"
    )


def read_seq_of(site: Site, username: str, slug: str = "lounge") -> int:
    """How far the server knows that they have read."""
    read_seq: int = site.shell(
        "from chat.models import Membership\n"
        f"mark = Membership.objects.get(room__slug={slug!r}, user__username={username!r})\n"
        "result = mark.read_seq"
    )
    return read_seq


def expect_read(site: Site, page: Page, username: str, seq: int, slug: str = "lounge") -> None:
    """That they have read so far and no further, as soon as the server knows."""
    for _ in range(50):
        if (read := read_seq_of(site, username, slug)) >= seq:
            break
        page.wait_for_timeout(100)
    assert read == seq
