"""Starts a peer on its own database of a given server, and forms the requests that are sent to it."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import asyncpg
import orjson

from benchmarks.load import Factory, Request
from benchmarks.peers.schema import AGENCIES, TIERS, token
from benchmarks.peers.start import DSN
from benchmarks.pg import Postgres, free_port

PEERS = ("orm", "sql")
UP_SECONDS = 20.0


@dataclass(frozen=True)
class Peer:
    name: str
    port: int
    pid: int
    dsn: str


async def _own_database(dsn: str, name: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


@contextlib.contextmanager
def running(name: str, server: Postgres, workers: int = 2, pool: int = 16) -> Iterator[Peer]:
    """The peer `orm` or `sql`, with empty tables, until the end of the block.

    Raises:
        RuntimeError: it did not come up.
    """
    base = f"peer_{name}"
    asyncio.run(_own_database(server.dsn, base))
    dsn, port = f"{server.dsn.rpartition('/')[0]}/{base}", free_port()
    words = ["--init", "--port", str(port), "--workers", str(workers), "--pool", str(pool)]
    peer = subprocess.Popen([sys.executable, "-m", f"benchmarks.peers.{name}", *words], env=os.environ | {DSN: dsn})
    try:
        _await_port(peer, port)
        yield Peer(name, port, peer.pid, dsn)
    finally:
        peer.terminate()
        try:
            peer.wait(10)
        except subprocess.TimeoutExpired:
            peer.kill()
            peer.wait()


def _await_port(peer: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + UP_SECONDS
    while time.monotonic() < ends and peer.poll() is None:
        # uvicorn's parent listens before its workers are ready, so only an answer counts.
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: peer\r\nconnection: close\r\n\r\n")
            if line.recv(12).endswith(b"200"):
                return
        time.sleep(0.05)
    raise RuntimeError(f"the peer on port {port} did not come up")


def letter_body(n: int, recipients: int = 3) -> dict[str, object]:
    """The n-th letter of the load: an ordinary one, with `recipients` copies."""
    people = [
        {"name": "Sekretaris Daerah", "recipient_class": "sekda", "kind": "asli"},
        {"name": "Kepala Dinas Kesehatan", "recipient_class": "opd", "kind": "tembusan"},
        {"name": "Kepala Bappeda", "recipient_class": "opd", "kind": "tembusan"},
    ]
    return {
        "sender": "Sekretariat Daerah Provinsi Jawa Tengah",
        "subject": f"Undangan rapat koordinasi persandian nomor {n}",
        "summary": "Rapat koordinasi keamanan informasi pemerintah daerah di Semarang, dua orang per daerah.",
        "urgency": "segera",
        "received_at": "2026-03-12T09:30:00+07:00",
        "recipients": [people[place % len(people)] for place in range(recipients)],
    }


def _heads(agency: str, position: str, key: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {token(agency, position)}",
        "content-type": "application/json",
        "idempotency-key": key,
    }


def _letter(run: str, agencies: tuple[str, ...], recipients: int, n: int) -> Request:
    agency = agencies[n % len(agencies)]
    body = orjson.dumps(letter_body(n, recipients))
    return Request("POST", "/letters", _heads(agency, "operator", f"{run}-letter-{n}"), body)


def complaint_body(n: int) -> dict[str, str]:
    """The n-th complaint that is written down at the counter."""
    return {
        "channel": "telepon",
        "words": f"Loket nomor {n % 9 + 1} tutup sebelum jamnya, padahal antrean masih panjang. Laporan ke-{n}.",
        "name": "Siti Aminah",
        "contact": "0812-0000-0000",
        "place": "Kantor kecamatan",
    }


def _complaint(run: str, agencies: tuple[str, ...], n: int) -> Request:
    heads = _heads(agencies[n % len(agencies)], "operator", f"{run}-complaint-{n}")
    return Request("POST", "/complaints", heads, orjson.dumps(complaint_body(n)))


def complaints(run: str, agencies: Sequence[str] = AGENCIES[:1]) -> Factory:
    """Complaints written down for somebody. With one agency all draw from one hot counter."""
    return partial(_complaint, run, tuple(agencies))


def _initial(run: str, agency: str, ids: tuple[UUID, ...], n: int) -> Request:
    tier, place = divmod(n, len(ids))
    body = orjson.dumps({"tier": TIERS[tier]})
    return Request("POST", f"/letters/{ids[place]}/initials", _heads(agency, TIERS[tier], f"{run}-initial-{n}"), body)


def letters(run: str, agencies: Sequence[str] = AGENCIES[:1], recipients: int = 3) -> Factory:
    """Letters entered by hand. With one agency all draw from one hot counter."""
    return partial(_letter, run, tuple(agencies), recipients)


def initials(run: str, ids: Sequence[UUID], agency: str = AGENCIES[0]) -> Factory:
    """The Kasi initials every letter, then the Kabid every letter, then the Kadis: at most 3 × len(ids) requests."""
    return partial(_initial, run, agency, tuple(ids))
