"""The colours of code can be read, by day and by night."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DARK, Seat
from tests.browser.talk import enter, say_in_html
from tests.browser.test_code import block, coloured
from tests.live.site import Site

TakeSeat = Callable[..., Seat]
AssertAccessible = Callable[[Page], None]

SAMPLES = {
    "python": "@x\nclass A(B):\n    def f(self, n: int = 1):  # why\n        print('a', True)\n",
    "css": "#a .b[c=d]:hover, p { color: #fff; width: 1px !important }\n",
    "html": '<!doctype html><p class="a">&amp;<script>let a = /b/g</script></p>\n',
    "diff": "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n",
    "yaml": "a: &b !!c [1, true]\n- d\n",
    "markdown": "# T\n* a\n> b\n[c](d) `e`\n",
    "tex": "\\section{a} $b$\n",
    "rust": "#[a] fn b<'c>(d: &'c u8) -> ! { e!(\"\\n\") }\n",
    "handlebars": "{{#if a}}{{b.c d=1}}{{/if}}\n",
    "lisp": "(defun a (b) 'c :d)\n",
}


@pytest.mark.parametrize("look", [{}, DARK], ids=["light", "dark"])
def test_its_colours_can_be_read(
    seat: TakeSeat, sqlite_site: Site, assert_accessible: AssertAccessible, look: dict[str, str]
) -> None:
    say_in_html(sqlite_site, ["".join(block(name, code) for name, code in SAMPLES.items())])
    page = enter(seat("alice", **look))
    for number in range(len(SAMPLES)):
        page.locator("pre").nth(number).scroll_into_view_if_needed()
        expect(coloured(page.locator("pre").nth(number))).not_to_have_count(0)
    assert_accessible(page)
