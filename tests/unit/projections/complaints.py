"""Complaints on paper: what the complaint service would state of them, fact by fact."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts import complaint as c
from contracts.base import EMPTY, Event, Sealed
from contracts.organisation import StandardPublished
from contracts.words import CaseRef, StandardRef
from tests.unit.projections.office import SPACE, Office, officer

STANDARD = StandardRef(standard="email-kedinasan", version=1, decree="")
OFFICER, HANDLER, SUPERIOR, EXAMINER = "pengelola-pengaduan", "kasi-informatika", "kabid-informatika", "pemeriksa"
WORDS = "Bapak Karyo meminta uang lima puluh ribu di loket tiga"
REPORTER, CONTACT = "Sulastri Wibowo", "0813 5550 1234"
GIST = "Dugaan pungutan di loket"
BY = officer("bu-ratna", OFFICER)


@dataclass
class Gripe:
    """One complaint; every method states what the service would."""

    office: Office
    number: int
    stance: str = "named"

    @property
    def id(self) -> UUID:
        return self.named(self.number)

    @staticmethod
    def named(number: int) -> UUID:
        return uuid5(SPACE, f"complaint {number}")

    @property
    def shown(self) -> str:
        return f"ADU-{self.number:05d}-QX7ZK"

    def _theirs(self, words: str) -> Sealed:
        return Sealed.of(words, "reporter", str(self.id))

    def _tell(self, *events: Event) -> "Gripe":
        self.office.tell(f"complaint:{self.id}", *events)
        return self

    def filed(
        self, *, days: int = 14, kind: str = "pengaduan", channel: str = "web", about: CaseRef | None = None
    ) -> "Gripe":
        now, known = self.office.now, self.stance != "anonymous"
        identity = f"{self.id}-identity"
        self.office.tell("register:2026", c.RegisterNumberTaken(year=2026, number=self.number, complaint_id=self.id))
        return self._tell(
            c.ComplaintFiled(
                complaint_id=self.id, number=self.shown, complaint_kind=kind, channel=channel, stance=self.stance,
                code_mac="f" * 64, standard=STANDARD, received_at=now, due_at=now + timedelta(days=days),
                calendar="v1", told=OFFICER, acknowledge_by=now + timedelta(days=3), words=self._theirs(WORDS),
                name=Sealed.of(REPORTER, "reporter", identity) if known else None,
                contact=Sealed.of(CONTACT, "reporter", identity) if known else None, place=self._theirs("Loket 3"),
                occurred_on=self._theirs("kemarin"), about=about,
            )
        )  # fmt: skip

    def corrected(self, received: datetime, paper: str) -> "Gripe":
        return self._tell(
            c.EntryCorrected(
                complaint_id=self.id, complaint_kind="saran", channel="kotak", paper_number=paper, received_at=received,
                received_on=received.date().isoformat(), was_received_on="2026-03-02", standard=STANDARD,
                due_at=received + timedelta(days=5), calendar="v1", acknowledge_by=received + timedelta(days=3),
                reason=Sealed.of("Salah lihat"), by=BY,
            )
        )  # fmt: skip

    def acknowledged(self) -> "Gripe":
        return self._tell(c.ComplaintAcknowledged(complaint_id=self.id, by=BY))

    def classified(
        self, gist: str = GIST, *, kind: str = "normatif", title: str = "Pengaduan bersifat normatif",
        restricted: bool = False, again: str = "", days: int = 5,
    ) -> "Gripe":  # fmt: skip
        fields: dict[str, Any] = {
            "complaint_id": self.id, "complaint_class": kind, "title": title, "restricted": restricted,
            "examiner": EXAMINER if restricted else None, "gist": Sealed.of(gist), "standard": STANDARD,
            "received_at": self.office.now, "due_at": self.office.now + timedelta(days=days), "calendar": "v1",
            "told": OFFICER, "officer": OFFICER, "reason": EMPTY, "by": BY,
        }  # fmt: skip
        if again:
            return self._tell(c.ComplaintReclassified.model_validate({**fields, "before": again}))
        return self._tell(c.ComplaintClassified.model_validate(fields))

    def examined(self) -> "Gripe":
        """Restricted: it moves to the examiner at once."""
        self.classified(kind="berkadar-pengawasan", title="Pengaduan berkadar pengawasan", restricted=True, days=60)
        return self.assigned(EXAMINER, "examiner")

    def about(self, person: str, *positions: str) -> "Gripe":
        tokens = (f"person:{person}", *(f"position:{each}" for each in positions))
        return self._tell(
            c.ComplainedAboutNamed(
                complaint_id=self.id, person_id=person, positions=positions, unit=EMPTY, barred=tokens, by=BY
            )
        )

    def assigned(self, position: str = HANDLER, why: str = "assigned") -> "Gripe":
        return self._tell(c.ComplaintAssigned(complaint_id=self.id, position=position, why=why, by=BY))

    def noted(self, words: str = "Catatan dalam") -> "Gripe":
        return self._tell(c.NoteAdded(complaint_id=self.id, words=Sealed.of(words), by=BY))

    def asked(self) -> "Gripe":
        return self._tell(
            c.ReporterAsked(
                complaint_id=self.id, reason="menunggu-pelapor", title="Menunggu pelapor", words=Sealed.of("Kapan?"),
                by=BY,
            ),
            c.ClockPaused(complaint_id=self.id, at=self.office.now, reason="menunggu-pelapor", note="", by=BY),
        )  # fmt: skip

    def replied(self, words: str = "Hari Senin pagi") -> "Gripe":
        return self._tell(
            c.ReporterWrote(complaint_id=self.id, words=self._theirs(words)),
            c.ClockResumed(complaint_id=self.id, at=self.office.now, by=BY),
        )

    def proposed(self) -> "Gripe":
        return self._tell(
            c.AnswerProposed(complaint_id=self.id, words=Sealed.of("Sudah ditindak"), approver=SUPERIOR, by=BY)
        )

    def returned(self) -> "Gripe":
        return self._tell(c.AnswerReturned(complaint_id=self.id, note=Sealed.of("Kurang jelas"), by=BY))

    def answered(self, *, late: bool = False) -> "Gripe":
        now = self.office.now
        return self._tell(
            c.ComplaintAnswered(
                complaint_id=self.id, words=Sealed.of("Sudah ditindak"), answered_at=now, late=late,
                object_until=now + timedelta(days=14), close_at=now + timedelta(days=14), by=BY,
            ),
            c.ClockStopped(complaint_id=self.id, at=now),
        )  # fmt: skip

    def objected(self, count: int = 1) -> "Gripe":
        self._tell(
            c.ObjectionRaised(complaint_id=self.id, count=count, reason=self._theirs("Belum selesai")),
            c.ClockResumed(complaint_id=self.id, at=self.office.now, by=BY),
        )
        return self.assigned(HANDLER if count == 1 else SUPERIOR, "objection")

    def escalated(self, to: str = SUPERIOR, *, takes: bool = True) -> "Gripe":
        return self._tell(
            c.ComplaintEscalated(
                complaint_id=self.id, rung=1, from_position=HANDLER, to_position=to, why="hand", reason=EMPTY,
                handler=to if takes else None, by=BY,
            )
        )  # fmt: skip

    def overdue(self, rung: str | None = None, leader: str | None = None) -> "Gripe":
        return self._tell(
            c.ComplaintOverdue(complaint_id=self.id, due_at=self.office.now, told=OFFICER, rung=rung, leader=leader)
        )

    def stanced(self, stance: str) -> "Gripe":
        return self._tell(c.StanceChanged(complaint_id=self.id, stance=stance))

    def closed(self, outcome: str = "accepted", gist: str = "") -> "Gripe":
        now = self.office.now
        before: dict[str, list[Event]] = {
            "referred": [
                c.ComplaintReferred(
                    complaint_id=self.id, office=Sealed.of("Dinas Perhubungan"), how=Sealed.of("Jl. Merdeka 1"),
                    words=EMPTY, by=BY,
                )
            ],
            "set-aside": [
                c.ComplaintSetAside(
                    complaint_id=self.id, why="unclear" if gist else "spam", words=EMPTY, by=BY,
                    gist=Sealed.of(gist) if gist else None,
                )
            ],
            "withdrawn": [c.ComplaintWithdrawn(complaint_id=self.id, reason=self._theirs("Sudah beres"))],
        }  # fmt: skip
        end = c.ComplaintClosed(
            complaint_id=self.id, outcome=outcome, closed_at=now, retain_until=now + timedelta(days=90)
        )
        return self._tell(*before.get(outcome, []), end)


def standard(office: Office) -> None:
    """The standard under which they run, with the agency's zone and working hours."""
    hours = {"days": ["mon", "tue", "wed", "thu", "fri"], "open": "08:00", "close": "16:00"}
    office.tell(
        "standard:email-kedinasan",
        StandardPublished(
            standard=STANDARD, name="Email kedinasan", valid_from="2026-01-01", components={},
            rules={"zone": "Asia/Makassar", "hours": [hours], "complaints": [{"class": "normatif"}]}, by=BY,
        ),
    )  # fmt: skip
