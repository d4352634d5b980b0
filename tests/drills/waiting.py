"""Waiting for what other processes do, and cannot tell."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], within: float) -> None:
    """Looks again and again. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - no event of ours would tell
            await asyncio.sleep(0.05)
