"""Whatever is done, and however it reaches a page: all end with the log's state."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import fanout, history, presentation
from chat.actions import messages
from chat.actions.messages import NewPost, Outcome, Stored, post_messages, posting
from chat.errors import Forbidden, Invalid, NotFound
from chat.models import Message, Reaction, Room, User
from tests.scene import make_person, make_room

PEOPLE = 3
EMOJI = "👍🎉🐢"

people = st.integers(0, PEOPLE - 1)
places = st.integers(0, 12)
posts = st.tuples(
    people, st.integers(0, 8), st.sampled_from(["hello", "*x*", " "]), st.none() | places
)
batches = st.tuples(st.just("post"), st.lists(posts, min_size=1, max_size=6))
changes = st.one_of(
    st.tuples(st.just("edit"), people, places, st.sampled_from(["one", "two", ""])),
    st.tuples(st.just("delete"), people, places),
    st.tuples(st.just("react"), people, places, st.sampled_from(EMOJI), st.booleans()),
)


@dataclass
class Talk:
    """What several people do in one room, and what was told of it."""

    people: list[User]
    room: Room
    told: list[fanout.Change] = field(default_factory=list)
    said: set[tuple[int, str]] = field(default_factory=set)

    def carry_out(self, kind: str, *what: Any) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fanout, "publish", self.told.extend)
            patch.setattr(transaction, "on_commit", lambda act: act())
            getattr(self, kind)(*what)

    def post(self, batch: list[tuple[int, int, str, int | None]]) -> None:
        posts = [
            NewPost(
                user=self.people[person],
                room_id=self.room.pk,
                client_id=f"c{number}",
                body=body,
                reply_to=None if quoted is None else self.message(quoted),
            )
            for person, number, body, quoted in batch
        ]
        for post, outcome in zip(posts, post_messages(posts), strict=True):
            self.check(post, outcome)

    def check(self, post: NewPost, outcome: Outcome) -> None:
        key = post.user.pk, post.client_id
        if isinstance(outcome, Invalid):
            assert key not in self.said
            return
        assert isinstance(outcome, Stored)
        assert outcome.new == (key not in self.said)
        self.said.add(key)
        kept = Message.objects.get(author=post.user, client_id=post.client_id)
        assert outcome.message.pk == kept.pk

    def edit(self, person: int, place: int, body: str) -> None:
        self.change(messages.edit_message, person, place, body)

    def delete(self, person: int, place: int) -> None:
        self.change(messages.delete_message, person, place)

    def react(self, person: int, place: int, emoji: str, on: bool) -> None:
        self.change(messages.react, person, place, emoji, on)

    def change(self, act: Callable[..., Stored], person: int, place: int, *what: Any) -> None:
        before = self.head()
        try:
            stored = act(self.people[person], self.room.pk, self.message(place), *what)
        except (NotFound, Forbidden, Invalid):
            assert self.head() == before
        else:
            assert self.head() == before + stored.new
            kept = Message.objects.shown().get(pk=stored.message.pk)
            assert stored.text == presentation.message_json(kept)

    def message(self, place: int) -> int:
        """The message at that place, or one that is nowhere."""
        found = Message.objects.filter(room=self.room, seq=place).values_list("pk", flat=True)
        return found.first() or 999_999

    def head(self) -> int:
        return history.head(self.room.pk)

    def state(self) -> dict[int, Any]:
        rows = Message.objects.shown().filter(room=self.room)
        return {row.pk: json.loads(presentation.message_json(row)) for row in rows}


@dataclass
class Client:
    """A page, by the contract's rules alone."""

    room: Room
    number: int
    messages: dict[int, Any] = field(default_factory=dict)

    def take(self, message: dict[str, Any]) -> None:
        known = self.messages.get(message["id"])
        if known is None or known["changed_seq"] < message["changed_seq"]:
            self.messages[message["id"]] = message

    def hear(self, change: fanout.Change) -> None:
        if change.seq <= self.number:
            return
        if change.seq == self.number + 1:
            self.number = change.seq
        self.take(json.loads(change.event)["message"])

    def sync(self, limit: int) -> None:
        while True:
            found = history.sync(self.room, self.number, limit)
            assert found is not None
            texts = [json.loads(text) for text in found.messages]
            for message in texts:
                assert message["changed_seq"] > self.number
                self.take(message)
                if found.more:
                    self.number = message["changed_seq"]
            if not found.more:
                self.number = found.last_seq
                return


@pytest.fixture
def talk(db: None, monkeypatch: pytest.MonkeyPatch) -> Talk:  # noqa: ARG001 - it has rows
    monkeypatch.setattr(posting.post_rate, "per_second", 0)
    persons = [make_person(f"person{number}") for number in range(PEOPLE)]
    return Talk(persons, make_room(*persons))


def empty(talk: Talk) -> None:
    """The next example begins with nothing said."""
    Reaction.objects.all().delete()
    Message.objects.all()._raw_delete(using="default")
    Room.objects.filter(pk=talk.room.pk).update(last_seq=0)
    talk.told.clear()
    talk.said.clear()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(batches | changes, max_size=20), st.randoms(use_true_random=False))
def test_numbers_have_no_hole_and_every_page_ends_with_the_logs_state(
    talk: Talk, steps: list[Any], chance: random.Random
) -> None:
    empty(talk)
    snapshots = [(0, talk.state())]
    for step in steps:
        talk.carry_out(*step)
        snapshots.append((talk.head(), talk.state()))
    check_the_log(talk)
    for number, state in chance.sample(snapshots, min(4, len(snapshots))):
        check_a_page_that_was_at(talk, number, state, chance)


def check_the_log(talk: Talk) -> None:
    head = talk.head()
    rows = list(Message.objects.filter(room=talk.room).order_by("seq"))
    assert [change.seq for change in talk.told] == list(range(1, head + 1))
    assert len({row.changed_seq for row in rows}) == len(rows)
    posted = {row.seq for row in rows}
    other = {change.seq for change in talk.told} - posted
    assert {row.changed_seq for row in rows} <= posted | other
    assert all(row.seq <= row.changed_seq <= head for row in rows)
    assert max((row.changed_seq for row in rows), default=0) == head
    last = {row.pk: row.changed_seq for row in rows}
    for change in talk.told:
        message = json.loads(change.event)["message"]
        assert message["changed_seq"] == change.seq <= last[message["id"]]


def check_a_page_that_was_at(
    talk: Talk, number: int, state: dict[int, Any], chance: random.Random
) -> None:
    """It hears events dropped, repeated and in any order, and asks once in a while."""
    page = Client(talk.room, number, dict(state))
    network = [change for change in talk.told for _ in range(chance.choice([0, 1, 1, 2]))]
    if chance.random() < 0.7:
        chance.shuffle(network)
    for change in network:
        page.hear(change)
        if chance.random() < 0.1:
            page.sync(chance.randint(1, 5))
    page.sync(chance.randint(1, 5))
    assert page.messages == talk.state()
    assert page.number == talk.head()
