"""How fast is this machine right now? It drifts by up to 1.8 times, so each run of figures begins with this (1.5 s)."""

import hashlib
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAGE = b"\x5a" * 8192
ECHO = """
import socket, sys
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
line, _ = door.accept()
line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while piece := line.recv(65536):
    line.sendall(piece)
"""


def python_loops(seconds: float = 0.1, tries: int = 3) -> float:
    """Thousands of turns per second of a small mixed loop (dict, hash, encode) on one core; the best of the tries."""
    best = 0.0
    for _ in range(tries):
        begins, turns, seen = time.perf_counter(), 0, {}
        while (passed := time.perf_counter() - begins) < seconds:
            for n in range(100):
                seen[n] = hashlib.sha256(f"letter {turns + n}".encode()).hexdigest()
            turns += 100
        best = max(best, turns / passed / 1000)
    return best


def syncs_per_second(folder: Path, seconds: float = 0.5) -> float:
    """Pages of 8 KiB appended and synced (fdatasync) one after the other, in the folder where the stores lie."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="caraka-sync-") as page:
        begins, done = time.perf_counter(), 0
        while (passed := time.perf_counter() - begins) < seconds:
            os.write(page.fileno(), PAGE)
            os.fdatasync(page.fileno())
            done += 1
    return done / passed


def echoes_per_second(seconds: float = 0.4) -> float:
    """Round trips of 100 bytes over loopback TCP with another process, one at a time."""
    server = subprocess.Popen([sys.executable, "-S", "-E", "-c", ECHO], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None  # noqa: S101 (PIPE was asked for)
        with socket.create_connection(("127.0.0.1", int(server.stdout.readline()))) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            begins, done = time.perf_counter(), 0
            while (passed := time.perf_counter() - begins) < seconds:
                line.sendall(PAGE[:100])
                line.recv(4096)
                done += 1
    finally:
        server.terminate()
        server.communicate()
    return done / passed


def calibrate(folder: Path) -> dict[str, float | int | str]:
    """The machine's figures of this moment; `folder` must lie on the disk that the measured stores use."""
    return {
        "python_kloops_per_s": round(python_loops(), 1),
        "syncs_per_s": round(syncs_per_second(folder)),
        "echoes_per_s": round(echoes_per_second()),
        "cores": len(os.sched_getaffinity(0)),
        "load_1min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }
