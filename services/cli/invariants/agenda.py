"""I4: the agenda books and the register of complaints. Per agency, book and year: opening + 1, +2, … without gap or
duplicate, each with its letter or complaint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts import intake
from contracts.complaint import ComplaintFiled, OpeningCorrected, RegisterNumberTaken, RegisterOpened
from contracts.intake import AgendaNumberTaken, BookOpened, LetterRegistered, NumbersReserved
from services.cli.invariants.ground import Breaches, Finding, Seen, Source

OPENED, TAKEN, REGISTERED = BookOpened.kind(), AgendaNumberTaken.kind(), LetterRegistered.kind()
RESERVED, CORRECTED = NumbersReserved.kind(), intake.OpeningCorrected.kind()
OF_REGISTER = {each.kind() for each in (RegisterOpened, OpeningCorrected, RegisterNumberTaken, ComplaintFiled)}
REGISTER = "complaints"
Book = tuple[str, str, int]


class Agenda:
    """A number and its registration are facts of one command."""

    def __init__(self) -> None:
        self._breaches = Breaches()
        self._last: dict[Book, int] = {}
        self._given: set[Book] = set()
        self._numbers = 0
        self._reserved_numbers = 0
        self._command = ""
        self._open: dict[tuple[Any, ...], str] = {}
        self._unnumbered: dict[tuple[str, Any], str] = {}

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if source.service == ComplaintFiled.service():
            for each in seen:
                if each.row.kind in OF_REGISTER:
                    self._of_register(each, each.where(source))
        elif source.service == LetterRegistered.service():
            self._of_agenda(source, seen)

    def _of_agenda(self, source: Source, seen: Sequence[Seen]) -> None:
        for each in seen:
            command = str(each.said.get("commandid", ""))
            if command != self._command:
                self._close()
                self._command = command
            if each.row.kind == OPENED:
                self._opened(each, each.where(source))
            elif each.row.kind == CORRECTED:
                self._corrected(_book(each), each, each.where(source))
            elif each.row.kind == RESERVED:
                self._reserved(each, each.where(source))
            elif each.row.kind == TAKEN:
                self._taken(each, each.where(source))
            elif each.row.kind == REGISTERED:
                self._registered(each, each.where(source))

    def end(self, source: Source) -> None:
        if source.service == LetterRegistered.service():
            self._close()
            self._command = ""
        for where in self._unnumbered.values():
            self._breaches.add(where, "pengaduan dicatat tanpa nomor register")
        self._unnumbered.clear()

    def finding(self) -> Finding:
        figures: dict[str, int | str] = {"books": len(self._last), "numbers": self._numbers}
        if self._reserved_numbers:
            figures["reserved"] = self._reserved_numbers
        return self._breaches.finding(
            "I4", "nomor agenda dan register tanpa celah atau ganda, masing-masing dengan kasusnya", figures
        )

    def _of_register(self, each: Seen, where: str) -> None:
        """A complaint is filed and numbered in one command; a register that nobody has opened begins with 1."""
        complaint = (each.agency, each.data.get("complaint_id"))
        book = (each.agency, REGISTER, _whole(each.data.get("year")))
        if each.row.kind == ComplaintFiled.kind():
            self._unnumbered[complaint] = where
        elif each.row.kind == RegisterOpened.kind():
            self._last[book] = _whole(each.data.get("opening"))
        elif each.row.kind == OpeningCorrected.kind():
            self._corrected(book, each, where)
        else:
            number, expected = _whole(each.data.get("number")), self._last.get(book, 0) + 1
            if number != expected:
                self._breaches.add(where, f"register {book[2]}: nomor {number}; seharusnya {expected}")
            if self._unnumbered.pop(complaint, None) is None:
                self._breaches.add(where, f"nomor {number} register {book[2]} diambil tanpa pengaduan")
            self._last[book] = max(number, expected)
            self._given.add(book)
            self._numbers += 1

    def _opened(self, each: Seen, where: str) -> None:
        book = _book(each)
        if book in self._last:
            self._breaches.add(where, f"buku {book[1]} {book[2]} dibuka untuk kedua kalinya")
        self._last[book] = _whole(each.data.get("opening"))

    def _corrected(self, book: Book, each: Seen, where: str) -> None:
        """Only while nothing was given out."""
        if self._last.get(book) != _whole(each.data.get("was")) or book in self._given:
            self._breaches.add(where, f"awal buku {book[1]} {book[2]} dibetulkan sesudah ada nomor yang diberikan")
        self._last[book] = max(_whole(each.data.get("opening")), self._last[book] if book in self._given else 0)

    def _reserved(self, each: Seen, where: str) -> None:
        """A block of numbers that stand on paper alone; the next one follows it."""
        book, first, last = _book(each), _whole(each.data.get("first")), _whole(each.data.get("last"))
        expected = self._last.get(book)
        if expected is None or first != expected + 1 or last < first:
            self._breaches.add(where, f"buku {book[1]} {book[2]}: {first} sampai {last} disisihkan sesudah {expected}")
        self._last[book] = max(last, expected or 0)
        self._given.add(book)
        self._reserved_numbers += max(last - first + 1, 0)

    def _taken(self, each: Seen, where: str) -> None:
        book, number = _book(each), _whole(each.data.get("number"))
        expected = self._last.get(book)
        if expected is None:
            self._breaches.add(where, f"nomor {number} di buku {book[1]} {book[2]}, yang tidak pernah dibuka")
        elif number != expected + 1:
            kind = "diberikan lagi" if number <= expected else "melompati nomor"
            self._breaches.add(where, f"buku {book[1]} {book[2]}: nomor {number} {kind}; seharusnya {expected + 1}")
        self._last[book] = max(number, (expected or 0) + 1)
        self._given.add(book)
        self._numbers += 1
        self._open[*book, number, each.data.get("letter_id")] = where

    def _registered(self, each: Seen, where: str) -> None:
        key = (*_book(each), _whole(each.data.get("number")), each.data.get("letter_id"))
        if self._open.pop(key, None) is None:
            what = f"surat dicatat dengan nomor {key[3]} buku {key[1]} {key[2]}, yang tidak diambil untuknya"
            self._breaches.add(where, what)

    def _close(self) -> None:
        for (_, book, year, number, _), where in self._open.items():
            self._breaches.add(
                where, f"nomor {number} buku {book} {year} diambil, tetapi tidak ada surat yang dicatat dengannya"
            )
        self._open.clear()


def _book(each: Seen) -> Book:
    return each.agency, str(each.data.get("book")), _whole(each.data.get("year"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else -1
