"""A channel layer of Redis whose messages get lost, come twice, or come late."""

import asyncio
import logging
import random
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

logger = logging.getLogger(__name__)


class BadLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Of a room's messages, a ninth each is dropped, repeated, and delayed by up to a second."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._late: set[asyncio.Task[None]] = set()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        fault = random.choice(["dropped", "repeated", "late", *[""] * 6])
        if fault:
            logger.warning("layer_fault kind=%s", fault)
        if fault == "late":
            task = asyncio.create_task(self._send_late(group, message))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return
        for _ in range({"dropped": 0, "repeated": 2}.get(fault, 1)):
            await self._send_now(group, message)

    async def _send_late(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(random.uniform(0, 1))
        await self._send_now(group, message)

    async def _send_now(self, group: str, message: dict[str, Any]) -> None:
        await self._get_layer().group_send(group, message)
