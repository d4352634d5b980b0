"""A process in the channel layer: what it tells the others, and hears from them."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from channels.layers import get_channel_layer

from chat import metrics

logger = logging.getLogger(__name__)

LAYER_PATIENCE = 2.0
"""Seconds that one call to the layer may take before it counts as down."""

Hint = Mapping[str, Any]
"""What one process tells the others: `kind`, mostly a `room`, and what that kind needs."""


class Relay:
    """This process in the channel layer: one channel, a reader, and a writer that nobody waits for.

    Every fault of the layer is survived: calls are given up after LAYER_PATIENCE, tried again
    with growing pauses, and the groups are joined again.
    """

    SITE_GROUP = "chat.site"

    def __init__(self, receive: Callable[[Hint], None]) -> None:
        self.process = uuid.uuid4().hex
        self.layer = get_channel_layer()
        self._receive = receive
        self._groups: set[str] = {self.SITE_GROUP}
        self._outbox: list[tuple[str, Hint]] = []
        self._wake = asyncio.Event()
        self._channel = ""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]

    def join(self, room: int) -> None:
        self._groups.add(group := room_group(room))
        self._enqueue(group, {"kind": "join"})

    def leave(self, room: int) -> None:
        self._groups.discard(group := room_group(room))
        self._enqueue(group, {"kind": "leave"})

    def send(self, group: str, hint: Hint) -> None:
        self._enqueue(group, hint)

    def _enqueue(self, group: str, hint: Hint) -> None:
        # While the layer is down hints are worth nothing: the log is followed anyway.
        if len(self._outbox) < 10_000:
            self._outbox.append((group, hint))
        else:
            metrics.hints_dropped.inc()
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            outbox, self._outbox = self._outbox, []
            try:
                for group, hint in _gathered(outbox):
                    async with asyncio.timeout(LAYER_PATIENCE):
                        await self._carry_out(group, hint)
            except Exception as error:  # noqa: BLE001 - a layer may raise anything; none may end the task
                metrics.layer_faults.labels("send").inc()
                logger.warning("layer_send_failed error=%r", error)
                await asyncio.sleep(0.5)
                self._outbox = [(group, {"kind": "join"}) for group in self._groups]
                self._wake.set()

    async def _carry_out(self, group: str, hint: Hint) -> None:
        if hint["kind"] == "leave":
            await self.layer.group_discard(group, self._channel)
        elif hint["kind"] != "join":
            await self.layer.group_send(group, envelope(self.process, hint))
        elif self._channel:
            await self.layer.group_add(group, self._channel)

    async def _read(self) -> None:
        pause = 0.25
        while True:
            try:
                await self._enter()
                pause = 0.25
                while True:
                    message = await self.layer.receive(self._channel)
                    if message.get("from") != self.process:
                        self._receive(message["hint"])
            except Exception as error:  # noqa: BLE001 - as above
                metrics.layer_faults.labels("receive").inc()
                logger.warning("layer_reader_lost error=%r", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10)

    async def _enter(self) -> None:
        async with asyncio.timeout(LAYER_PATIENCE):
            self._channel = await self.layer.new_channel()
            for group in self._groups:
                await self.layer.group_add(group, self._channel)
        metrics.layer_reconnects.inc()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


def envelope(process: str, hint: Hint) -> dict[str, object]:
    return {"type": "chat.hint", "from": process, "hint": dict(hint)}


def _gathered(outbox: Iterable[tuple[str, Hint]]) -> Iterable[tuple[str, Hint]]:
    """Neighbouring changes of one room as one message of the layer."""
    last: tuple[str, dict[str, Any]] | None = None
    for group, hint in outbox:
        if hint["kind"] == "changes" and last and last[0] == group and last[1]["kind"] == "changes":
            last[1]["changes"].extend(hint["changes"])
            continue
        if last:
            yield last
        last = group, dict(hint)
    if last:
        yield last


def room_group(room: int) -> str:
    return f"chat.room.{room}"
