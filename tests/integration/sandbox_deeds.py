"""What a hostile child would try; run only inside the sandbox, by its tests."""

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


def echo(payload: bytes) -> bytes:
    return payload


def slow_echo(payload: bytes) -> bytes:
    time.sleep(0.3)
    return payload


def presence(_: bytes) -> bytes:
    """When it began and when it ended, on the clock that all processes share."""
    began = time.monotonic_ns()
    time.sleep(0.2)
    return f"{began} {time.monotonic_ns()}".encode()


def look(_: bytes) -> bytes:
    """Named as what looks into attachments; ends as a library does that tramples on its memory."""
    os.abort()


def sleep(_: bytes) -> bytes:
    time.sleep(60)
    return b""


def spin(_: bytes) -> bytes:
    while True:
        pass


def hoard(_: bytes) -> bytes:
    kept = []
    while True:
        kept.append(bytearray(10_000_000))


def fail(payload: bytes) -> bytes:
    raise ValueError(payload)


def fault(_: bytes) -> bytes:
    ctypes.string_at(0)
    return b""


def leave(_: bytes) -> bytes:
    os._exit(7)


def shout(_: bytes) -> bytes:
    return b"x" * 5_000_000


def say_nothing_of_bytes(_: bytes) -> bytes:
    return "text"  # type: ignore[return-value] # the wrong type is the point


def surroundings(_: bytes) -> bytes:
    descriptors = [number for number in Path("/proc/self/fd").iterdir() if number.exists()]
    return repr((dict(os.environ), len(descriptors))).encode()


def act(payload: bytes) -> bytes:
    """Try one forbidden deed; answer with what happened."""
    deeds = {
        b"fork": os.fork,
        b"run": lambda: subprocess.run([sys.executable, "-c", "print()"], check=True),
        b"connect": lambda: socket.socket().connect(("127.0.0.1", 9)),
        b"write": lambda: Path("/tmp/caraka-sandbox-was-here").write_text("x", encoding="utf-8"),  # noqa: S108 - must not appear
        b"unlink": lambda: os.unlink("/tmp/caraka-sandbox-was-here"),  # noqa: S108, PTH108 - the bare call
        b"kill": lambda: os.kill(os.getppid(), 9),
        b"thread": _thread,
    }
    try:
        deeds[payload]()
    except (OSError, RuntimeError) as error:
        return type(error).__name__.encode()
    return b"done"


def _thread() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
