"""What there is one of for each event loop; a process that serves has one loop."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, ref

T = TypeVar("T")

NEVER_SECONDS = 10 * 365 * 24 * 60 * 60.0


class OnePerLoop(Generic[T]):
    """Made when it is first asked for, and gone with its loop.

    A registry that held it would hold its loop too, for ever, since it knows its loop. So the loop
    keeps it, by a timer that never rings: whatever a loop has, it drops when it is closed.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._known: WeakKeyDictionary[asyncio.AbstractEventLoop, ref[T]] = WeakKeyDictionary()
        self._latest: tuple[ref[asyncio.AbstractEventLoop], ref[T]] | None = None
        """Mostly the only one, and asked for with everything that is said."""

    def __call__(self) -> T:
        """Of the running loop."""
        loop = asyncio.get_running_loop()
        if self._latest and self._latest[0]() is loop and (latest := self._latest[1]()) is not None:
            return latest
        known = self._known.get(loop)
        one = known() if known else None
        if one is None:
            one = self._make()
            loop.call_later(NEVER_SECONDS, id, one)
            self._known[loop] = ref(one)
        self._latest = ref(loop), ref(one)
        return one

    def all(self) -> list[T]:
        """Asked from any thread."""
        return [one for known in list(self._known.values()) if (one := known())]
