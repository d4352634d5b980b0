"""Whoever reads the log of a site becomes nobody by it: no link of a person's is printed there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tests.scene import make_person

ROOT = Path(__file__).resolve().parents[2]
TELL = """
import json
from chatsite import settings
print(json.dumps([settings.EMAIL_BACKEND, settings.SITE_SENDS_MAIL]))
"""


def mail_of(**given: str) -> tuple[str, bool]:
    """The last part of the back-end's module, and whether the site counts on it."""
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "x", "ALLOWED_HOSTS": "a", **given}
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", TELL], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    backend, sends = json.loads(told.stdout)
    return backend.split(".")[-2], sends


@pytest.mark.parametrize("url", ["", "consolemail://", "dummymail://"])
def test_without_a_mail_server_mails_are_printed_in_development_alone(url: str) -> None:
    assert mail_of(DEBUG="0", EMAIL_URL=url) == ("dummy", False)
    assert mail_of(DEBUG="1", EMAIL_URL="") == ("console", True)


def test_with_one_they_are_sent() -> None:
    assert mail_of(DEBUG="0", EMAIL_URL="smtp://mail.example:25") == ("smtp", True)


@pytest.mark.django_db
def test_a_site_that_sends_no_mail_makes_no_link_and_says_whom_to_ask(
    client: Client, settings: Settings
) -> None:
    ada = make_person("ada")
    ada.email = "ada@example.org"
    ada.save()
    settings.SITE_SENDS_MAIL = False
    page = client.get("/accounts/password/reset/")
    assert "Ask whoever runs it" in page.text
    assert 'name="email"' not in page.text
    answer = client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    assert answer.status_code == 200
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_site_that_sends_mail_has_the_form(client: Client, settings: Settings) -> None:
    settings.SITE_SENDS_MAIL = True
    assert 'name="email"' in client.get("/accounts/password/reset/").text
