"""The channels' own side: e-mails to a local server beside a bare aiosmtplib loop, and webhooks to a local sink.

``python -m benchmarks.channels [messages]``. The servers run in processes of their own and take what they are given;
both ways of a pair are measured in turn, three times, in the same run. At the end one queue beside another whose
provider is dead and for which as many wait: jobs a second, and from fact to effect.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiosmtplib
import httpcore

from services.kit.jobs import EffectDone
from services.kit.runtime.kit import Kit
from services.notifications.adapters.smtp import composed, mailing
from services.notifications.adapters.webhook_queue import secret_of, signed
from services.notifications.adapters.webhooks import posting
from services.notifications.settings import SmtpSettings, WebhookSettings
from tests.parts import errands
from tests.parts.nats import start_nats
from tests.parts.ports import free_port

MESSAGES = 10_000
ROUNDS = 3
CONNECTIONS = 4
BESIDE = 1_000
HOOK = UUID("00000000-0000-5000-8000-0000000000aa")


async def _smtp_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As little of a mail server as a client needs."""
    writer.write(b"220 here\r\n")
    while line := await reader.readline():
        word = line[:4].upper()
        if word == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250-here\r\n250 8BITMIME\r\n" if word == b"EHLO" else b"250 ok\r\n")
    writer.close()


async def _http_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    writer.close()


def _serve(kind: str, port: int) -> None:
    async def run() -> None:
        server = await asyncio.start_server(_smtp_line if kind == "smtp" else _http_line, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(run())


@contextlib.contextmanager
def served(kind: str) -> Iterator[int]:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(kind, port), daemon=True)
    process.start()
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.1)
    try:
        yield port
    finally:
        process.kill()


def mail(number: int) -> dict[str, Any]:
    return {
        "to": f"nama{number}@kota.example", "sender": "caraka@kota.example",
        "subject": "Surat 0844/2026 menunggu paraf Anda", "body": "Buka: https://caraka.kota.example/pemberitahuan/1",
        "language": "id", "message_id": f"<{uuid4()}@kota.example>", "list_id": "Caraka <caraka.kota.example>",
        "sha256": "ab" * 32,
    }  # fmt: skip


async def shared(count: int, at_once: int, one: Callable[[int], Awaitable[Any]]) -> float:
    """Messages a second."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await one(number)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return count / (time.perf_counter() - began)


async def accepted(done: Awaitable[EffectDone]) -> None:
    """A failure is no message sent: it ends the run."""
    said = await done
    if said.outcome != "accepted":
        raise SystemExit(f"{said.outcome}: {said.reason}")


async def bare_mail(port: int, count: int) -> float:
    """What the library alone costs, with the same messages over as many connections."""
    began, each = time.perf_counter(), count // CONNECTIONS

    async def connection(first: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for number in range(first, first + each):
                said = mail(number)
                await client.send_message(composed(said), sender=said["sender"], recipients=[said["to"]])

    await asyncio.gather(*(connection(at * each) for at in range(CONNECTIONS)))
    return each * CONNECTIONS / (time.perf_counter() - began)


async def our_mail(port: int, count: int) -> float:
    settings = SmtpSettings(
        host="127.0.0.1", port=port, security="plain", sender="caraka@kota.example", connections=CONNECTIONS
    )  # fmt: skip
    async with mailing(settings) as effects:
        return await shared(count, 16, lambda number: accepted(effects["email"](uuid4(), "pekalongan", mail(number))))


async def bare_hook(port: int, count: int) -> float:
    async with httpcore.AsyncConnectionPool(max_connections=16) as pool:
        return await shared(
            count, 16, lambda _: pool.request("POST", f"http://127.0.0.1:{port}/", content=b"{}" * 150)
        )  # fmt: skip


async def our_hook(port: int, count: int) -> float:
    body = b"{}" * 150
    headers = signed(body, "n-1", [secret_of(b"k" * 32, HOOK, 1)], datetime.now(UTC))
    said = {
        "url": f"http://127.0.0.1:{port}/", "body": body.decode(), "headers": headers, "ranges": [], "sha256": "ab" * 32
    }  # fmt: skip
    async with posting(WebhookSettings(this_machine=True)) as effects:
        return await shared(count, 16, lambda _: accepted(effects["webhook"](uuid4(), "pekalongan", said)))


async def beside(folder: Path, nats_url: str, waiting: int) -> None:
    """A queue works as it did, whatever waits at the other."""
    settings = errands.settings_of(folder, nats_url)
    told: dict[UUID, float] = {}
    waits: list[float] = []

    async def dead(_job: UUID, _agency: str, _payload: Mapping[str, Any]) -> EffectDone:
        return EffectDone("temporary", "server-away")

    async def alive(_job: UUID, _agency: str, payload: Mapping[str, Any]) -> EffectDone:
        waits.append(time.perf_counter() - told[UUID(payload["errand_id"])])
        return EffectDone()

    async def order(kit: Kit, queue: str) -> None:
        command = errands.OrderErrand(errand_id=uuid4(), queue=queue)
        told[command.errand_id] = time.perf_counter()
        await errands.do(kit, command)

    async def measured(kit: Kit, name: str) -> None:
        waits.clear()
        began = time.perf_counter()
        await asyncio.gather(*(order(kit, "foot") for _ in range(BESIDE)))
        while len(waits) < BESIDE:  # noqa: ASYNC110 - the worker tells nobody else
            await asyncio.sleep(0.01)
        rate = BESIDE / (time.perf_counter() - began)
        waits.clear()
        for _ in range(100):
            await order(kit, "foot")
            await asyncio.sleep(0.02)
        while len(waits) < 100:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.01)
        middle, slowest = statistics.median(waits) * 1000, max(waits) * 1000
        sys.stdout.write(f"{name:28} {rate:8.0f}/s; fact to effect p50 {middle:.1f} ms, slowest {slowest:.1f} ms\n")

    with errands.known():
        async with errands.serving(settings) as kit, errands.working(settings, {"mast": dead, "foot": alive}):
            await measured(kit, "alone")
            for _ in range(waiting // 500):
                await asyncio.gather(*(order(kit, "mast") for _ in range(500)))
            await measured(kit, f"beside {waiting} that wait")


def main(count: int) -> None:
    for kind, ways in (("smtp", (our_mail, bare_mail)), ("http", (our_hook, bare_hook))):
        with served(kind) as port:
            for turn in range(1, ROUNDS + 1):
                for way in ways:
                    rate = asyncio.run(way(port, count))
                    sys.stdout.write(f"{turn} {way.__name__:10} {rate:8.0f}/s\n")
                    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as home:
        nats = start_nats(Path(home) / "nats")
        try:
            asyncio.run(beside(Path(home) / "data", nats.url, count))
        finally:
            nats.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES)
