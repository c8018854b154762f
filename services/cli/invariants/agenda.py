"""I4: the agenda books and the register of complaints. Per agency, book and year: opening + 1, +2, … without gap or
duplicate, each with its letter or complaint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.complaint import ComplaintFiled, RegisterNumberTaken, RegisterOpened
from contracts.intake import AgendaNumberTaken, BookOpened, LetterRegistered
from services.cli.invariants.ground import Breaches, Finding, Seen, Source

OPENED, TAKEN, REGISTERED = BookOpened.kind(), AgendaNumberTaken.kind(), LetterRegistered.kind()
OF_REGISTER = {each.kind() for each in (RegisterOpened, RegisterNumberTaken, ComplaintFiled)}
REGISTER = "complaints"
Book = tuple[str, str, int]


class Agenda:
    """A number and its registration are facts of one command."""

    def __init__(self) -> None:
        self._breaches = Breaches()
        self._last: dict[Book, int] = {}
        self._numbers = 0
        self._command = ""
        self._open: dict[tuple[Any, ...], str] = {}
        self._unnumbered: dict[tuple[str, Any], str] = {}

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if source.service == ComplaintFiled.service():
            for each in seen:
                if each.row.kind in OF_REGISTER:
                    self._of_register(each, each.where(source))
        if source.service != LetterRegistered.service():
            return
        for each in seen:
            command = str(each.said.get("commandid", ""))
            if command != self._command:
                self._close()
                self._command = command
            if each.row.kind == OPENED:
                self._opened(each, each.where(source))
            elif each.row.kind == TAKEN:
                self._taken(each, each.where(source))
            elif each.row.kind == REGISTERED:
                self._registered(each, each.where(source))

    def end(self, source: Source) -> None:
        if source.service == LetterRegistered.service():
            self._close()
            self._command = ""
        for where in self._unnumbered.values():
            self._breaches.add(where, "a complaint was filed without a number of the register")
        self._unnumbered.clear()

    def finding(self) -> Finding:
        figures: dict[str, int | str] = {"books": len(self._last), "numbers": self._numbers}
        return self._breaches.finding(
            "I4", "agenda and register numbers are without gap or duplicate, each with its case", figures
        )

    def _of_register(self, each: Seen, where: str) -> None:
        """A complaint is filed and numbered in one command; a register that nobody has opened begins with 1."""
        complaint = (each.agency, each.data.get("complaint_id"))
        book = (each.agency, REGISTER, _whole(each.data.get("year")))
        if each.row.kind == ComplaintFiled.kind():
            self._unnumbered[complaint] = where
        elif each.row.kind == RegisterOpened.kind():
            self._last[book] = _whole(each.data.get("opening"))
        else:
            number, expected = _whole(each.data.get("number")), self._last.get(book, 0) + 1
            if number != expected:
                self._breaches.add(where, f"register {book[2]}: number {number}; {expected} was next")
            if self._unnumbered.pop(complaint, None) is None:
                self._breaches.add(where, f"number {number} of register {book[2]} was taken for no complaint")
            self._last[book] = max(number, expected)
            self._numbers += 1

    def _opened(self, each: Seen, where: str) -> None:
        book = _book(each)
        if book in self._last:
            self._breaches.add(where, f"book {book[1]} {book[2]} is opened a second time")
        self._last[book] = _whole(each.data.get("opening"))

    def _taken(self, each: Seen, where: str) -> None:
        book, number = _book(each), _whole(each.data.get("number"))
        expected = self._last.get(book)
        if expected is None:
            self._breaches.add(where, f"number {number} in book {book[1]} {book[2]}, which nobody has opened")
        elif number != expected + 1:
            kind = "again" if number <= expected else "with a gap"
            self._breaches.add(where, f"book {book[1]} {book[2]}: number {number} {kind}; {expected + 1} was next")
        self._last[book] = max(number, (expected or 0) + 1)
        self._numbers += 1
        self._open[*book, number, each.data.get("letter_id")] = where

    def _registered(self, each: Seen, where: str) -> None:
        key = (*_book(each), _whole(each.data.get("number")), each.data.get("letter_id"))
        if self._open.pop(key, None) is None:
            what = f"the letter is registered under {key[3]} of book {key[1]} {key[2]}, which was not taken for it"
            self._breaches.add(where, what)

    def _close(self) -> None:
        for (_, book, year, number, _), where in self._open.items():
            self._breaches.add(
                where, f"number {number} of book {book} {year} was taken, but no letter was registered under it"
            )
        self._open.clear()


def _book(each: Seen) -> Book:
    return each.agency, str(each.data.get("book")), _whole(each.data.get("year"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else -1
