"""Cookies are as safe as the way on which they were given out."""

import pytest
from django.test import Client

from tests.scene import make_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_site() -> None:
    make_superuser("ada")


def test_cookies_given_out_over_https_are_never_sent_over_http(client: Client) -> None:
    cookies = client.get("/accounts/signup/", secure=True, follow=True).cookies
    assert cookies
    assert all(cookie["secure"] for cookie in cookies.values())


def test_a_site_without_https_works(client: Client) -> None:
    cookies = client.get("/accounts/signup/", follow=True).cookies
    assert cookies
    assert not any(cookie["secure"] for cookie in cookies.values())
