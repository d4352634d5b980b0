"""What questions cost as a site grows from ten thousand messages to a million.

Run as a program over the migrated database that DATABASE_URL names, with a number of messages as
its argument, it fills the database, asks, and prints an `Answers` as JSON. With `plans` as a second
argument it measures nothing.
"""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from benchmarks.processes import cpu_seconds
from tests.live.servers import PrivatePostgres
from tests.live.site import collect_static, environment, run_python

if TYPE_CHECKING:
    from benchmarks.grown_site import GrownSite

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5
ROUND_SECONDS = 0.1
WARM_UP = 5
SYNC = 500
FAR = 10_000
MOST = 1.5
"""How much more a question may cost of the largest site than of the smallest."""
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

Question = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """Of one call, in microseconds: the CPU time of our process and of the database's that serves
    it, and how long it took. Medians of rounds."""

    cpu_us: float
    wall_us: float


@dataclass(frozen=True)
class Answers:
    """By question. `fresh` are from before the database had gathered any statistics."""

    database: str
    messages: int
    costs: dict[str, Cost]
    fresh: dict[str, Cost]
    plans: dict[str, list[str]]


@dataclass(frozen=True)
class Growth:
    """One question to one database, by the number of messages."""

    database: str
    question: str
    costs: dict[int, Cost]
    fresh: dict[int, Cost]

    @property
    def ratio(self) -> float:
        """CPU in the largest site, as a multiple of the smallest."""
        return self.costs[max(self.costs)].cpu_us / self.costs[min(self.costs)].cpu_us


# ---- the run ----


def measure(progress: Callable[[str], None], sizes: Iterable[int] = SIZES) -> list[Answers]:
    """Each size and database by itself, in a process and a database of its own."""
    collect_static()
    answers = []
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatsite-bench-")))
        cluster = stack.enter_context(PrivatePostgres(directory))
        for messages in sizes:
            for url in (f"sqlite:///{directory}/{messages}.sqlite3", cluster.create_database()):
                progress(f"{messages:,} messages, {url.partition(':')[0]}")
                answers.append(_asked(url, messages))
    return answers


def _asked(url: str, messages: int) -> Answers:
    env = environment(url)
    run_python("manage.py", "migrate", "--verbosity", "0", env=env)
    found = json.loads(run_python("-m", "benchmarks.growth", str(messages), env=env))
    for kind in ("costs", "fresh"):
        found[kind] = {name: Cost(**cost) for name, cost in found[kind].items()}
    return Answers(**found)


def growths(answers: list[Answers]) -> list[Growth]:
    return [
        Growth(
            database,
            question,
            {one.messages: one.costs[question] for one in answers if one.database == database},
            {
                one.messages: one.fresh[question]
                for one in answers
                if one.database == database and question in one.fresh
            },
        )
        for database in DATABASES
        for question in answers[0].costs
    ]


# ---- inside the site ----


def questions(site: "GrownSite") -> dict[str, Question]:
    """What is asked of a site, as the site itself asks it."""
    from chat import history
    from chat.models import Membership, Room, User

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
        "sync: the last 500": lambda: history.sync(room, head - SYNC, SYNC),
        "sync: 500, 10,000 back": lambda: history.sync(room, head - FAR, SYNC),
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


def cost(ask: Question) -> Cost:
    for _ in range(WARM_UP):
        ask()
    rounds = [_round(ask) for _ in range(ROUNDS)]
    return Cost(
        cpu_us=statistics.median(cpu for cpu, _ in rounds),
        wall_us=statistics.median(wall for _, walls in rounds for wall in walls),
    )


def _round(ask: Question) -> tuple[float, list[float]]:
    """CPU of a call on the average, and the time that each took; in microseconds."""
    backend = _backend()
    walls = []
    cpu = process_time() + cpu_seconds(backend)
    end = perf_counter() + ROUND_SECONDS
    while (began := perf_counter()) < end:
        ask()
        walls.append((perf_counter() - began) * 1e6)
    cpu = process_time() + cpu_seconds(backend) - cpu
    return cpu * 1e6 / len(walls), walls


def _backend() -> list[int]:
    """The process of PostgreSQL that serves us. SQLite works in ours."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0]]


def answer(messages: int, *, measured: bool = True) -> Answers:
    from django.db import connection

    from benchmarks.grown_site import grow
    from benchmarks.plans import plans

    site = grow(messages)
    asked = questions(site)
    fresh: dict[str, Cost] = {}
    if connection.vendor == "postgresql":
        fresh = costs(asked) if measured else {}
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return Answers(
        connection.vendor,
        messages,
        costs(asked | requests(site)) if measured else {},
        fresh,
        {name: [str(plan) for plan in plans(ask)] for name, ask in asked.items()},
    )


def costs(asked: dict[str, Question]) -> dict[str, Cost]:
    return {name: cost(ask) for name, ask in asked.items()}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    answers = answer(int(sys.argv[1]), measured="plans" not in sys.argv)
    sys.stdout.write(json.dumps(asdict(answers)))
