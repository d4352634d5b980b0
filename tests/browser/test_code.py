"""Blocks of code are coloured on the page."""

import html
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Seat
from tests.browser.talk import (
    enter,
    row,
    say_in_html,
    say_many,
    send,
    stored_row,
    use_tool,
)
from tests.live.site import Site

TakeSeat = Callable[..., Seat]

PYTHON = 'def answer(question: str) -> int:  # of all\n    return f"<{question}>" and 42\n'
# highlight.js' rules for Java look ahead to the end from each of these.
DEADLY = "_" * 19_900


def block(language: str, code: str) -> str:
    return f'<pre><code class="language-{language}">{html.escape(code)}</code></pre>\n'


def coloured(code: Locator) -> Locator:
    return code.locator("span[class^=hljs-]")


def colour_of(element: Locator) -> str:
    return str(element.evaluate("element => getComputedStyle(element).color"))


def test_code_is_coloured_and_says_what_it_said(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(sqlite_site, [block("Python", PYTHON), block("c++", "int main() { return 0; }\n")])
    page = enter(seat("alice"))
    python, cpp = page.locator("code.language-Python"), page.locator('[class="language-c++"]')
    expect(coloured(python).first).to_have_text("def")
    expect(coloured(cpp).first).to_have_text("int")
    assert colour_of(coloured(python).first) != colour_of(python)
    assert python.evaluate("code => code.textContent") == PYTHON


def test_a_deadly_text_costs_only_its_own_block_the_colours(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    blocks = [block("java", DEADLY), block("python", PYTHON), block("java", "int a = 1;\n")]
    say_in_html(sqlite_site, blocks)
    page = enter(seat("alice"))
    page.locator("code.language-python").scroll_into_view_if_needed()
    expect(coloured(page.locator("code.language-python"))).not_to_have_count(0)
    java = page.locator("code.language-java")
    expect(coloured(java.nth(1)).first).to_have_text("int")
    expect(coloured(java.first)).to_have_count(0)
    assert java.first.evaluate("code => code.textContent") == DEADLY


def test_only_what_comes_into_view_is_coloured(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(sqlite_site, [block("python", PYTHON * 5) for _ in range(40)])
    alice = seat("alice")
    loaded: list[str] = []
    alice.page.on("request", lambda request: loaded.append(request.url))
    page = enter(alice)
    first, last = page.locator("pre code").first, page.locator("pre code").last
    expect(coloured(first)).not_to_have_count(0)  # the log opens where alice left off
    expect(coloured(last)).to_have_count(0)
    last.scroll_into_view_if_needed()
    expect(coloured(last)).not_to_have_count(0)
    middle = page.locator("pre code").nth(20)
    expect(coloured(middle)).to_have_count(0)
    languages = {url.rpartition("/")[2] for url in loaded if "/highlight/languages/" in url}
    assert languages == {"python.min.js"}


def test_code_is_coloured_as_it_is_said_and_as_it_is_edited(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "```js\nconst a = 1\n```")
    for page in (alice, bob):
        expect(coloured(stored_row(page, "const a")).first).to_have_text("const")
        expect(stored_row(page, "const a").locator(".code-copy")).to_have_count(1)
    use_tool(alice, "const a", "edit")
    alice.locator(".editor textarea").fill("```py\nimport b\n```\n```sh\nif c; then d; fi\n```")
    alice.locator(".editor textarea").press("Enter")
    for page in (alice, bob):
        edited = stored_row(page, "import b")
        expect(coloured(edited.locator(".language-py")).first).to_have_text("import")
        expect(coloured(edited.locator(".language-sh")).first).to_have_text("if")
        expect(edited.locator(".code-copy")).to_have_count(2)


def test_a_reaction_leaves_the_colours_as_they_are(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "```js\nconst a = 1\n```")
    expect(coloured(stored_row(bob, "const a")).first).to_have_text("const")
    coloured(bob.locator("pre")).first.evaluate("span => { span.dataset.same = 'yes' }")
    use_tool(alice, "const a", "react")
    expect(bob.locator(".reaction")).to_have_count(1)
    expect(coloured(bob.locator("pre")).first).to_have_attribute("data-same", "yes")


def test_code_of_older_pages_is_coloured_when_it_is_reached(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_in_html(sqlite_site, [block("python", PYTHON)])
    say_many(sqlite_site, "bob", "lounge", 120)
    page = enter(seat("alice"), "/rooms/lounge/at/121/")
    expect(page.locator("pre")).to_have_count(0)
    page.locator("#log-scroller").evaluate("log => { log.scrollTop = -100_000 }")
    expect(page.locator("pre")).to_have_count(1)
    page.locator("pre").scroll_into_view_if_needed()
    expect(coloured(page.locator("pre"))).not_to_have_count(0)


LIES = {
    "a = 1\n": [["b = 1\n", "keyword"]],
    "a = 2\n": [["a = 2\n", ""], ["<img src=x>", "string"]],
    "a = 3\n": [["a", "x visually-hidden"], [" = 3\n", '" onclick="alert(1)']],
}
LYING_WORKER = f"""
const lies = {json.dumps(LIES)};
self.addEventListener("message", ({{ data }}) => {{
  self.postMessage({{ type: "begun" }});
  self.postMessage({{ type: "done", tokens: lies[data.code] }});
}});
"""


def test_nothing_that_a_worker_answers_can_change_what_was_said(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_in_html(sqlite_site, [block("python", code) for code in LIES])
    alice = seat("alice")
    alice.context.route(
        "**/js/code/worker*.js",
        lambda route: route.fulfill(body=LYING_WORKER, content_type="text/javascript"),
    )
    page = enter(alice)
    third = page.locator("pre code").nth(2)
    expect(third.locator("span")).to_have_count(2)
    texts = page.locator("pre code").evaluate_all("all => all.map((code) => code.textContent)")
    assert texts == list(LIES)
    for number in range(2):
        expect(page.locator("pre code").nth(number).locator("*")).to_have_count(0)
    spans = third.locator("span").evaluate_all(
        "all => all.map((span) => [span.getAttributeNames(), [...span.classList]])"
    )
    assert spans == [[["class"], ["hljs-x"]], [["class"], ["hljs-"]]]
    alice.context.unroute_all()


LONGEST_TASK_MS = 50


@pytest.mark.alone
def test_a_room_full_of_code_never_holds_the_page_up(
    seat: TakeSeat, sqlite_site: Site, browser: Browser
) -> None:
    say_in_html(sqlite_site, [block("python", PYTHON * 20) for _ in range(50)])
    page = enter(seat("alice"))
    browser.start_tracing(page=page, categories=["toplevel"])
    for number in range(50):
        code = page.locator("pre code").nth(number)
        code.evaluate("code => code.scrollIntoView({ block: 'center' })")
        expect(coloured(code)).not_to_have_count(0)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    main_threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["tdur"] / 1000  # what it computed: others may use the processors too
        for event in events
        if "tdur" in event and (event["pid"], event["tid"]) in main_threads
    ]
    assert len(tasks) > 100
    assert max(tasks) < LONGEST_TASK_MS


def test_a_page_without_code_loads_nothing_for_it(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(sqlite_site, ["<p>Words with <code>code</code> in them.</p>"])
    alice = seat("alice")
    loaded: list[str] = []
    alice.page.on("request", lambda request: loaded.append(request.url))
    expect(row(enter(alice), "Words with")).to_be_visible()
    assert not [url for url in loaded if "/highlight/" in url or "/js/code/" in url]


@pytest.mark.parametrize(
    "body",
    [
        "<pre><code>no language\n</code></pre>",
        block("nobody-knows-this", "def f(): pass\n"),
        block("__proto__", "def f(): pass\n"),
        block("python", "a = 1\n" * 4_000),
    ],
    ids=["none", "unknown", "of objects", "too long"],
)
def test_what_cannot_be_coloured_stays_as_it_is(
    seat: TakeSeat, sqlite_site: Site, body: str
) -> None:
    say_in_html(sqlite_site, [body, block("python", PYTHON)])
    page = enter(seat("alice"))
    page.locator("pre").first.scroll_into_view_if_needed()
    page.locator("pre").last.scroll_into_view_if_needed()
    expect(coloured(page.locator("pre").last)).not_to_have_count(0)
    expect(page.locator("pre").first.locator("span")).to_have_count(0)


def test_of_very_much_code_the_beginning_is_coloured(seat: TakeSeat, sqlite_site: Site) -> None:
    code = "[" + "1," * 4_000 + "2]\n"
    say_in_html(sqlite_site, [block("json", code)])
    page = enter(seat("alice"))
    expect(coloured(page.locator("pre")).first).to_have_text("1")
    assert coloured(page.locator("pre")).count() <= 2_000
    assert page.locator("pre code").evaluate("code => code.textContent") == code


def test_without_scripts_code_is_plain(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(sqlite_site, [block("python", PYTHON)])
    page = seat("alice", java_script_enabled=False).visit("/rooms/lounge/")
    expect(page.locator("pre")).to_have_text(PYTHON)
    expect(page.locator(".code-copy")).to_have_count(0)
