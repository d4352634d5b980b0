"""The way between a browser and its server, to be cut: Chromium's "offline" spares open sockets."""

import contextlib
import selectors
import socket
import threading
from typing import Self


class Cable:
    """Carries bytes from a free port to a server's; as a context manager, laid and taken away."""

    def __init__(self, server_port: int) -> None:
        self._server = ("127.0.0.1", server_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._whole = threading.Event()
        self._whole.set()
        self._carried: set[socket.socket] = set()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Ends what is under way, and lets nothing through."""
        self._whole.clear()
        for end in list(self._carried):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._whole.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            if not self._whole.is_set():
                return
            with socket.create_connection(self._server) as far:
                self._carried |= {near, far}
                try:
                    self._pass_on(near, far)
                finally:
                    self._carried -= {near, far}

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        ends = {near: far, far: near}
        with selectors.DefaultSelector() as ready:
            for end in ends:
                ready.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    end = next(end for end in ends if end is key.fileobj)
                    if not (data := end.recv(65536)):
                        return
                    ends[end].sendall(data)
