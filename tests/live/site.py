"""One chat: a database with people and rooms, perhaps a Redis, and the processes over them."""

import contextlib
import fcntl
import functools
import http.client
import http.cookies
import json
import os
import re
import shutil
import tempfile
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar, overload

from tests.live.forked import Forked
from tests.live.scenery import Person, Scenery
from tests.live.servers import CHECKOUT, Daphne, PrivatePostgres, PrivateRedis

Kind = TypeVar("Kind", bound=Daphne)
SECRET_KEY = "a key for the tests alone, the same for each so that prepared sessions fit"


class Site:
    """`directory` holds the logs. `settings` are environment variables beside the usual ones."""

    def __init__(
        self,
        directory: Path,
        database_url: str,
        scenery: Scenery,
        redis: PrivateRedis | None = None,
    ) -> None:
        self.directory = directory
        self.database_url = database_url
        self.people = scenery.people
        self.rooms = scenery.rooms
        self.redis = redis
        self.settings: dict[str, str] = {}
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @overload
    def serve(self, **settings: str) -> Daphne: ...

    @overload
    def serve(self, kind: type[Kind], **settings: str) -> Kind: ...

    def serve(self, kind: Any = Daphne, **settings: str) -> Any:
        """One more process over the same database and Redis, ready to answer."""
        return self._running.enter_context(kind(self.directory, self.env(**settings), self.people))

    @property
    def vendor(self) -> str:
        """`sqlite` or `postgres`."""
        return self.database_url.partition(":")[0]

    def env(self, **settings: str) -> dict[str, str]:
        redis_url = self.redis.url if self.redis else ""
        return environment(self.database_url, REDIS_URL=redis_url, **{**self.settings, **settings})

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the servers, as an operator would. Returns its output."""
        return run_python("manage.py", *arguments, env=self.env())

    def shell(self, code: str) -> Any:
        """Run Python inside Django, in a process of its own. Returns what it leaves in `result`."""
        script = f"import json\nresult = None\n{code}\nprint('\\n' + json.dumps(result))"
        return json.loads(self.manage("shell", "-v", "0", "-c", script).splitlines()[-1])


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """This process's environment, with the site's settings and none of the caller's own."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "CHAT_POST_RATE": "0",
        **settings,
    }


def run_python(*arguments: str, env: Mapping[str, str]) -> str:
    """Raises AssertionError, with what it wrote to its standard error, if it fails."""
    with tempfile.TemporaryDirectory() as directory:
        stdout, stderr = Path(directory, "stdout"), Path(directory, "stderr")
        status = Forked(arguments, cwd=CHECKOUT, env=env, stdout=stdout, stderr=stderr).wait()
        told, errors = stdout.read_text(), stderr.read_text()
    assert status == 0, f"{' '.join(arguments)} failed:\n{told}\n{errors}"
    return told


@functools.cache
def collect_static() -> None:
    """With DEBUG off, pages name their files by the manifest that this writes."""
    with (CHECKOUT / "var/collectstatic.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two pytest workers would trip over each other's files
        arguments = ("collectstatic", "--no-input", "--verbosity", "0")
        run_python("manage.py", *arguments, env=environment("sqlite://:memory:"))


class Prepared:
    """A migrated database with the scenery in it, to be copied: each test soon has its own."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        collect_static()
        env = environment(database_url)
        run_python("manage.py", "migrate", "--verbosity", "0", env=env)
        self._scenery = run_python("-m", "tests.live.scenery", env=env)

    def scenery(self) -> Scenery:
        return Scenery.loads(self._scenery)


class PreparedSqlite(Prepared):
    def __init__(self, directory: Path) -> None:
        self.file = directory / "prepared.sqlite3"
        super().__init__(f"sqlite:///{self.file}")

    def site_in(self, directory: Path) -> "Site":
        """A site of its own, on a copy."""
        url = f"sqlite:///{shutil.copy(self.file, directory / 'chat.sqlite3')}"
        return Site(directory, url, self.scenery())


class PreparedPostgres(Prepared):
    def __init__(self, server: PrivatePostgres) -> None:
        self.server = server
        super().__init__(server.create_database())

    def copy(self) -> str:
        """Returns the copy's URL."""
        return self.server.create_database(template=self.database_url.rpartition("/")[2])


@dataclass(frozen=True)
class Answer:
    """What a server said to one HTTP request."""

    status: int
    path: str
    headers: http.client.HTTPMessage
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Visitor:
    """A browser without JavaScript: keeps cookies, follows redirects, fills in forms."""

    def __init__(self, server: Daphne, name: str = "") -> None:
        self.server = server
        self.cookies = {"sessionid": server.people[name].session} if name else {}

    def get(self, path: str, **headers: str) -> Answer:
        return self._request("GET", path, headers=headers)

    def submit(self, path: str, to: str = "", **fields: str) -> Answer:
        """Fill in a form that stands at `path` and send it, `to` another address if it says so."""
        form = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        assert token, f"no form at {path}: {form.status} {form.text[:300]}"
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields})
        return self._request("POST", to or form.path, body)

    def sign_in(self, person: Person) -> Person:
        """Through the sign-in form. Returns the person with the session that it made."""
        self.submit("/accounts/login/", login=person.username, password=person.password)
        return replace(person, session=self.cookies["sessionid"])

    def _request(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        with contextlib.closing(self.server.connection()) as connection:
            connection.request(method, path, body, {**self._headers(path, body), **(headers or {})})
            response = connection.getresponse()
            self._keep_cookies(response.headers)
            answer = Answer(
                response.status, path, response.headers, response.read().decode(errors="replace")
            )
        if answer.status in (301, 302, 303):
            return self.get(urllib.parse.urljoin(path, answer.headers["Location"]))
        return answer

    def _headers(self, path: str, body: str | None) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies} if cookies else {}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.server.origin,
                "Referer": self.server.origin + path,
            }
        return headers

    def _keep_cookies(self, headers: http.client.HTTPMessage) -> None:
        for header in headers.get_all("Set-Cookie", []):
            for name, morsel in http.cookies.SimpleCookie(header).items():
                self.cookies[name] = morsel.value
