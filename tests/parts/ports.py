"""Ports on loopback."""

import random
import socket
import time
from collections.abc import Callable
from pathlib import Path

FIRST = 10_000
LENT = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""From where on the system lends ports to whoever connects: one of these may be taken before a server binds it."""

_given: set[int] = set()
_chance = random.SystemRandom()
"""Not the shared one, which hypothesis seeds: two workers would go through the same ports."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on, none that the system lends, none that was given before."""
    last = int(LENT.read_text(encoding="ascii").split()[0])
    while True:
        port = _chance.randrange(FIRST, last)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str, log: Callable[[], str] = str) -> None:
    """Ask `ready` every 5 ms; TimeoutError with `what` and the part's own log after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            message = f"{what} was not ready within {seconds:g} s\n{log()}"
            raise TimeoutError(message)
        time.sleep(0.005)
