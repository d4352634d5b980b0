"""Real servers for the tests: private, on free ports of 127.0.0.1, and surely stopped."""

from tests.live.forked import CHECKOUT
from tests.live.servers.server import NotInstalled, Server, free_port, until
from tests.live.servers.sites import Daphne, Uvicorn
from tests.live.servers.stores import PrivatePostgres, PrivateRedis, postgres_program

__all__ = [
    "CHECKOUT",
    "Daphne",
    "NotInstalled",
    "PrivatePostgres",
    "PrivateRedis",
    "Server",
    "Uvicorn",
    "free_port",
    "postgres_program",
    "until",
]
