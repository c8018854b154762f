"""``/metrics`` for Prometheus: this gateway's requests, and in the same scrape what every service tells over the bus.

Labels are route names, never paths. With several gateways, scrape one of them in full and the others with ``?own=1``
(`deploy/observability/prometheus.yml`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.edge.connections import Connections
from gateway.edge.traced import route_of
from services.kit.bus import Bus
from services.kit.observability import FAMILIES, SECONDS, Family, Histogram, Samples, Snapshot, merged
from services.kit.operations import PartRows, ask_metrics, instance_name, process_rows

SERVICE = "gateway"
GATHER_SECONDS = 1.0
FRESH_SECONDS = 1.0
ENDLESS = frozenset({"stream"})  # how long a board stays open says nothing about speed


class Requests:
    """What this gateway has answered, by route name."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._seconds: dict[str, Histogram] = {}

    def answered(self, route: str, status: int, seconds: float) -> None:
        key = (route, f"{status // 100}xx")
        self._counts[key] = self._counts.get(key, 0) + 1
        if route not in ENDLESS:
            taken = self._seconds.get(route)
            if taken is None:
                taken = self._seconds[route] = Histogram(SECONDS)
            taken.observe(seconds)

    def rows(self) -> Samples:
        return {
            "caraka_http_requests": list(self._counts.items()),
            "caraka_http_seconds": [((route,), taken.told()) for route, taken in self._seconds.items()],
        }


class Counted:
    """Middleware, the outermost one: counts what is answered, whoever answers it."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._requests.answered(route_of(scope), status, time.perf_counter() - began)


class Scrape:
    """Gathers, at most once a second however often it is asked."""

    def __init__(self, bus: Bus, requests: Requests, connections: Connections | None = None) -> None:
        self._bus = bus
        self._requests = requests
        self._connections = connections
        self._parts = PartRows()
        self._instance = instance_name()
        self._expected: set[tuple[str, str]] = set()
        self._gathered: list[Snapshot] = []
        self._gathered_at = float("-inf")
        self._one = asyncio.Lock()

    async def text(self, *, own: bool) -> bytes:
        told = [self._own()] if own else [self._own(), *await self._others()]
        registry = CollectorRegistry(auto_describe=False)
        registry.register(ServiceSamples(told))
        return generate_latest(registry)

    def _own(self) -> Snapshot:
        lines = self._connections.rows() if self._connections else {}
        rows = merged(self._requests.rows(), lines, self._parts.rows({"bus": self._bus.health()}), process_rows())
        return Snapshot(SERVICE, self._instance, rows)

    async def _others(self) -> list[Snapshot]:
        async with self._one:
            if time.monotonic() - self._gathered_at > FRESH_SECONDS:
                self._gathered = await ask_metrics(self._bus, seconds=GATHER_SECONDS, expected=self._expected)
                self._expected = {(each.service, each.instance) for each in self._gathered}
                self._gathered_at = time.monotonic()
            return self._gathered


class ServiceSamples(Collector):
    """Snapshots as the families of one scrape."""

    def __init__(self, snapshots: Iterable[Snapshot]) -> None:
        self._snapshots = list(snapshots)

    def collect(self) -> Iterable[Any]:
        for name, family in FAMILIES.items():
            made = _family(name, family)
            for snapshot in self._snapshots:
                for labels, value in snapshot.rows.get(name, ()):
                    _sample(made, family, [snapshot.service, snapshot.instance, *map(str, labels)], value)
            if made.samples:
                yield made


KINDS: Mapping[str, Any] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}


def _family(name: str, family: Family) -> Any:
    return KINDS[family.kind](name, family.says, labels=["service", "instance", *family.labels])


def _sample(made: Any, family: Family, labels: list[str], value: Any) -> None:
    if family.kind != "histogram":
        made.add_metric(labels, value)
        return
    counts, total = value
    bounds = [*(repr(bound) for bound in family.bounds), "+Inf"]
    made.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), total)


def router(scrape: Scrape) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/metrics", name="metrics")
    async def metrics(request: Request) -> Response:
        """Counts only; open to whoever reaches the gateway: a proxy keeps it to the scraper's network."""
        text = await scrape.text(own=request.query_params.get("own") == "1")
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return made
