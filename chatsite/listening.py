"""The one socket at which all processes of `bin/serve` listen."""

import errno
import socket
import sys

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Raises SystemExit, saying why, if that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and _is_no_address_here(error):
            sys.exit(
                "Chatsite cannot listen: BIND is an address of this machine, such as 127.0.0.1,"
                " or 0.0.0.0 for all of them."
            )
        sys.exit(f"Chatsite cannot listen at {host}, port {port}: {error}")
    listening.setblocking(False)
    return listening


def _is_no_address_here(error: OSError) -> bool:
    """The numbers of what looks names up are below zero."""
    return error.errno is not None and (error.errno < 0 or error.errno == errno.EADDRNOTAVAIL)
