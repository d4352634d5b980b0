"""The site as `bin/serve` serves it."""

import os
import re
import signal
import sys
from pathlib import Path

from tests.live.servers import Daphne
from tests.live.site import Visitor


class Supervised(Daphne):
    """Several processes; signals go to their parent alone, as an init system sends them."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "chatsite.serve"]

    def terminate(self) -> int:
        os.kill(self.pid, signal.SIGTERM)
        assert self.process is not None
        return self.process.wait(25)

    def workers(self) -> set[int]:
        """Their process ids."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return set(map(int, children.split()))

    def figure(self, name: str) -> float:
        token = f"Bearer {self.env['METRICS_TOKEN']}"
        answer = Visitor(self).get("/metrics", Authorization=token)
        found = re.search(rf"^{name} (\S+)$", answer.text, re.MULTILINE)
        assert found, f"no {name} in:\n{answer.text}"
        return float(found[1])
