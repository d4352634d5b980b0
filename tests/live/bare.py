"""A bare socket at the running site, for what no library would send."""

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.live.servers import Daphne

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FINAL = 0x80
FLOODING, TOO_BIG = 4429, 1009
HUNG_UP = 0
BEAT = json.dumps({"type": "heartbeat", "received": 0, "ref": 7}).encode()


class Bare:
    """A client that sends whichever bytes it likes."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.rest = b""

    def send(
        self, opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0
    ) -> None:
        self.connection.sendall(frame(opcode, payload, final=final, reserved=reserved))

    def receive(self) -> tuple[int, bytes]:
        """The next frame: its opcode and payload. `CLOSE` without a payload for a bare end."""
        try:
            first, second = self._take(2)
            size = second & 127
            if size == 126:
                (size,) = struct.unpack("!H", self._take(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._take(8))
            assert not second & 128, "a server does not mask"
            return first & 15, self._take(size)
        except (EOFError, ConnectionResetError):
            return CLOSE, b""

    def _take(self, size: int) -> bytes:
        while len(self.rest) < size:
            data = self.connection.recv(65536)
            if not data:
                raise EOFError
            self.rest += data
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def next_event(self, *kinds: str) -> dict[str, Any]:
        while True:
            opcode, payload = self.receive()
            assert opcode == TEXT, (opcode, payload)
            for event in json.loads(payload):
                if event["type"] in kinds:
                    found: dict[str, Any] = event
                    return found

    def close_code(self) -> int:
        """HUNG_UP for a bare end, and for a goodbye without a code."""
        while True:
            opcode, payload = self.receive()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0] if payload else 0

    def is_alive(self) -> bool:
        self.send(TEXT, BEAT)
        return bool(self.next_event("heartbeat")["ref"] == 7)


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0) -> bytes:
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    size = len(payload)
    if size < 126:
        length = bytes([128 | size])
    elif size < 1 << 16:
        length = bytes([128 | 126]) + struct.pack("!H", size)
    else:
        length = bytes([128 | 127]) + struct.pack("!Q", size)
    return bytes([(FINAL if final else 0) | reserved << 4 | opcode]) + length + mask + masked


@contextmanager
def bare(daphne: Daphne, *headers: str) -> Iterator[Bare]:
    """In the chat, as Alice."""
    with socket.create_connection(("127.0.0.1", daphne.port), timeout=10) as connection:
        client = Bare(connection)
        connection.sendall(handshake(daphne, *headers))
        while b"\r\n\r\n" not in client.rest:
            client.rest += connection.recv(4096)
        head, _, client.rest = client.rest.partition(b"\r\n\r\n")
        assert b" 101 " in head.splitlines()[0]
        client.next_event("hello")
        yield client


def handshake(daphne: Daphne, *headers: str) -> bytes:
    lines = [
        "GET /ws/chat/?protocol=1 HTTP/1.1",
        f"Host: 127.0.0.1:{daphne.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Origin: {daphne.origin}",
        f"Cookie: sessionid={daphne.people['alice'].session}",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode()
