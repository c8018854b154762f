"""I8: what follows from the facts is wanted, nothing waits unsent without a reason, and a sending has one outcome.

A job that stands in the states of the streams has its row, and no other row is there. What should long have been sent
was, unless its queue is paused, broken or full; what was sent comes back. Whatever a worker's word has recorded was the
one outcome of a sending.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from services.cli.invariants.ground import (
    Breaches,
    Finding,
    Seen,
    Source,
    close_source,
    open_source,
    read_along,
    silent,
)
from services.kit.codec.envelope import Undecodable
from services.kit.deciding import StreamKind
from services.kit.service import carried_by
from services.kit.settings import Settings
from services.kit.store.following import Change, moves
from services.kit.store.jobtable import JobTable
from services.kit.store.timetable import micros

GRACE = timedelta(seconds=60)
ROWS = "SELECT job_id, queue, state, look_at, agency FROM jobs"
PAUSED = "SELECT queue, agency FROM job_pauses"
BROKEN = "SELECT queue FROM job_queues WHERE broken_since > 0"
OUTCOMES = "SELECT job_id, command_id FROM job_outcomes"
REMEMBERED = "SELECT command_id FROM commands WHERE command_id IN (SELECT command_id FROM job_outcomes)"
Tables = Mapping[str, tuple[Mapping[str, StreamKind], Collection[str]]]
"""Service → the kinds of its streams, the names of its queues."""


class Jobs:
    """Reads along; memory holds the states of the streams that may want something."""

    def __init__(self, services: Tables) -> None:
        self._services = {name: tables for name, tables in services.items() if tables[1]}
        self._breaches = Breaches()
        self._tables = {service: JobTable(service) for service in self._services}
        self._states: dict[tuple[str, str], Any] = {}
        self._stands: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._worked: dict[str, str] = {}
        self._counted = self._settled = 0

    @classmethod
    def alone(
        cls, settings: Settings, service: str, streams: Mapping[str, StreamKind], queues: Collection[str]
    ) -> Finding:
        """The check of one service by itself."""
        source, check = open_source(settings, service), cls({service: (streams, queues)})
        try:
            read_along([source], [check], silent)
        finally:
            close_source(source)
        return check.finding()

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if source.service not in self._services:
            return
        streams, table = self._services[source.service][0], self._tables[source.service]
        for each in seen:
            if str(each.said.get("actor", "")).startswith("worker-"):
                self._worked[str(each.said.get("commandid"))] = each.where(source)
            kind = streams.get(each.stream.partition(":")[0])
            if kind is None or kind.jobs is None:
                continue
            try:
                recorded = each.recorded()
            except Undecodable:  # I2 names it
                continue
            place = (recorded.agency, recorded.stream)
            self._states[place] = kind.evolve(self._states.get(place, kind.initial), recorded.event)
            stands = kind.jobs(recorded.stream, self._states[place])
            begun, ended = moves(self._stands.get(place, ()), stands, table.key)
            self._stands[place] = stands
            table.change(Change(*place, recorded.correlation_id, recorded.event_id), begun, ended)

    def end(self, source: Source) -> None:
        if source.service not in self._services:
            return
        if source.log.head() == source.head:  # nothing was written in between
            try:
                with source.engine.connect() as connection:
                    self._compare(source.service, connection)
            except SQLAlchemyError as error:
                self._breaches.add(source.service, f"tabel tugas tidak terbaca ({type(error).__name__})")
        self._states.clear()
        self._stands.clear()
        self._worked.clear()

    def finding(self) -> Finding:
        figures: dict[str, int | str] = {"jobs": self._counted, "outcomes": self._settled}
        fine = (
            "tugas keluar yang diperlukan ada di tabel, tidak ada yang menunggu tanpa sebab, tiap pengiriman satu hasil"
        )
        return self._breaches.finding("I8", fine, figures)

    def _compare(self, service: str, connection: Connection) -> None:
        rows = {row.job_id: row for row in connection.execute(text(ROWS))}
        wanted = {str(identity): entry for identity, entry in self._tables[service].entries().items()}
        self._counted += len(rows)
        for identity in wanted.keys() - rows.keys():
            self._breaches.add(
                f"{service}, {wanted[identity].stream}", f"tugas {identity} diperlukan dan tidak punya baris"
            )
        for identity in rows.keys() - wanted.keys():
            self._breaches.add(f"{service}, tabel jobs baris {identity}", "tidak ada yang memerlukan tugas ini")
        self._waiting(service, connection, list(rows.values()))
        self._outcomes(service, connection)

    def _waiting(self, service: str, connection: Connection, rows: Sequence[Any]) -> None:
        queues = self._services[service][1]
        paused = {(row.queue, row.agency) for row in connection.execute(text(PAUSED))}
        broken = {row.queue for row in connection.execute(text(BROKEN))}
        long_ago = micros(datetime.now(UTC) - GRACE)
        held = broken | {row.queue for row in rows if row.state == "sent" and row.look_at >= long_ago}
        for row in rows:
            late = row.state in {"waiting", "sent"} and row.look_at < long_ago
            names, whose = (row.queue, carried_by(row.queue)), (row.agency, "*")
            stopped = any((name, each) in paused for name in names for each in whose)
            if carried_by(row.queue) not in queues:
                self._breaches.add(f"{service}, tabel jobs baris {row.job_id}", f"tidak ada antrean {row.queue}")
            elif late and not (row.state == "waiting" and (stopped or row.queue in held)):
                what = f"keadaannya {row.state}, dan sejak waktunya tiba tidak ada yang menengoknya"
                self._breaches.add(f"{service}, tabel jobs baris {row.job_id}", what)

    def _outcomes(self, service: str, connection: Connection) -> None:
        settled = {row.command_id: row.job_id for row in connection.execute(text(OUTCOMES))}
        known = set(connection.scalars(text(REMEMBERED)))
        self._settled += len(settled)
        for command in settled.keys() - known:
            where = f"{service}, tugas {settled[command]}"
            self._breaches.add(where, f"perintah {command} menyelesaikannya, dan simpanan tidak mengingatnya")
        for command, where in self._worked.items():
            if command not in settled:
                self._breaches.add(where, "kata pekerja tercatat, padahal tidak menyelesaikan tugas apa pun")
