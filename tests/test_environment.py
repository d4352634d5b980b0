"""A setting that is wrong is named, and never repeated."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import environment

SECRET = "hunter"
IN_A_PASSWORD = [*"/?#@%[]: \\\"'$&+=<>\0", "%zz", "%2", "12/", "7?", "7#", "//", "@/", "é"]

READERS: dict[str, tuple[Callable[[], Any], str]] = {
    "DATABASE_URL": (
        lambda: environment.database("DATABASE_URL", "sqlite:///x"),
        "postgres://chat:{}@host/name",
    ),
    "REDIS_URL": (lambda: environment.redis_url("REDIS_URL"), "redis://:{}@host:6379/0"),
    "EMAIL_URL": (
        lambda: environment.email("EMAIL_URL", "consolemail://"),
        "smtp+tls://chat:{}@host:587",
    ),
}


def chain(error: BaseException | None) -> str:
    """All that a traceback would tell."""
    text = ""
    while error:
        text += repr(error)
        error = error.__cause__ or error.__context__
    return text


@pytest.mark.parametrize(
    ("url", "reaches"),
    [
        ("smtp://host:25", True),
        ("SMTP+TLS://user:password@host:587", True),
        ("", False),
        ("consolemail://", False),
        ("ConsoleMail://", False),
        ("DummyMail://", False),
        ("memorymail://", False),
        ("filemail:///somewhere", False),
    ],
)
def test_mail_reaches_people_by_a_mail_server_alone(
    monkeypatch: pytest.MonkeyPatch, url: str, reaches: bool
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    assert environment.mail_reaches_people("EMAIL_URL") == reaches


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("odd", IN_A_PASSWORD)
@pytest.mark.parametrize("form", ["{0}{1}{1}", "{1}{0}{1}", "{1}{1}{0}"])
def test_a_password_of_any_character_is_read_or_refused_without_a_word_of_it(
    monkeypatch: pytest.MonkeyPatch, name: str, odd: str, form: str
) -> None:
    read, url = READERS[name]
    password = form.format(odd, SECRET)
    if "\0" in password:  # no environment holds it, an address may
        password = quote(password)
    monkeypatch.setenv(name, url.format(password))
    refusal, found = refusal_or_found(read)
    assert SECRET not in chain(refusal)
    assert SECRET not in found, "a part was taken for another"
    assert refusal is None or str(refusal).startswith(f"{name} is not as it should be: ")


def refusal_or_found(read: Callable[[], Any]) -> tuple[Exception | None, str]:
    """What was found in an address, but for the password and for one that is kept as it is."""
    try:
        found = read()
    except ImproperlyConfigured as refusal:
        return refusal, ""
    if isinstance(found, str):
        return None, ""
    return None, str({**found, "PASSWORD": "", "EMAIL_HOST_PASSWORD": ""})


@pytest.mark.parametrize("odd", [each for each in IN_A_PASSWORD if each != "\0"])
def test_a_password_of_any_character_is_understood_when_it_is_escaped(
    monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    password = f"a{odd}b"
    monkeypatch.setenv("DATABASE_URL", f"postgres://chat:{quote(password, safe='')}@host/name")
    found = environment.database("DATABASE_URL", "")
    assert (found["PASSWORD"], found["HOST"], found["NAME"]) == (password, "host", "name")
    monkeypatch.setenv("EMAIL_URL", f"smtp://chat:{quote(password, safe='')}@host:587")
    assert environment.email("EMAIL_URL", "")["EMAIL_HOST_PASSWORD"] == password
    monkeypatch.setenv("REDIS_URL", f"redis://:{quote(password, safe='')}@host:6379/0")
    assert environment.redis_url("REDIS_URL")


@pytest.mark.parametrize(
    "url",
    [
        "oracle://chat:hunter@host/name",
        "hunter",
        "sqlite://chat:hunter@host/name",
        "postgres://chat:hunter@host",
        "postgres://chat:hunter@host/",
        "postgres://chat:hunter@host:port/name",
        "postgres://chat:hunter@host/" + "n" * 64,
        "postgres://chat:hunter@[::1/name",
    ],
)
def test_a_database_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.database("DATABASE_URL", "")
    assert "hunter" not in chain(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://:memory:",
        "sqlite:////a/file",
        "postgres://chat:p@ss@host/name",
        "postgres:///name",
        "postgres://host/name?sslmode=require",
        "postgresql://chat@[::1]:5432/name",
    ],
)
def test_a_database_that_can_be_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert environment.database("DATABASE_URL", "")["NAME"]


@pytest.mark.parametrize("given", ["hunter", "-1", "nan", "inf", "1e99", "5 5", "$PORT", "x0"])
def test_a_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("NUMBER", given)
    for read in (
        lambda: environment.decimal("NUMBER", default=5),
        lambda: environment.whole("NUMBER", default=5),
        lambda: environment.flag("NUMBER", default=True),
        lambda: environment.number_or_flag("NUMBER", default=True, most=9),
    ):
        with pytest.raises(ImproperlyConfigured, match=r"\ANUMBER is not") as caught:
            read()
        assert "hunter" not in chain(caught.value)


@pytest.mark.parametrize(
    ("given", "most", "meant"),
    [
        *(("1", 9, 1), ("on", 9, 1), ("Yes", 9, 1), ("2", 9, 2)),
        *(("", 9, 0), ("0", 9, 0), ("off", 9, 0), ("False", 9, 0)),
    ],
)
def test_what_may_be_a_number_or_on(
    monkeypatch: pytest.MonkeyPatch, given: str, most: int, meant: int
) -> None:
    monkeypatch.setenv("TRUST_PROXY", given)
    assert environment.number_or_flag("TRUST_PROXY", default=False, most=most) == meant


def test_what_begins_with_a_dollar_is_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "$hunter")
    assert environment.text("SECRET_KEY") == "$hunter"


def test_lists_may_have_blanks_and_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "chat.example.org, .example.net ,*,[::1],")
    assert environment.names("HOSTS") == ["chat.example.org", ".example.net", "*", "[::1]"]
    monkeypatch.setenv("HOSTS", "https://hunter")
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.names("HOSTS")
    assert "hunter" not in chain(caught.value)
    monkeypatch.setenv("ORIGINS", "https://a.example, https://*.example.net:8443/")
    assert environment.origins("ORIGINS") == ["https://a.example", "https://*.example.net:8443"]
    for wrong in ("hunter", "ftp://hunter", "https://a:hunter@b", "https://a/hunter", "https://"):
        monkeypatch.setenv("ORIGINS", wrong)
        with pytest.raises(ImproperlyConfigured) as caught:
            environment.origins("ORIGINS")
        assert "hunter" not in chain(caught.value)
