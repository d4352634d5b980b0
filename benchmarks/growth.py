"""What questions cost as a site grows from ten thousand messages to a million.

Run as a program over the migrated database that DATABASE_URL names, with a number of messages as
its argument, it fills the database, says which questions it knows, and then does what each line of
its input asks for: see `GrownSiteProcess`.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import IO, TYPE_CHECKING, Any, Self, cast

from benchmarks.processes import cpu_seconds
from tests.live.servers import CHECKOUT, PrivatePostgres
from tests.live.site import collect_static, environment, run_python

if TYPE_CHECKING:
    from benchmarks.grown_site import GrownSite

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5
ROUND_SECONDS = 0.1
WARM_UP = 3
SYNC = 500
FAR = 10_000
MOST = 1.5
"""How much more a question may cost of the largest site than of the smallest."""
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

Question = Callable[[], object]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Cost:
    """Of one call, in microseconds: CPU time of our process and of the database's that serves it,
    and how long it took at the median."""

    cpu_us: float
    wall_us: float


@dataclass(frozen=True)
class Growth:
    """One question to one database: the cost in each round, by the number of messages.

    `fresh` is from before the database had gathered any statistics.
    """

    database: str
    question: str
    rounds: dict[int, list[Cost]]
    fresh: dict[int, list[Cost]]

    @property
    def ratio(self) -> float:
        """CPU in the largest site as a multiple of the smallest: the median over the pairs of
        rounds."""
        pairs = zip(self.rounds[max(self.rounds)], self.rounds[min(self.rounds)], strict=True)
        return statistics.median(large.cpu_us / small.cpu_us for large, small in pairs)


@dataclass(frozen=True)
class Answers:
    """What one database answered, and the plans of the largest site's queries by question."""

    growths: list[Growth]
    plans: dict[str, list[str]]


# ---- the run ----


def measure(database: str, progress: Progress, sizes: Iterable[int] = SIZES) -> Answers:
    """The sites take turns, so that a drift of the machine hits all of them."""
    collect_static()
    with ExitStack() as stack:
        new_database = stack.enter_context(_databases(database))
        sites = {}
        for size in sizes:
            progress(f"{DATABASES[database]}, {size:,} messages")
            sites[size] = stack.enter_context(GrownSiteProcess(new_database(), size))
        largest = sites[max(sites)]
        fresh = {}
        if database == "postgresql":
            fresh = {each: _rounds(sites, each, progress) for each in largest.questions}
        for site in sites.values():
            site.settle()
        measured = {
            each: _rounds(sites, each, progress) for each in [*largest.questions, *largest.requests]
        }
        growths = [
            Growth(database, each, rounds, fresh.get(each, {})) for each, rounds in measured.items()
        ]
        return Answers(growths, largest.plans())


@contextmanager
def _databases(database: str) -> Iterator[Callable[[], str]]:
    """Gives what makes a fresh one, and returns its URL."""
    with tempfile.TemporaryDirectory(prefix="chatsite-growth-") as name:
        directory = Path(name)
        if database == "postgresql":
            with PrivatePostgres(directory) as cluster:
                yield cluster.create_database
        else:
            numbers = iter(range(1_000))
            yield lambda: f"sqlite:///{directory / str(next(numbers))}.sqlite3"


def _rounds(
    sites: dict[int, "GrownSiteProcess"], question: str, progress: Progress
) -> dict[int, list[Cost]]:
    progress(question)
    rounds: dict[int, list[Cost]] = {size: [] for size in sites}
    for _ in range(ROUNDS):
        for size, site in sites.items():
            rounds[size].append(site.cost(question))
    return rounds


class GrownSiteProcess:
    """A process of this program, which works inside one site."""

    def __init__(self, database_url: str, messages: int) -> None:
        self._env = environment(database_url)
        self._messages = messages

    def __enter__(self) -> Self:
        run_python("manage.py", "migrate", "--verbosity", "0", env=self._env)
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "benchmarks.growth", str(self._messages)],
            cwd=CHECKOUT,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.questions, self.requests = self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        self._input.close()
        self._process.wait()

    def cost(self, question: str) -> Cost:
        return Cost(**self._ask(f"cost {question}"))

    def settle(self) -> None:
        """The database gathers its statistics, as it does by itself in the course of time."""
        self._ask("settle")

    def plans(self) -> dict[str, list[str]]:
        return cast("dict[str, list[str]]", self._ask("plans"))

    def _ask(self, line: str) -> Any:
        self._input.write(f"{line}\n")
        self._input.flush()
        return self._answer()

    def _answer(self) -> Any:
        output = cast("IO[str]", self._process.stdout)
        return json.loads(output.readline())

    @property
    def _input(self) -> IO[str]:
        return cast("IO[str]", self._process.stdin)


# ---- inside the site ----


def questions(site: "GrownSite") -> dict[str, Question]:
    """What is asked of a site, as the site itself asks it."""
    from chat import history, shaped
    from chat.models import Membership, Room, User

    def sync_anew(after: int) -> object:
        shaped.kept.clear()
        return history.sync(room, after, SYNC)

    def unread(user: User, room: Room) -> Question:
        membership = Membership.objects.get(user=user, room=room)
        return lambda: history.reading(membership)

    room, head = site.big, site.big.last_seq
    everywhere = [each.pk for each in site.rooms]
    return {
        "page: newest": lambda: history.page(room).data(),
        "page: around the middle": lambda: history.page(room, around=head // 2).data(),
        "page: before a tenth": lambda: history.page(room, before=head // 10).data(),
        "page: after nine tenths": lambda: history.page(room, after=head * 9 // 10).data(),
        "rooms: nothing read": lambda: history.rooms_of(site.newcomer.pk),
        "rooms: a bit behind": lambda: history.rooms_of(site.regular.pk),
        "rooms: all read": lambda: history.rooms_of(site.done.pk),
        "unread: nothing read": unread(site.newcomer, room),
        "unread: a bit behind": unread(site.regular, room),
        "unread: own or deleted": unread(site.speaker, site.monologue),
        "sync: the last 500": lambda: sync_anew(head - SYNC),
        "sync: the last 500 again": lambda: history.sync(room, head - SYNC, SYNC),
        "sync: 500, 10,000 back": lambda: sync_anew(head - FAR),
        "changes between": lambda: history.changes_between(room.pk, head - SYNC, head),
        "heads of 20 rooms": lambda: history.heads(everywhere),
    }


def requests(site: "GrownSite") -> dict[str, Question]:
    """The same as a browser asks it, and what the follower and the writer do."""
    from django.test import Client

    from chat import follower

    client = Client(HTTP_HOST="localhost")
    client.force_login(site.regular, "django.contrib.auth.backends.ModelBackend")

    def get(path: str) -> Question:
        def ask() -> None:
            response = client.get(path)
            assert response.status_code == 200, response  # noqa: S101 - what is measured is real

        return ask

    rooms = [each.pk for each in site.rooms]
    middle = site.big.last_seq // 2
    return {
        "follower: one look": lambda: follower._look(rooms),
        "GET messages": get(f"/api/rooms/{site.big.pk}/messages?before={middle}"),
        "GET room page": get(f"/rooms/{site.big.slug}/"),
        "post": _posting(site),
    }


def _posting(site: "GrownSite") -> Question:
    from itertools import count

    from chat.actions.messages import NewPost, post_messages

    numbers = count(1)

    def post() -> None:
        words = f"measured {next(numbers)}"
        post_messages([NewPost(site.regular, site.big.pk, words.replace(" ", "-"), words)])

    return post


def cost(ask: Question) -> dict[str, float]:
    """The fields of a `Cost`."""
    for _ in range(WARM_UP):
        ask()
    backend = _backend()
    walls = []
    cpu = process_time() + cpu_seconds(backend)
    end = perf_counter() + ROUND_SECONDS
    while (began := perf_counter()) < end:
        ask()
        walls.append(perf_counter() - began)
    cpu = process_time() + cpu_seconds(backend) - cpu
    return {"cpu_us": cpu * 1e6 / len(walls), "wall_us": statistics.median(walls) * 1e6}


def _backend() -> list[int]:
    """The process of PostgreSQL that serves us. SQLite works in ours."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0]]


def serve(messages: int) -> None:
    """Fills the database, and does what is asked, a line each."""
    from benchmarks.grown_site import grow
    from benchmarks.plans import plans

    _gather_no_statistics()
    site = grow(messages)
    asked, requested = questions(site), requests(site)
    _say([list(asked), list(requested)])
    for line in sys.stdin:
        command, _, question = line.rstrip("\n").partition(" ")
        if command == "cost":
            _say(cost((asked | requested)[question]))
        elif command == "settle":
            _gather_statistics()
            _say(None)
        elif command == "plans":
            _say({name: [str(plan) for plan in plans(ask)] for name, ask in asked.items()})


def _gather_no_statistics() -> None:
    """Nor vacuum anything just when something is measured."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in ("chat_message", "chat_reaction"):
                cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


def _gather_statistics() -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    serve(int(sys.argv[1]))
