"""A service's numbers when it is asked for them: read from its parts' own words, so that they cost the road nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, Protocol, get_args

import orjson
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from contracts.jobs import Outcome
from services.kit.database.place import OVERFLOW
from services.kit.observability.metrics import Samples, add, merged
from services.kit.settings import Settings
from services.kit.store import Log, Writer

STANDING_BY = "starting"  # it has no lease yet, or no longer
HALTED = frozenset({"stopped", "down", "closed", "reconnecting", "waiting"})
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
Parts = Mapping[str, Mapping[str, Any]]


class MeasuredService(Protocol):
    """What is read of the process that runs a service."""

    @property
    def settings(self) -> Settings: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def log(self) -> Log: ...

    @property
    def writer(self) -> Writer | None: ...

    @property
    def job_outcomes(self) -> Counter[tuple[str, str]]: ...


def instance_name() -> str:
    """``<host>:<pid>``: the host is the container's or pod's name there."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Numbers:
    """All numbers of one service in this process; ``told`` are its parts' words."""

    def __init__(self, kit: MeasuredService, told: Callable[[], Parts]) -> None:
        self._kit = kit
        self._told = told
        self._parts = PartRows()

    async def rows(self) -> Samples:
        told = self._told()
        rows = merged(self._parts.rows(told), process_rows(self._kit.settings.data_dir), _pool(self._kit.engine))
        counted = self._kit.job_outcomes
        queues = {each["queue"] for each in told.get("jobs", {}).get("jobs", ())} | {queue for queue, _ in counted}
        for key in product(sorted(queues), get_args(Outcome)):
            add(rows, "caraka_job_outcomes", (key, counted[key]))
        if self._kit.writer is not None and "relay" in told:
            add(rows, "caraka_writer_waiting", ((), self._kit.writer.waiting))
            rows = merged(rows, self._kit.writer.tally.rows())
            with contextlib.suppress(Exception):  # a store that is away, however it says so, has no number
                rows = merged(rows, await asyncio.to_thread(_of_store, self._kit.log, told["relay"]))
        return rows


def _of_store(log: Log, relay: Mapping[str, Any]) -> Samples:
    """The relay's lag against the store itself, so that a relay that does not run looks behind too."""
    head = log.head()
    rows: Samples = {"caraka_store_position": [((), head)]}
    if relay["state"] == STANDING_BY:
        return rows  # another process's relay tells the lag
    behind = max(head - relay["position"], 0)
    add(rows, "caraka_relay_lag_events", ((), behind))
    oldest = log.read(relay["position"], 1) if behind else []
    age = 0.0
    if oldest:
        written = datetime.fromisoformat(orjson.loads(oldest[0].data)["time"])
        age = max((datetime.now(UTC) - written).total_seconds(), 0.0)
    add(rows, "caraka_relay_lag_seconds", ((), age))
    return rows


def _pool(engine: Engine) -> Samples:
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return {}
    return {
        "caraka_pool_in_use": [(("tables",), pool.checkedout())],
        "caraka_pool_size": [(("tables",), pool.size() + OVERFLOW)],
    }


class Lag:
    """How long a subscription has been behind, as seen at each look: the age of the oldest head it has not reached."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heads: deque[tuple[int, float]] = deque(maxlen=1000)

    def seconds(self, position: int, head: int) -> float:
        now = self._clock()
        while self._heads and self._heads[0][0] <= position:
            self._heads.popleft()
        if head > position and (not self._heads or self._heads[-1][0] != head):
            self._heads.append((head, now))
        return now - self._heads[0][1] if self._heads else 0.0


class PartRows:
    """Turns what the parts say of their health into rows; keeps what a lag in seconds needs between two looks."""

    def __init__(self) -> None:
        self._lags: dict[str, Lag] = {}

    def rows(self, parts: Parts) -> Samples:
        rows: Samples = {}
        for name, part in parts.items():
            if name == "loops":
                restarts = [((loop,), told["restarts"]) for loop, told in part.items()]
                add(rows, "caraka_loop_restarts", *restarts)
                continue
            if part.get("state", STANDING_BY) != STANDING_BY:
                add(rows, "caraka_part_up", ((name,), int(part["state"] not in HALTED)))
            if name == "bus":
                _of_bus(rows, part)
            elif "behind" in part and name != "relay":
                self._of_follower(rows, name, part)
            if "jobs" in part:
                _of_jobs(rows, part["jobs"])
            elif "parked" in part:
                add(rows, "caraka_dead_letter_cases", ((str(part.get("source", name)),), part["parked"]))
            if "breaches" in part:
                add(rows, "caraka_breaches", ((), part["breaches"]))
            if "polled_at" in part:
                _of_mailbox(rows, name, part)
        return rows

    def _of_follower(self, rows: Samples, name: str, part: Mapping[str, Any]) -> None:
        source = str(part.get("source", ""))
        lag = self._lags.setdefault(name, Lag()).seconds(part["position"], part["head"])
        add(rows, "caraka_subscription_lag_events", ((name, source), part["behind"]))
        add(rows, "caraka_subscription_lag_seconds", ((name, source), lag))


def _of_bus(rows: Samples, part: Mapping[str, Any]) -> None:
    add(rows, "caraka_bus_connected", ((), int(part["state"] == "connected")))
    add(rows, "caraka_bus_reconnects", ((), part["reconnects"]))
    for endpoint, counts in part.get("serving", {}).items():
        outcomes = dict(counts)
        add(rows, "caraka_endpoint_in_flight", ((endpoint,), outcomes.pop("in_flight")))
        add(rows, "caraka_endpoint_messages", *(((endpoint, outcome), count) for outcome, count in outcomes.items()))


def _of_jobs(rows: Samples, queues: Sequence[Mapping[str, Any]]) -> None:
    now = datetime.now(UTC)
    for each in queues:
        queue = (each["queue"],)
        for number in ("waiting", "sent", "parked", "sendings"):
            add(rows, f"caraka_job_{number}", (queue, each[number]))
        for moment, name in (("oldest_at", "oldest"), ("broken_since", "broken")):
            age = 0.0 if each[moment] is None else (now - each[moment]).total_seconds()
            add(rows, f"caraka_job_{name}_seconds", (queue, max(age, 0.0)))


def _of_mailbox(rows: Samples, name: str, part: Mapping[str, Any]) -> None:
    mailbox = name.removeprefix("mailbox-")
    if part["polled_at"] is not None:
        age = (datetime.now(UTC) - part["polled_at"]).total_seconds()
        add(rows, "caraka_mailbox_poll_age_seconds", ((mailbox,), max(age, 0.0)))
    add(rows, "caraka_mailbox_messages", ((mailbox,), part["taken"]))


def process_rows(folder: Path | None = None) -> Samples:
    """Memory, CPU and start of this process, and the free space where it keeps its data. Linux; elsewhere CPU only."""
    rows: Samples = {"caraka_process_cpu_seconds": [((), time.process_time())]}
    with contextlib.suppress(OSError, IndexError, ValueError):
        resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        started = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
        boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        rows["caraka_process_resident_bytes"] = [((), resident * PAGE)]
        rows["caraka_process_start_seconds"] = [((), boot + started / TICKS)]
    if folder is not None:
        with contextlib.suppress(OSError):
            rows["caraka_disk_free_bytes"] = [((), shutil.disk_usage(folder).free)]
    return rows
