"""What is done to servers, that their own harness has no need of."""

import socket

from tests.live.servers import PrivateRedis


def redis_command(redis: PrivateRedis, line: str) -> str:
    """Raises AssertionError when Redis refuses."""
    with socket.create_connection(("127.0.0.1", redis.port), timeout=5) as connection:
        connection.sendall(line.encode() + b"\r\n")
        answer = connection.recv(1024).decode()
    assert not answer.startswith("-"), answer
    return answer
