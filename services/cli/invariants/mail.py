"""I5, the mailboxes: every message that an independent reader sees is a letter, a linked twin, in quarantine, or was
handed on to the service of its mailbox's purpose.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from contracts.intake import MessageCaptured, MessageQuarantined, PostReceived, TwinLinked
from services.cli.invariants.ground import PART, Breaches, Finding, Seen, Source, said
from services.intake.ports import MailboxUnavailableError

KINDS = {MessageCaptured.kind(), MessageQuarantined.kind(), TwinLinked.kind(), PostReceived.kind()}
Box = tuple[str, str]


class Present(Protocol):
    """What is needed of a mailbox: every (uidvalidity, uid) in it now. Raises MailboxUnavailableError."""

    async def present(self) -> list[tuple[int, str]]: ...

    async def close(self) -> None: ...


class Mailboxes:
    """Memory grows with the mailboxes, not with the log. `look` before the logs are read, `settle` after."""

    def __init__(self, sources: Mapping[Box, Present], *, running: bool) -> None:
        """``sources``: (agency, mailbox) → reader. ``running``: new messages are being fetched."""
        self._sources = sources
        self._running = running
        self._breaches = Breaches()
        self._missing: dict[Box, set[tuple[int, str]]] = {}
        self._highest: dict[tuple[Box, int], int] = {}
        self._messages = self._waiting = self._captured = 0
        self._unreachable: list[str] = []

    async def look(self) -> None:
        for box, source in self._sources.items():
            try:
                found = await source.present()
            except MailboxUnavailableError as error:
                self._unreachable.append(f"{box[0]}/{box[1]} ({error})")
                continue
            finally:
                await source.close()
            self._missing[box] = set(found)
            self._messages += len(self._missing[box])

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if source.service != MessageCaptured.service():
            return
        for each in seen:
            if each.row.kind in KINDS:
                self._captured += 1
                self._cross_off(each)

    def end(self, source: Source) -> None:
        """Nothing is left over between two logs."""

    async def settle(self, source: Source, patience: float) -> None:
        """Gives a running product the time to fetch what came just now, reading on in its log."""
        after, ends = source.head, asyncio.get_running_loop().time() + (patience if self._running else 0)
        while any(self._missing.values()):
            rows = await asyncio.to_thread(source.log.read, after, PART)
            self.part(source, [Seen(row, said(row.data)) for row in rows])
            after = rows[-1].position if rows else after
            if not rows:
                if asyncio.get_running_loop().time() >= ends:
                    return
                await asyncio.sleep(0.1)

    def finding(self) -> Finding:
        for box, left in self._missing.items():
            for uidvalidity, uid in sorted(left):
                if not self._running and self._is_new(box, uidvalidity, uid):
                    self._waiting += 1
                else:
                    where = f"kotak surat {box[0]}/{box[1]}, uidvalidity {uidvalidity}, uid {uid}"
                    self._breaches.add(
                        where,
                        "pesan ini bukan surat, bukan kembaran, tidak di karantina, dan tidak diteruskan ke siapa pun",
                    )
        for name in self._unreachable:
            self._breaches.add(f"kotak surat {name}", "tidak terbaca, jadi tidak ada yang dapat dikatakan tentangnya")
        figures: dict[str, int | str] = {
            "mailboxes": len(self._sources), "messages": self._messages, "captured": self._captured,
            "not yet fetched": self._waiting,
        }  # fmt: skip
        if not self._sources:
            return Finding(
                "I5",
                ok=True,
                sentence="tidak ada kotak surat yang diatur: tidak diperiksa",
                figures=figures,
                checked=False,
            )
        return self._breaches.finding("I5", "setiap pesan menjadi surat, kembaran, atau masuk karantina", figures)

    def _cross_off(self, each: Seen) -> None:
        place = each.data.get("source")
        if not isinstance(place, dict):
            return
        box = (each.agency, str(place.get("mailbox")))
        uidvalidity, uid = int(place.get("uidvalidity") or 0), str(place.get("uid"))
        self._missing.get(box, set()).discard((uidvalidity, uid))
        if uid.isdecimal():
            key = (box, uidvalidity)
            self._highest[key] = max(self._highest.get(key, 0), int(uid))

    def _is_new(self, box: Box, uidvalidity: int, uid: str) -> bool:
        """While nothing runs, what lies beyond the last captured UID waits; what lies before was passed over.

        Names of files have no order: those of a folder all count as waiting.
        """
        return not uid.isdecimal() or int(uid) > self._highest.get((box, uidvalidity), 0)
