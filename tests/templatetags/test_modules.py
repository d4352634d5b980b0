"""Modules under the hashed names by which a browser may keep them for ever."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import Context, Template
from django.test import RequestFactory
from pytest_django import Settings

from chat.templatetags import modules


@pytest.fixture
def _hashed_names(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    modules._remembered_addresses.cache_clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    yield
    modules._remembered_addresses.cache_clear()


@pytest.mark.usefixtures("_hashed_names")
def test_each_module_is_found_under_its_hashed_name() -> None:
    request = RequestFactory().get("/")
    request.csp_nonce = "once"  # type: ignore[attr-defined]
    html = Template("{% load modules %}{% import_map %}").render(Context({"request": request}))
    found = re.fullmatch(r'<script type="importmap" nonce="once">(.*)</script>', html)
    assert found
    imports = json.loads(found[1])["imports"]
    paths = [path.relative_to(modules.SCRIPTS) for path in modules.SCRIPTS.rglob("*.js")]
    assert set(imports) == {f"/static/chat/js/{path.as_posix()}" for path in paths}
    assert "/static/chat/js/code/colouring.js" in imports
    hashed = r"/static/chat/js/timeline\.[0-9a-f]{12}\.js"
    assert re.fullmatch(hashed, imports["/static/chat/js/timeline.js"])


@pytest.mark.usefixtures("_hashed_names")
def test_the_browser_is_told_at_once_of_all_modules_that_a_page_begins_with() -> None:
    html = Template("{% load modules %}{% module_preloads %}").render(Context())
    assert len(html.splitlines()) == len(list(modules.SCRIPTS.glob("*.js")))
    assert "/code/" not in html, "this is loaded when it is used"
    assert re.search(r'href="/static/chat/js/main\.[0-9a-f]{12}\.js"', html)
