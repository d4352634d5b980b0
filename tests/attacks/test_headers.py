"""Attacks that a browser stops, if it is told to: what every answer tells it."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from chat import metrics
from tests.scene import make_person, make_room, make_superuser, say

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def of_ada() -> Client:
    ada = make_superuser("ada")
    say(ada, make_room(ada))
    client = Client()
    client.force_login(ada)
    return client


PAGES = ["/rooms/", "/rooms/kitchen/", "/accounts/profile/", "/healthz", "/rooms/nowhere/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_who_came_by_https_never_comes_back_by_http(of_ada: Client, path: str) -> None:
    name = "Strict-Transport-Security"
    assert of_ada.get(path, secure=True).headers[name] == "max-age=31536000"
    assert name not in of_ada.get(path).headers


@pytest.mark.parametrize("path", [*PAGES, "/admin/", "/api/rooms/1/messages", "/csp-reports"])
def test_no_other_site_loads_or_frames_or_opens_what_is_here(of_ada: Client, path: str) -> None:
    headers = of_ada.get(path).headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/rooms/kitchen/", "/rooms/", "/accounts/password/change/"])
def test_no_string_becomes_html_but_by_the_two_policies_of_the_page(
    of_ada: Client, path: str
) -> None:
    policy = of_ada.get(path).headers["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in policy
    assert "trusted-types chat-message chat-worker;" in policy + ";"
    assert "unsafe" not in policy


def test_the_admin_goes_without_trusted_types_alone(of_ada: Client) -> None:
    policy = of_ada.get("/admin/chat/room/").headers["Content-Security-Policy"]
    assert "trusted-types" not in policy
    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize("path", ["messages", "members"])
def test_nothing_on_the_way_keeps_what_was_said(of_ada: Client, path: str) -> None:
    for client, room in ((of_ada, 1), (of_ada, 10_000), (Client(), 1)):
        answer = client.get(f"/api/rooms/{room}/{path}")
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_reports_without_end_are_counted_slowly_and_kept_nowhere(
    client: Client, caplog: pytest.LogCaptureFixture, django_assert_num_queries: object
) -> None:
    before = reported()
    assert callable(django_assert_num_queries)
    with django_assert_num_queries(0):
        for _ in range(50):
            answer = client.post("/csp-reports", b"{" * 50_000, "application/csp-report")
            assert (answer.status_code, answer.content) == (204, b"")
    assert 1 <= reported() - before <= 40
    assert caplog.records == []


def reported() -> float:
    (line,) = [
        line
        for line in metrics.text().decode().splitlines()
        if line.startswith("chat_policy_violations_total ")
    ]
    return float(line.split()[1])


def test_where_reports_go_is_told(of_ada: Client) -> None:
    for path in ("/rooms/", "/admin/", "/accounts/profile/"):
        policy = of_ada.get(path).headers["Content-Security-Policy"]
        assert "report-uri /csp-reports" in policy


def test_django_has_nothing_to_warn_of_in_production() -> None:
    make_person("somebody")
    settings = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DEBUG": "0",
        "ALLOWED_HOSTS": "chat.example.org",
        "DATABASE_URL": "sqlite:///:memory:",
    }
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
