"""The worker's side of webhooks: one POST to one address that was looked at, and honestly what came of it.

Each connection resolves the name, looks at every address that it stands for, and goes to one of these, not to the name
a second time: a name that changes its mind in between leads nowhere else. Redirects are not followed, and nothing of
the environment (a proxy) is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from uuid import UUID

import httpcore

from services.kit.jobs import Effect, EffectDone
from services.notifications.domain.addresses import NoAddress, Range, may_connect, range_of, target_of
from services.notifications.settings import WebhookSettings

CONNECT_SECONDS, ANSWER_SECONDS, RESOLVE_SECONDS = 5.0, 15.0, 5.0
WHOLE_SECONDS = 30.0
TIMEOUTS = {"connect": CONNECT_SECONDS, "read": ANSWER_SECONDS, "write": ANSWER_SECONDS, "pool": ANSWER_SECONDS}
READ_BYTES = 4_096
"""Of an answer: nobody reads it; more is a connection that ends."""
POOLS = 32
AGENT = "Caraka-Webhooks/1"
OK, REDIRECT, GONE, TOO_MANY, SERVER = range(200, 300), range(300, 400), 410, 429, range(500, 600)
BUSY = 503
MOST_RETRY_AFTER = 86_400


class Refused(httpcore.ConnectError):
    """The name stands for an address that no webhook may have."""


class NoName(httpcore.ConnectError):
    """Nobody knows the name."""


class Guarded(httpcore.AsyncNetworkBackend):
    """Opens connections to looked-at addresses alone."""

    def __init__(self, scheme: str, ranges: Iterable[Range]) -> None:
        self._scheme = scheme
        self._ranges = tuple(ranges)
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._looked_at(host, port)
        for last, address in enumerate(addresses, 1 - len(addresses)):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not last:
                    raise
        raise NoName(host)

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the signature is httpcore's
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - same
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - same
    ) -> httpcore.AsyncNetworkStream:
        raise Refused("a socket file is no webhook")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _looked_at(self, host: str, port: int) -> list[str]:
        """All that the name stands for must be allowed: which of them a system takes is not ours to say."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError):
            raise NoName(host) from None
        addresses = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
        for each in addresses:
            if not may_connect(ipaddress.ip_address(each), self._scheme, self._ranges):
                raise Refused(host)
        return addresses[:4]


class Poster:
    """Posts over connections that are kept for a while. ``effect`` is what the workers of the queue do."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._here = settings.own_ranges
        self._context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        self._pools: OrderedDict[tuple[str, ...], httpcore.AsyncConnectionPool] = OrderedDict()

    async def close(self) -> None:
        while self._pools:
            await self._pools.popitem()[1].aclose()

    async def effect(self, _job_id: UUID, _agency: str, payload: Mapping[str, Any]) -> EffectDone:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._posted(payload)
        except NoAddress:
            return EffectDone("temporary", "address-refused")
        except (httpcore.TimeoutException, TimeoutError):
            return EffectDone("temporary", "timeout")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as failed:
            return EffectDone("temporary", _word(failed))

    async def _posted(self, payload: Mapping[str, Any]) -> EffectDone:
        target = target_of(str(payload["url"]))
        ranges = [*(range_of(each) for each in payload["ranges"]), *self._here]
        pool = await self._pool(target.scheme, ranges)
        headers: dict[bytes | str, bytes | str] = {
            **{str(name): str(value) for name, value in payload["headers"].items()},
            "Host": target.host if target.port in {80, 443} else target.place,
            "Content-Type": "application/cloudevents+json",
            "User-Agent": AGENT,
            "Accept": "*/*",
        }
        url = httpcore.URL(scheme=target.scheme, host=target.host.strip("[]"), port=target.port, target=target.path)
        asked = pool.stream(
            "POST", url, headers=headers, content=str(payload["body"]).encode(), extensions={"timeout": TIMEOUTS}
        )  # fmt: skip
        async with asked as answer:
            read = 0
            async for chunk in answer.aiter_stream():
                read += len(chunk)
                if read > READ_BYTES:
                    break
            return _done(answer.status, dict(answer.headers), str(payload["sha256"]))

    async def _pool(self, scheme: str, ranges: list[Range]) -> httpcore.AsyncConnectionPool:
        """One for each set of rules: a connection that is kept was opened by the rules of whoever uses it."""
        key = (scheme, *sorted(map(str, ranges)))
        if key not in self._pools:
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=self._context, max_connections=64, max_keepalive_connections=32, keepalive_expiry=20.0,
                network_backend=Guarded(scheme, ranges),
            )  # fmt: skip
            if len(self._pools) > POOLS:
                await self._pools.popitem(last=False)[1].aclose()
        self._pools.move_to_end(key)
        return self._pools[key]


@contextlib.asynccontextmanager
async def posting(settings: WebhookSettings) -> AsyncIterator[Mapping[str, Effect]]:
    """Queue → what its workers do, until left."""
    poster = Poster(settings)
    try:
        yield {"webhook": poster.effect}
    finally:
        await poster.close()


def _done(status: int, headers: Mapping[bytes, bytes], sha256: str) -> EffectDone:
    """410 is for good; every other refusal may be the other side's passing mistake."""
    if status in OK:
        return EffectDone(result={"sha256": sha256})
    if status == GONE:
        return EffectDone("permanent", "gone")
    if status in REDIRECT:
        return EffectDone("temporary", "redirected")
    wish = {name.lower(): value for name, value in headers.items()}.get(b"retry-after", b"").decode("ascii", "replace")
    later = min(int(wish), MOST_RETRY_AFTER) if wish.isascii() and wish.isdigit() and len(wish) < 9 else None  # noqa: PLR2004 - fits
    if status == TOO_MANY:
        return EffectDone("temporary", "too-many", retry_after=later)
    if status in SERVER:
        return EffectDone("temporary", "server-busy", retry_after=later if status == BUSY else None)
    return EffectDone("temporary", "refused")


def _word(failed: BaseException) -> str:
    cause: BaseException | None = failed
    while cause is not None:
        if isinstance(cause, Refused):
            return "address-refused"
        if isinstance(cause, NoName):
            return "name-unknown"
        if isinstance(cause, ssl.SSLError):
            return "tls"
        cause = cause.__cause__ or cause.__context__
    return "server-away"
