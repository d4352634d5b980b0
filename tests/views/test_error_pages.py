"""What a person sees when something is not there, not theirs, or broken."""

import pytest
from django.db import DataError, OperationalError, connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import AsyncClient, Client
from django.utils.asyncio import async_unsafe
from pytest_django import DjangoAssertNumQueries

from chat.session_store import SessionStore
from chat.views.broken import broken
from tests.scene import make_person

pytestmark = pytest.mark.django_db


def test_an_absent_page_says_so_in_the_sites_look(client: Client) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
    assert "chat/css/tokens.css" in response.content.decode()


def test_a_form_of_another_site_is_refused_in_plain_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert response.status_code == 403
    assert "This page is too old" in response.content.decode()


def test_the_page_for_a_broken_server_needs_nothing_that_could_be_broken(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        response = broken(HttpRequest())
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()


@pytest.mark.parametrize(("fault", "status"), [(OperationalError, 503), (DataError, 500)])
def test_a_database_that_is_away_is_no_fault_of_the_page(
    client: Client, fault: type[Exception], status: int
) -> None:
    def fail(*_: object) -> None:
        raise fault

    client.force_login(make_person("anna"))
    client.raise_request_exception = False
    with connection.execute_wrapper(fail):
        assert client.get("/rooms/").status_code == status


async def test_nor_is_it_on_the_servers_loop_where_nobody_may_ask_a_database(
    async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @async_unsafe
    def load(_session: SessionStore) -> None:
        raise OperationalError

    monkeypatch.setattr(SessionStore, "load", load)
    async_client.cookies["sessionid"] = "of-somebody"
    async_client.raise_request_exception = False
    for path in ("/rooms/", "/api/rooms/1/messages"):
        assert (await async_client.get(path)).status_code == 503, path


def test_too_many_tries_are_told_kindly() -> None:
    request = HttpRequest()
    request.csp_nonce = "n"  # type: ignore[attr-defined]
    assert "Wait a minute" in render_to_string("429.html", {"request": request})
