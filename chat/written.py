"""What a command has to be written, and what commands cost."""

import asyncio
from functools import partial
from weakref import WeakValueDictionary

from chat import fanout, protocol
from chat.actions.messages import NewPost, delete_message, edit_message, react
from chat.actions.messages.content import Drawn
from chat.actions.messages.drawing import CHARACTERS_OF_ONE
from chat.actions.rates import Rate, costs_of
from chat.actions.reading import Mark
from chat.actions.turns import Task
from chat.loops import OnePerLoop
from chat.models import User

COMMANDS_A_SECOND = 100
"""Of a person, on all their connections here; a burst may be as many as one connection may send."""

COMMANDS_AT_ONCE = 10
LONGEST_WAIT_SECONDS = 150.0

COSTS_TO_READ: dict[type[protocol.Command], float] = {protocol.Sync: 3, protocol.Watch: 9}
"""Of what takes as long as so many further commands."""

COSTS_TO_REFUSE = 9
"""Of what was `rate_limited`: it went the way of all that is written."""

BYTES_OF_ONE = 4096
"""So much of a `sync`'s answer counts as one more."""

COSTS_TO_WRITE: dict[type[protocol.Command], float] = {
    protocol.Post: 0,  # it pays by itself, once it is known to be no repeat
    protocol.Edit: 1,
    protocol.Delete: 0.2,
    protocol.React: 0.2,
    protocol.Read: 0.1,
}
"""In posts."""

command_rate = Rate(COMMANDS_A_SECOND, "command", burst_seconds=5, shared=False)

Said = protocol.Post | protocol.Edit
Changed = protocol.Edit | protocol.Delete | protocol.React
Written = protocol.Post | Changed | protocol.Read


_readings: OnePerLoop[WeakValueDictionary[int, asyncio.Lock]] = OnePerLoop(WeakValueDictionary)


class Pace:
    """How fast a person's commands are taken up on a connection: who sends more waits, and nothing
    is refused. It takes some at a time, as all that is said comes through here."""

    def __init__(self, person: int, address: str) -> None:
        self._takes = [costs_of(person, address, COMMANDS_AT_ONCE)]
        self._left = 0.0
        self._waited_seconds = 0.0
        self.one_at_a_time = _readings().setdefault(person, asyncio.Lock())
        """Held while something long is read for this person, on whichever connection."""

    def take(self) -> bool:
        """Whether one may be taken up at once, as nearly all may."""
        if self._left < 1:
            return False
        self._left -= 1
        return True

    async def keep(self, commands: float = 1.0) -> bool:
        """False for one that stays behind for LONGEST_WAIT_SECONDS: it is no page that does."""
        has_waited = False
        while self._left < commands:
            if wait := command_rate.take_all(self._takes)[0]:
                has_waited = True
                self._waited_seconds += wait
                await asyncio.sleep(wait)
                continue
            self._left += COMMANDS_AT_ONCE
            if not has_waited:
                self._waited_seconds = 0.0
        self._left -= commands
        return self._waited_seconds < LONGEST_WAIT_SECONDS

    def owe(self, answer: str) -> None:
        """What it took to answer is known afterwards, and paid for by the next command."""
        self._left -= len(answer) / BYTES_OF_ONE

    def owe_refusal(self) -> None:
        """Who is told to wait, and does not, is slowed down."""
        self._left -= COSTS_TO_REFUSE


def cost_of(command: Written) -> float:
    """In posts."""
    cost = COSTS_TO_WRITE[type(command)]
    if type(command) is protocol.Edit:
        return max(cost, len(command.body) / CHARACTERS_OF_ONE)
    return cost


def task_of(
    command: Written, user: User, speaker: fanout.Speaker, address: str, drawn: Drawn = ""
) -> Task:
    """`drawn` is what became of the body of a post or an edit."""
    match command:
        case protocol.Post():
            return _post(command, user, speaker, address, drawn)
        case protocol.Read():
            return Mark(user, command.room, command.seq)
    where = user, command.room, command.message
    match command:
        case protocol.Edit():
            edit = partial(edit_message, was=command.was, drawn_body=drawn)
            return partial(edit, *where, command.body, speaker)
        case protocol.Delete():
            return partial(delete_message, *where, speaker)
        case protocol.React():
            return partial(react, *where, command.emoji, command.on, speaker)


def _post(
    command: protocol.Post, user: User, speaker: fanout.Speaker, address: str, drawn: Drawn
) -> NewPost:
    return NewPost(
        user,
        command.room,
        command.client_id,
        command.body,
        command.reply_to,
        command.attachments,
        command.as_,
        speaker,
        drawn,
        address,
    )
