"""Many members at once, what they say, and the verdict on what each of them shows in the end."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from time import monotonic, time
from typing import Any

from tests.drills.member import Member
from tests.drills.waiting import until
from tests.live.book import Event
from tests.live.scenery import Person
from tests.live.servers import Daphne
from tests.live.site import Site, Visitor

NOTHING_WRONG = {"lost": 0, "doubled": 0, "disordered": 0}


def move_in(site: Site, count: int) -> list[Person]:
    """So many more people with a session, all in the lounge."""
    made = site.shell(
        "from chat.models import Membership, Room, User\n"
        "from tests.live.scenery import sign_in\n"
        "lounge = Room.objects.get(slug='lounge')\n"
        f"people = [User(username=f'member{{n}}', password='!') for n in range({count})]\n"
        "User.objects.bulk_create(people)\n"
        "Membership.objects.bulk_create(Membership(room=lounge, user=user) for user in people)\n"
        "result = [[user.pk, user.username, sign_in(user.pk)] for user in people]"
    )
    return [Person(*person) for person in made]


class Crowd:
    """People in the lounge of one site."""

    def __init__(self, site: Site, servers: Sequence[Daphne]) -> None:
        self.site, self.servers = site, servers
        self.room = site.rooms["lounge"]
        self.members: list[Member] = []
        self.said_at: dict[str, float] = {}
        self._number = 0
        self._came_at: int | None = None

    async def gather(self, people: Iterable[Person], **options: Any) -> None:
        arrived = [Member(self.servers, person, self.said_at, **options) for person in people]
        self.members += arrived
        for start in range(0, len(arrived), 50):
            await asyncio.gather(*(member.enter() for member in arrived[start : start + 50]))
        if self._came_at is None:
            self._came_at = min(member.rooms[self.room].at for member in arrived)

    async def talk(self, seconds: float, per_second: float, words: str = "") -> None:
        """Somebody says something so many times a second, whatever happens meanwhile."""
        started = monotonic()
        for number in range(int(seconds * per_second)):
            self.say_something(words=words)
            await asyncio.sleep(max(0, started + (number + 1) / per_second - monotonic()))

    def say_something(self, speaker: Member | None = None, words: str = "") -> str:
        self._number += 1
        speaker = speaker or random.choice(self.members)
        return speaker.say(self.room, f"word {self._number} of {speaker.person.username} {words}")

    async def until_back(self, losses: int, within: float) -> None:
        """So many have lost their connection at least, and all are caught up again.

        Raises TimeoutError."""

        def back() -> bool:
            lost = sum(bool(member.closes) for member in self.members)
            return lost >= losses and all(member.caught_up for member in self.members)

        await until(back, within)

    async def until_all_have(self, condition: Callable[[Member], object], within: float) -> None:
        """Raises TimeoutError."""
        await until(lambda: all(condition(member) for member in self.members), within)

    async def until_all_said(self, within: float) -> None:
        """Raises TimeoutError."""
        await self.until_all_have(lambda member: not member.unsent, within)

    async def until_agreed(self, within: float) -> float:
        """Wait until everybody shows all that is stored. Returns the seconds from the last post's
        acknowledgement to that."""
        last_seq = await self.last_seq()
        asked = monotonic()
        behind = self.members
        while behind and monotonic() < asked + within:
            behind = [each for each in behind if each.rooms[self.room].at < last_seq]
            await asyncio.sleep(0.02)
        where = {each.person.username: each.rooms[self.room].at for each in behind[:5]}
        assert not behind, f"{len(behind)} never came to {last_seq} in {within} s: {where}"
        return max(self._complete_since() - self.last_said(), 0)

    def _complete_since(self) -> float:
        return max(each.rooms[self.room].complete_since for each in self.members)

    def complete_since_epoch(self) -> float:
        """When the last of them came to know all, as a Unix time."""
        return time() - monotonic() + self._complete_since()

    def last_said(self) -> float:
        """When the last thing said was acknowledged."""
        return max(member.last_acknowledged for member in self.members)

    async def last_seq(self) -> int:
        """From the database, not from a server that may be down."""
        code = f"from chat.models import Room; result = Room.objects.get(pk={self.room}).last_seq"
        return int(await asyncio.to_thread(self.site.shell, code))

    async def settle(self, within: float = 30) -> dict[str, Any]:
        """Everything said is acknowledged, and everybody shows it. Returns verdict and figures."""
        await self.until_all_said(60)
        agreed = await self.until_agreed(within)
        verdict = await self.verdict()
        assert verdict["said"] == verdict["acknowledged"] == verdict["stored"], verdict
        assert verdict.items() >= NOTHING_WRONG.items(), verdict
        return self.figures(**verdict, agreed_s=round(agreed, 2))

    async def verdict(self) -> dict[str, int]:
        """Lost, doubled and disordered messages, against what the database holds beyond what was
        there before."""
        came_at = self._came_at or 0
        stored = [each for each in await self.stored() if each["seq"] > came_at]
        ids = [message["client_id"] for message in stored]
        acknowledged = self.acknowledged()
        return {
            "said": len(self.said_at),
            "acknowledged": len(acknowledged),
            "stored": len(stored),
            "lost": len(acknowledged - set(ids)) + sum(self._unseen(stored)),
            "doubled": len(ids) - len(set(ids)),
            "disordered": sum(member.rooms[self.room].falls for member in self.members)
            + sum(_shows_another_order(each.rooms[self.room].log, stored) for each in self.members),
        }

    def acknowledged(self) -> set[str]:
        """The `client_id` of each post that was answered with `posted`."""
        return {key for member in self.members for key in member.acknowledged}

    def _unseen(self, stored: list[Event]) -> Iterable[int]:
        """Of each member: what is stored since it came, and is not shown, or not in that state."""
        for member in self.members:
            shown = {each["id"]: each for each in member.rooms[self.room].log}
            first = min((each["seq"] for each in shown.values()), default=0)
            yield sum(
                shown.get(each["id"], {}).get("changed_seq") != each["changed_seq"]
                for each in stored
                if each["seq"] >= first
            )

    async def stored(self) -> list[Event]:
        """By pages: who asks for more than 10,000 changes at once is told to begin anew."""
        return await asyncio.to_thread(self._read_log)

    def _read_log(self) -> list[Event]:
        visitor, log, more, after = Visitor(self.servers[0], "alice"), [], True, 0
        while more:
            path = f"/api/rooms/{self.room}/messages?after={after}&limit=100"
            page = json.loads(visitor.get(path).text)
            log += page["messages"]
            more, after = page["more_after"], log[-1]["seq"] if log else 0
        return log

    def forget_delays(self) -> None:
        """What is measured from here on is to be seen alone."""
        for member in self.members:
            member.delays.clear()
            member.waits.clear()

    def figures(self, **more: Any) -> dict[str, Any]:
        returns = [each for member in self.members for each in member.returns]
        delays = [each for member in self.members for each in member.delays]
        return {
            "clients": len(self.members),
            "reconnects": len(returns),
            "back_p95_s": p95(returns),
            "shown_p50_ms": percentile(delays, 0.5, 1000),
            "shown_p95_ms": percentile(delays, 0.95, 1000),
            "syncs": sum(member.syncs for member in self.members),
            **more,
        }


def _shows_another_order(shown: list[Event], stored: list[Event]) -> bool:
    ids = {message["id"] for message in shown}
    return [each["id"] for each in shown] != [each["id"] for each in stored if each["id"] in ids]


def p95(values: Sequence[float]) -> float | None:
    return percentile(values, 0.95)


def percentile(values: Sequence[float], share: float, unit: float = 1) -> float | None:
    if not values:
        return None
    return round(sorted(values)[int(len(values) * share)] * unit, 2)


@contextlib.asynccontextmanager
async def crowd_of(site: Site, servers: Sequence[Daphne], count: int) -> AsyncIterator[Crowd]:
    """A crowd of so many, online; they leave at the end."""
    crowd = Crowd(site, servers)
    try:
        await crowd.gather(await asyncio.to_thread(move_in, site, count))
        yield crowd
    finally:
        await asyncio.gather(*(member.leave() for member in crowd.members))


def as_line(figures: dict[str, Any]) -> str:
    return " ".join(f"{name}={json.dumps(value)}" for name, value in figures.items())
