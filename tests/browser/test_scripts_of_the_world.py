"""Words of any script come out as they were typed, and leave what stands around them alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from chat.templatetags.bidi import isolated
from tests.browser.conftest import Seat
from tests.browser.talk import enter, say_in_html, send, stored_row
from tests.live.site import Site

TakeSeat = Callable[..., Seat]

TURNED = "gpj\u202e.exe"
PILED = "Z" + "\u0301\u0316" * 20


def runs_to_the_right(element: Locator) -> bool:
    """Whether its first letter stands left of its last."""
    return bool(
        element.evaluate("""element => {
            const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
            const letters = [];
            for (let node; (node = walker.nextNode());) {
                for (let at = 0; at < node.length; at += 1) {
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + 1);
                    const { left, width } = range.getBoundingClientRect();
                    if (width) letters.push(left);
                }
            }
            return letters[0] < letters[letters.length - 1];
        }""")
    )


def left_of(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["x"]


# What turns a line


def call_people_and_rooms(site: Site, name: str) -> None:
    """As they may be called since a time when nobody asked."""
    site.shell(
        "from chat.models import Room, User\n"
        f"User.objects.filter(username='bob').update(name={name!r})\n"
        f"Room.objects.filter(slug='lounge').update(name={name!r})"
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "at first paint"])
@pytest.mark.parametrize(
    "name", [TURNED, "\u2067a\u202e", "שלום"], ids=["turned", "isolate", "hebrew"]
)
def test_a_name_does_not_turn_what_follows_it(
    seat: TakeSeat, sqlite_site: Site, name: str, *, scripts: bool
) -> None:
    say_in_html(sqlite_site, ["<p>one</p>"])
    call_people_and_rooms(sqlite_site, name)
    alice = seat("alice", java_script_enabled=scripts)
    page = enter(alice) if scripts else alice.visit("/rooms/lounge/")
    author, time = page.locator(".message-author"), page.locator(".message-time")
    assert left_of(author) < left_of(time)
    assert runs_to_the_right(time)
    link = page.locator("#rooms a[aria-current]")
    assert left_of(link.locator(".icon")) < left_of(link.locator(".room-link-name"))
    assert runs_to_the_right(page.locator(".log-start p"))
    expect(page).to_have_title(f"{isolated(name)} · Chatsite")
    expect(page.locator("#composer-text")).to_have_attribute(
        "placeholder", f"Message {isolated(name)}"
    )


def test_a_title_tooltip_or_sentence_is_not_turned_by_the_name_in_it(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    call_people_and_rooms(sqlite_site, TURNED)
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "hello")
    bob.locator(".message").hover()
    bob.locator(".tools [data-action=react]").first.click()
    reaction = alice.locator(".reaction")
    expect(reaction).to_have_attribute("title", f"👍 by \u2068{isolated(TURNED)}\u2069")
    bob.locator("#composer-text").press_sequentially("words")
    expect(alice.locator("#typing")).to_have_text(f"{isolated(TURNED)} is typing…")


def test_a_paragraph_does_not_turn_the_next_nor_a_quote_its_message(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_in_html(sqlite_site, ["<p>a \u202e b \u2067 c</p>\n<p>next one</p>"])
    page = enter(seat("alice"))
    assert runs_to_the_right(page.locator(".message-body p").nth(1))
    page.locator(".message").hover()
    page.locator(".tools [data-action=reply]").click()
    send(page, "an answer")
    answer = stored_row(page, "an answer")
    expect(answer.locator(".quote")).to_be_visible()
    assert left_of(answer.locator("[data-slot=quote-author]")) < left_of(
        answer.locator("[data-slot=quote-text]")
    )
    assert runs_to_the_right(answer.locator("[data-slot=quote-author]"))
    assert runs_to_the_right(answer.locator(".message-body"))


def test_the_true_address_of_a_link_cannot_be_turned(seat: TakeSeat, sqlite_site: Site) -> None:
    link = '<a href="https://evil.example/">elgoog\u202e<span class="true-address"> (evil.example)'
    say_in_html(sqlite_site, [f"<p>{link}</span></a></p>"])
    page = enter(seat("alice"))
    assert runs_to_the_right(page.locator(".true-address"))


# Right to left


def test_hebrew_and_arabic_are_set_from_the_right_each_paragraph_by_itself(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    body = "<p>שלום, Ada!</p>\n<p>Hello, שלום!</p>\n<p>مرحبا (1)</p>"
    say_in_html(sqlite_site, [body])
    page = enter(seat("alice"))
    hebrew, english, arabic = (page.locator(".message-body p").nth(number) for number in range(3))
    assert [runs_to_the_right(each) for each in (hebrew, english, arabic)] == [False, True, False]


@pytest.mark.parametrize(
    "body",
    [
        '<ul dir="auto">\n<li>אחת</li>\n</ul>',
        '<ol dir="auto">\n<li>\n<p dir="auto">אחת</p>\n</li>\n</ol>',
        '<blockquote>\n<p dir="auto">ציטוט</p>\n</blockquote>',
        '<blockquote>\n<blockquote>\n<p dir="auto">ציטוט</p>\n</blockquote>\n</blockquote>',
        '<table><thead><tr><th dir="auto">אחת</th><th dir="auto">b</th></tr></thead></table>',
    ],
    ids=["list", "loose list", "quote", "quote in a quote", "table"],
)
def test_what_begins_from_the_right_has_its_marks_there(
    seat: TakeSeat, sqlite_site: Site, body: str
) -> None:
    say_in_html(sqlite_site, [body, body.replace("אחת", "one").replace("ציטוט", "quote")])
    page = enter(seat("alice"))
    outermost = page.locator(".prose > :is(ul, ol, blockquote), .prose table")
    expect(outermost.first).to_have_css("direction", "rtl")
    expect(outermost.last).to_have_css("direction", "ltr")
    if "<table" not in body:
        expect(outermost.first).not_to_have_css("padding-right", "0px")
        expect(outermost.first).to_have_css("padding-left", "0px")


def test_code_runs_from_the_left_whatever_its_letters(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(
        sqlite_site, ["<pre><code># שלום\na = 1\n</code></pre><p>שלום <code>a(b)</code></p>"]
    )
    page = enter(seat("alice"))
    expect(page.locator("pre")).to_have_css("direction", "ltr")
    assert runs_to_the_right(page.locator("p code"))


def test_what_one_writes_runs_as_its_first_letter_does(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    composer = page.locator("#composer-text")
    composer.fill("שלום")
    expect(composer).to_have_css("direction", "rtl")
    composer.press("Enter")
    expect(stored_row(page, "שלום")).to_be_visible()
    assert not runs_to_the_right(stored_row(page, "שלום").locator(".message-body"))
    composer.press("ArrowUp")
    expect(page.locator(".editor textarea")).to_have_css("direction", "rtl")


def test_a_search_runs_as_its_first_letter_does(seat: TakeSeat) -> None:
    page = seat("alice").visit("/rooms/?q=שלום")
    expect(page.locator("[name=q]")).to_have_css("direction", "rtl")
    page.goto(page.url.replace("/rooms/", "/rooms/new/"))
    page.locator("[name=name]").fill("שלום")
    expect(page.locator("[name=name]")).to_have_css("direction", "rtl")


# Marks and spaces


@pytest.mark.parametrize(
    "place",
    [
        ".message:nth-of-type(2) .message-body p",
        ".message:nth-of-type(1) .message-author",
        ".message:last-of-type [data-slot=quote-text]",
        ".message:last-of-type [data-slot=quote-author]",
        "#rooms li:last-child .room-link-name",
        "#room-name",
        ".account-name",
    ],
    ids=["body", "name", "quote", "quoted name", "sidebar", "title", "own name"],
)
def test_marks_piled_on_a_letter_do_not_draw_over_what_is_beside_it(
    seat: TakeSeat, sqlite_site: Site, place: str
) -> None:
    say_in_html(sqlite_site, [f"<p>row {number} gjpq ÀÉ</p>" for number in range(3)])
    page = enter(seat("alice"))
    page.locator(".message").nth(1).hover()
    page.locator(".tools [data-action=reply]").click()
    send(page, "an answer")
    expect(stored_row(page, "an answer").locator(".quote")).to_be_visible()
    page.mouse.move(0, 0)
    element = page.locator(place)
    box = element.bounding_box()
    assert box
    above: FloatRect = {"x": box["x"], "y": box["y"] - 30, "width": 40, "height": 26}
    below: FloatRect = {**above, "y": box["y"] + box["height"] + 4}

    def look(words: str) -> list[bytes]:
        element.evaluate("(element, words) => { element.textContent = words }", words)
        return [page.screenshot(clip=clip, caret="hide") for clip in (above, below)]

    plain = look("Z")
    assert look(PILED) == plain
    element.evaluate("""element => {
        for (let at = element, up = 0; up < 3; at = at.parentElement, up += 1) {
            at.style.overflow = "visible";
        }
    }""")
    assert look(PILED) != plain, "else nothing was cut"


def test_spaces_and_line_breaks_stand_as_they_were_typed(seat: TakeSeat, sqlite_site: Site) -> None:
    cells = "<table><thead><tr><th>a   b</th></tr></thead></table>"
    bodies = ["<p>  a   b<br>   c</p>", "<ul><li>a   b</li></ul>", "<h2>a   b</h2>", cells]
    say_in_html(sqlite_site, bodies)
    page = enter(seat("alice"))
    assert page.locator(".prose p").inner_text() == "  a   b\n   c"
    for name in ("li", "h2", "th"):
        assert page.locator(f".prose {name}").first.inner_text() == "a   b"
    paragraph = page.locator(".prose p").bounding_box()
    assert paragraph
    assert 30 < paragraph["height"] < 60, "two lines"
