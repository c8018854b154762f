"""Ports on loopback."""

import socket
import time
from collections.abc import Callable


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str, log: Callable[[], str] = str) -> None:
    """Ask `ready` every 5 ms; TimeoutError with `what` and the part's own log after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            message = f"{what} was not ready within {seconds:g} s\n{log()}"
            raise TimeoutError(message)
        time.sleep(0.005)
