"""What is counted: the table of all metrics, and the few things that cannot be read from the parts when asked.

Labels are services, kinds, refusal codes, parts, processes: bounded sets; never an agency with a person or a letter,
and nothing personal. `services.kit.operations.metrics_collect` gathers and tells.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contracts.base import Accepted, Refusal

OUTCOMES: Mapping[type, str] = {Accepted: "accepted", Refusal: "refused"}
MOST_CODES = 200  # refusal codes are the services' own words; this only bounds a mistake
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: every sample of it also carries ``service`` and ``instance``."""

    kind: Literal["counter", "gauge", "histogram"]
    says: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


FAMILIES: Mapping[str, Family] = {
    "caraka_commands": Family("counter", "Commands answered by the writer.", ("kind", "outcome")),
    "caraka_refusals": Family("counter", "Refusals by their stable code.", ("code",)),
    "caraka_command_seconds": Family("histogram", "From the asking to the commit.", (), SECONDS),
    "caraka_commit_seconds": Family("histogram", "One batch: load, decide, insert, commit, synced.", (), SECONDS),
    "caraka_batch_commands": Family("histogram", "Commands that shared one commit.", (), SIZES),
    "caraka_writer_waiting": Family("gauge", "Commands that wait for the writer."),
    "caraka_store_position": Family("gauge", "Position of the last event in the store."),
    "caraka_relay_lag_events": Family("gauge", "Positions in the store that the stream does not have yet."),
    "caraka_relay_lag_seconds": Family("gauge", "Age of the oldest event that the stream does not have yet."),
    "caraka_subscription_lag_events": Family(
        "gauge", "Positions of the stream not yet applied.", ("subscription", "source")
    ),
    "caraka_subscription_lag_seconds": Family(
        "gauge", "How long ago the stream already held what is not yet applied.", ("subscription", "source")
    ),
    "caraka_dead_letter_cases": Family("gauge", "Cases that a reaction could not answer.", ("source",)),
    "caraka_job_waiting": Family("gauge", "Jobs that wait to be sent.", ("queue",)),
    "caraka_job_sent": Family("gauge", "Jobs that are sent and not settled.", ("queue",)),
    "caraka_job_parked": Family("gauge", "Jobs that wait for a person.", ("queue",)),
    "caraka_job_oldest_seconds": Family("gauge", "Since when the oldest one could have been done.", ("queue",)),
    "caraka_job_broken_seconds": Family("gauge", "Since when the queue has only failed; 0: it works.", ("queue",)),
    "caraka_job_sendings": Family("counter", "Jobs sent to the workers, again and again included.", ("queue",)),
    "caraka_job_outcomes": Family("counter", "What workers said of their attempts.", ("queue", "outcome")),
    "caraka_mailbox_poll_age_seconds": Family("gauge", "Since the mailbox was last read.", ("mailbox",)),
    "caraka_mailbox_messages": Family("counter", "Messages taken from the mailbox.", ("mailbox",)),
    "caraka_breaches": Family("gauge", "Differences between the evidence and the logs that nobody has settled."),
    "caraka_backup_age_seconds": Family("gauge", "Since the cut of the newest backup, or since nobody has seen one."),
    "caraka_backup_proven_age_seconds": Family("gauge", "Since a backup was last proven by bringing it back."),
    "caraka_backup_failing_seconds": Family("gauge", "Since when backups have only failed; 0: they do not."),
    "caraka_part_up": Family("gauge", "0: stopped, or waits for something broken. Untold by who stands by.", ("part",)),
    "caraka_loop_restarts": Family("counter", "How often a loop had to be started again.", ("loop",)),
    "caraka_bus_connected": Family("gauge", "Whether the connection to the bus stands."),
    "caraka_bus_reconnects": Family("counter", "How often it had to be made again."),
    "caraka_endpoint_messages": Family("counter", "Messages of an endpoint on the bus.", ("endpoint", "outcome")),
    "caraka_endpoint_in_flight": Family("gauge", "Messages that an endpoint is working on.", ("endpoint",)),
    "caraka_pool_in_use": Family("gauge", "Database connections in use.", ("pool",)),
    "caraka_pool_size": Family("gauge", "Database connections that may be open.", ("pool",)),
    "caraka_disk_free_bytes": Family("gauge", "Free space of the data folder's file system."),
    "caraka_process_resident_bytes": Family("gauge", "Memory of the process; services in one process tell the same."),
    "caraka_process_cpu_seconds": Family("counter", "CPU of the process; services in one process tell the same."),
    "caraka_process_start_seconds": Family("gauge", "Start of the process, seconds since 1970."),
    "caraka_http_requests": Family("counter", "HTTP requests by route and class of status.", ("route", "status")),
    "caraka_http_seconds": Family("histogram", "HTTP: from the first byte to the last.", ("route",), SECONDS),
    "caraka_http_connections": Family("gauge", "Connections that are open at the gateway."),
    "caraka_http_connections_ended": Family("counter", "Connections that the gateway ended, and why.", ("reason",)),
}


class Histogram:
    """Counts per bucket; one thread writes, any may read."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def told(self) -> list[Any]:
        return [list(self.counts), self.total]


Sample = tuple[tuple[str, ...], Any]
Samples = dict[str, list[Sample]]
"""By family: label values, and a number or (histogram) ``[counts per bucket, sum]``."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The numbers of one service in one process."""

    service: str
    instance: str
    rows: Mapping[str, Sequence[Sample]]


class CommandTally:
    """What the writer counts, a batch at a time in its own thread (well below a microsecond per command)."""

    def __init__(self) -> None:
        self._commands: dict[tuple[str, type], int] = {}
        self._refusals: dict[str, int] = {}
        self._latency = Histogram(SECONDS)
        self._commit = Histogram(SECONDS)
        self._sizes = Histogram(SIZES)

    def batch(self, answers: Sequence[tuple[Any, Any]], seconds: float, now: datetime) -> None:
        """``answers``: (job, what it was answered); ``seconds`` the batch took; ``now`` after its commit."""
        self._sizes.observe(len(answers))
        self._commit.observe(seconds)
        commands, waited, total = self._commands, self._latency.counts, 0.0
        for job, answer in answers:
            ask = job.ask
            key = (ask.kind, answer.__class__)  # pydantic's isinstance costs more than all the rest
            commands[key] = commands.get(key, 0) + 1
            took = (now - ask.asked_at).total_seconds()
            waited[bisect_left(SECONDS, took)] += 1
            total += took
            if key[1] is Refusal:
                self._refused(answer.code)
        self._latency.total += max(total, 0.0)

    def _refused(self, code: str) -> None:
        if code not in self._refusals and len(self._refusals) >= MOST_CODES:
            code = "other"
        self._refusals[code] = self._refusals.get(code, 0) + 1

    def rows(self) -> Samples:
        outcomes: dict[tuple[str, str], int] = {}
        for (kind, answer), count in self._commands.copy().items():
            key = (kind, OUTCOMES.get(answer, "failed"))
            outcomes[key] = outcomes.get(key, 0) + count
            outcomes.setdefault((kind, "failed"), 0)  # a first failure must be seen as a step from 0
        return {
            "caraka_commands": list(outcomes.items()),
            "caraka_refusals": [((code,), count) for code, count in self._refusals.copy().items()],
            "caraka_command_seconds": [((), self._latency.told())],
            "caraka_commit_seconds": [((), self._commit.told())],
            "caraka_batch_commands": [((), self._sizes.told())],
        }


def merged(*several: Samples) -> Samples:
    rows: Samples = {}
    for each in several:
        for family, found in each.items():
            add(rows, family, *found)
    return rows


def add(rows: Samples, family: str, *found: Sample) -> None:
    rows.setdefault(family, []).extend(found)
