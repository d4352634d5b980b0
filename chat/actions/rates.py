"""How fast a person may speak."""

from dataclasses import dataclass, field
from time import monotonic

from chat.errors import RateLimited

BURST_SECONDS = 6
"""A burst is what this long a silence earns: 30 posts at 5 a second."""


@dataclass
class Rate:
    """A generic cell rate algorithm (ITU-T I.371): one number a person, no clean-up thread."""

    per_second: float
    _due: dict[int, float] = field(default_factory=dict)

    def take(self, user_id: int) -> None:
        """Counts one. Raises RateLimited, without counting it, to who is too fast."""
        if not self.per_second:
            return
        now = monotonic()
        due = max(self._due.get(user_id, now), now) + 1 / self.per_second
        if (wait := due - now - BURST_SECONDS) > 1e-9:
            raise RateLimited("You are sending too fast.", retry_after=round(wait, 3))
        self._due[user_id] = due
        if len(self._due) > 10_000:
            self._due = {user: due for user, due in self._due.items() if due > now}
