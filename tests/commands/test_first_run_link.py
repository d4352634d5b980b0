"""The one-time link, on demand and at the start."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from chat import first_run
from tests.scene import make_superuser

pytestmark = pytest.mark.django_db


def printed_link() -> str:
    output = StringIO()
    call_command("first_run_link", stdout=output)
    return output.getvalue().strip()


def test_it_prints_a_link_that_opens(client: Client) -> None:
    assert client.get(printed_link().removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_with_a_superuser_there_is_no_link() -> None:
    make_superuser()
    with pytest.raises(CommandError):
        printed_link()


@pytest.mark.parametrize(
    ("origins", "hosts", "start"),
    [
        ([], [], "http://127.0.0.1:8123/"),
        ([], ["*", ".example.org", "chat.example.org"], "http://chat.example.org:8123/"),
        (["https://*.example.org", "https://chat.example.org"], ["x"], "https://chat.example.org/"),
    ],
)
def test_it_names_the_address_that_people_use(
    settings: Settings, origins: list[str], hosts: list[str], start: str
) -> None:
    settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS, settings.PORT = origins, hosts, 8123
    assert printed_link().startswith(start + "first-run/")


def test_behind_a_proxy_it_names_the_proxys_address(settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.TRUST_PROXY = ["chat.example.org"], True
    assert printed_link().startswith("https://chat.example.org/first-run/")


def test_the_start_prints_it_too(capfd: pytest.CaptureFixture[str]) -> None:
    first_run.tell_the_link()
    assert "/first-run/" in capfd.readouterr().err
    make_superuser()
    first_run.tell_the_link()
    assert "/first-run/" not in capfd.readouterr().err


def test_a_start_without_tables_goes_on(capfd: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_user RENAME TO gone")
    first_run.tell_the_link()
    assert "/first-run/" not in capfd.readouterr().err
