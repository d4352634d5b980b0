"""What passes for something else is told apart in time."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DARK, PHONE, Seat
from tests.browser.talk import enter, say_in_html
from tests.live.site import Site

TakeSeat = Callable[..., Seat]
LINK = (
    '<p dir="auto"><a href="https://evil.example/">https://bank.example/a/long/way'
    '<span class="true-address"> (evil.example)</span></a></p>\n'
)


def box(locator: Locator) -> tuple[float, float, float, float]:
    found = locator.bounding_box()
    assert found
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def overlap(one: Locator, other: Locator) -> bool:
    left, top, right, bottom = box(one)
    from_left, from_top, to_right, to_bottom = box(other)
    return left < to_right and from_left < right and top < to_bottom and from_top < bottom


def test_on_a_phone_the_tools_of_a_message_leave_its_links_address_in_view(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_in_html(sqlite_site, ["<p>before</p>", LINK, LINK])
    page = enter(seat("alice", **PHONE))
    for row in page.locator(".message:has(.true-address)").all():
        address = row.locator(".true-address")
        row.locator(".message-body").tap(position={"x": 5, "y": 2})
        expect(row.locator(".tools")).to_be_visible()
        assert not overlap(row.locator(".tools"), address)


@pytest.mark.parametrize("device", [{}, DARK, PHONE], ids=["light", "dark", "phone"])
def test_a_name_like_another_rooms_is_told_and_can_be_kept_by_the_keyboard(
    seat: TakeSeat, assert_accessible: Callable[[Page], None], device: dict[str, object]
) -> None:
    page = seat("alice", **device).visit("/rooms/new/")
    page.get_by_label("Name").fill("l0unge")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Make it all the same")).to_be_visible()
    field = page.get_by_label("Name")
    expect(field).to_be_focused()
    described = str(field.get_attribute("aria-describedby")).split()
    assert any("looks like it" in page.locator(f"#{each}").inner_text() for each in described)
    assert_accessible(page)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.name") == "anyway":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#room-name")).to_have_text("l0unge")


def test_who_was_put_out_is_let_in_again_by_the_keyboard(
    seat: TakeSeat, sqlite_site: Site, assert_accessible: Callable[[Page], None]
) -> None:
    sqlite_site.shell(
        "from chat.actions.rooms import remove_member\n"
        "from chat.models import Room, User\n"
        "people = {person.username: person for person in User.objects.all()}\n"
        "remove_member(people['alice'], Room.objects.get(slug='lounge'), people['bob'])"
    )
    bob = seat("bob")
    told = bob.visit("/rooms/lounge/")
    expect(told.locator("main")).to_contain_text("put out")
    assert_accessible(told)
    (_, top, _, bottom), name = box(told.locator(".room-name .icon")), box(told.locator("h1 span"))
    assert name[1] < (top + bottom) / 2 < name[3], "the sign stands by the name"
    bob.errors.clear()  # that it is forbidden
    settings = seat("alice").visit("/rooms/lounge/settings/")
    assert_accessible(settings)
    settings.get_by_role("button", name="Let bob in again").focus()
    settings.keyboard.press("Enter")
    expect(settings.locator(".notice")).to_contain_text("bob may join again")
    told.reload()
    told.get_by_role("button", name="Join this room").click()
    expect(told.locator("#here")).to_be_visible()
