"""I13: whoever can log in was let in by a fact, and the row that lets him in is the one that the product has written.

What facts allow: a first password and a token name the event that handed them out, and an own password the first one it
was chosen with. That somebody else chose it cannot be known from them, nor what the master key's holder writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from contracts.organisation import FirstPasswordIssued, TokenIssued, TokenRenewed, UserAdded
from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.organisation.adapters.access_seals import (
    BEFORE,
    DEMONSTRATION,
    FIRST,
    PASSWORD,
    PENDING,
    SEALS,
    SESSION,
    TICKET,
    TOKEN,
    Seals,
)
from services.organisation.adapters.access_tables import sealed_rows

ISSUED = {
    FirstPasswordIssued.kind(): "person_id",
    TokenIssued.kind(): "token_id",
    TokenRenewed.kind(): "token_id",
}
NAMES = {PASSWORD: "kata sandi", FIRST: "kata sandi pertama", TICKET: "tiket", TOKEN: "token", SESSION: "sesi"}
FIGURES = {PASSWORD: "passwords", FIRST: "first passwords", TICKET: "tickets", TOKEN: "tokens", SESSION: "sessions"}
FINE = "siapa pun yang dapat masuk diberi jalan oleh sebuah peristiwa"


class WaysIn:
    """Memory grows with the people and machines that were ever let in."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._seals = Seals(key)
        self._breaches = Breaches()
        self._newest: dict[tuple[str, str, str], str] = {}
        self._rows: Counter[str] = Counter()
        self._before = 0
        self._unread = ""

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if source.service != UserAdded.service():
            return
        for each in seen:
            if (name := ISSUED.get(each.row.kind)) is not None:
                self._newest[each.agency, name, str(each.data.get(name))] = str(each.said.get("id", ""))

    def end(self, source: Source) -> None:
        if source.service != UserAdded.service():
            return
        try:
            with source.engine.connect() as connection:
                if not inspect(connection).has_table(SEALS.name):
                    self._unread = "organisation belum punya tabel akses, atau belum ada yang bersegel"
                    return
                if connection.execute(select(SEALS.c.kind).where(SEALS.c.kind == PENDING["kind"])).first():
                    self._unread = "tabel akses belum bersegel: itu dilakukan saat ada yang masuk"
                    return
                self._look(connection)
        except SQLAlchemyError as error:
            self._unread = f"tabel akses tidak terbaca ({type(error).__name__})"

    def finding(self) -> Finding:
        if self._unread:
            return Finding("I13", ok=True, sentence=f"{self._unread}: tidak diperiksa", checked=False)
        figures: dict[str, int | str] = {FIGURES[kind]: count for kind, count in sorted(self._rows.items())}
        left = (
            [f"siapa yang memberi jalan kepada {self._before} baris yang ada sebelum baris disegel"]
            if self._before
            else []
        )
        return self._breaches.finding("I13", FINE, figures, left)

    def _look(self, connection: Connection) -> None:
        for place, content in sealed_rows(connection):
            agency, kind, name = place
            self._rows[kind] += 1
            where = f"organisation/{agency}, {NAMES[kind]}"
            where += "" if kind == SESSION else f" {name}"
            fact = self._seals.fact(connection, place, *content)
            if fact is None:
                self._breaches.add(where, "baris ini tidak ditulis oleh Caraka")
            elif fact == BEFORE:
                self._before += 1
            elif kind in {PASSWORD, FIRST, TOKEN} and fact != DEMONSTRATION:
                whose = ("token_id", name) if kind == TOKEN else ("person_id", str(content[0]))
                newest = self._newest.get((agency, *whose))
                if newest != fact:
                    what = (
                        "yang tidak pernah diberikan siapa pun"
                        if newest is None
                        else "lebih tua daripada yang terakhir diberikan"
                    )
                    self._breaches.add(where, f"asalnya {fact}, {what}")
