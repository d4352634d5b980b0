"""A server that is ready as soon as its port is open."""

import contextlib
import socket

from tests.live.servers import Server


class Listening(Server):
    def is_ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False
