"""A made-up office that takes complaints: its standard, its people, and a clock that its timers follow."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from contracts.base import Actor, Holding, Refusal, StandIn
from contracts.complaint import (
    AcceptAnswer,
    Acknowledge,
    AdoptStandard,
    AnswerComplaint,
    AskReporter,
    AssignComplaint,
    ClassifyComplaint,
    FileComplaint,
    ProposeAnswer,
)
from contracts.words import PUBLIC, StandardRef
from services.complaint import handlers, reactions
from services.complaint.domain import filing, ladder
from services.complaint.domain.state import Absent, Complaint, complaint_stream
from tests.unit.given_when_then import ROOT, SERVICE, Desk, Tables
from tests.unit.worktime.offices import DEFAULT

COMPLAINTS = Tables.of("complaint", handlers, reactions)
AGENCY = "purbalingga"
RULES: dict[str, Any] = {
    **DEFAULT,
    "deadline": {"service_minutes": 60},
    "complaints": [
        {"class": "ringan", "title": "Pengaduan ringan", "deadline": {"working_days": 5}},
        {"class": "sedang", "title": "Pengaduan tidak berkadar pengawasan", "deadline": {"working_days": 14}},
        {
            "class": "berat", "title": "Pengaduan berkadar pengawasan", "deadline": {"working_days": 60},
            "restricted": True,
        },
    ],
    "ladder": [
        {"position": "tim"},
        {"position": "kabid", "after": {"working_days": 3}},
        {"position": "kadis", "past_due": {"working_days": 1}},
    ],
    "answers": {"officer": "pejabat", "remind_before": 450},
    "remind_before": 450,
    "pauses": [{"reason": "menunggu-pelapor", "title": "Menunggu keterangan dari pelapor"}],
}  # fmt: skip
STANDARD = StandardRef(standard="email-kedinasan", version=1, decree="")
OTHER = StandardRef(standard="laman", version=1, decree="")
ADOPT = AdoptStandard(standard=STANDARD, valid_from="2022-01-01", rules=RULES)
WITH_APPROVAL = {**RULES, "answers": {**RULES["answers"], "approval": "kabid"}}


def person(name: str, position: str, role: str, *more: Holding, stand_ins: tuple[StandIn, ...] = ()) -> Actor:
    own = Holding(position=position, title=position.title(), role=role)
    return Actor(id=name, name=f"Nama {name}", roles=(role,), holdings=(own, *more), stand_ins=stand_ins)


OFFICER = person("retno", "pejabat", "complaint-officer")
TEAM = person("fajar", "tim", "complaint-handler")
KABID = person("sri", "kabid", "kabid")
KADIS = person("bambang", "kadis", "kadis")
EXAMINER = person("joko", "pemeriksa", "kasi")
CLERK = Actor(id="loket", name="Nama loket", roles=("operator",))
REPORTER = Actor(id=PUBLIC, roles=(PUBLIC,))


def mac(number: int = 1) -> str:
    """Stands for what the service computes from the command's id."""
    return sha256(f"kode {number}".encode()).hexdigest()


def key(number: int = 1) -> UUID:
    return uuid5(ROOT, f"complaint {number}")


def complaint_id(number: int = 1) -> UUID:
    return filing.id_of(AGENCY, filing.number_of(key(number)))


def form(number: int = 1, **changes: Any) -> FileComplaint:
    said: dict[str, Any] = {
        "channel": "telepon", "words": "Petugas loket datang terlambat.", "name": "Siti Aminah",
        "contact": "0812 0000 1111", "code_mac": mac(number),
    }  # fmt: skip
    return FileComplaint(**{**said, **changes})


def office(rules: dict[str, Any] = RULES, now: datetime | None = None) -> Desk:
    desk = Desk(AGENCY, (COMPLAINTS,)).when(ADOPT.model_copy(update={"rules": rules}))
    desk.now = now or desk.now
    return desk


def sort(desk: Desk, complaint_class: str = "ringan", number: int = 1, by: Actor = OFFICER, **changes: Any) -> Desk:
    wish = ClassifyComplaint(
        complaint_id=complaint_id(number), complaint_class=complaint_class, gist="Layanan loket terlambat.", **changes
    )
    return desk.when(wish, by)


def assigned(rules: dict[str, Any] = RULES, now: datetime | None = None, complaint_class: str = "ringan") -> Desk:
    desk = office(rules, now).when(form(), CLERK, command_id=key())
    sort(desk, complaint_class)
    return desk.when(AssignComplaint(complaint_id=complaint_id(), position="tim"), OFFICER)


def asked(desk: Desk) -> Desk:
    wish = AskReporter(complaint_id=complaint_id(), reason="menunggu-pelapor", words="Hari apa?")
    return desk.when(wish, TEAM)


def answered(desk: Desk, by: Actor = TEAM) -> Desk:
    return desk.when(AnswerComplaint(complaint_id=complaint_id(), words="Jadwal loket sudah diperbaiki."), by)


def acknowledged(rules: dict[str, Any] = RULES) -> Desk:
    desk = office(rules).when(form(), CLERK, command_id=key())
    return desk.when(Acknowledge(complaint_id=complaint_id()), OFFICER)


def classified(rules: dict[str, Any] = RULES) -> Desk:
    return sort(office(rules).when(form(), CLERK, command_id=key()))


def proposed() -> Desk:
    wish = ProposeAnswer(complaint_id=complaint_id(), words="Jadwal loket sudah diperbaiki.")
    return assigned(WITH_APPROVAL).when(wish, TEAM)


def closed() -> Desk:
    return answered(assigned()).when(AcceptAnswer(complaint_id=complaint_id(), code_mac=mac()), REPORTER)


def state(desk: Desk, number: int = 1) -> Complaint:
    found: Complaint = desk._states.get(("complaint", complaint_stream(complaint_id(number))), Absent())
    return found


@dataclass
class Clockwork:
    """Asks each timer at its moment, as the timekeeper does: one that was asked is never asked again."""

    desk: Desk
    asked: set[tuple[str, datetime]] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)

    def until(self, moment: datetime, number: int = 1) -> "Clockwork":
        place = complaint_stream(complaint_id(number))
        for _ in range(200):
            standing = [each for each in ladder.timers(place, state(self.desk, number)) if each.due_at <= moment]
            new = [each for each in standing if (each.name, each.due_at) not in self.asked]
            if not new:
                assert not standing, f"what was asked still stands: {standing}"
                break
            timer = min(new, key=lambda each: (each.due_at, each.name))
            self.asked.add((timer.name, timer.due_at))
            self.desk.now = max(self.desk.now, timer.due_at)
            self.desk.when(timer.command, SERVICE)
            if isinstance(self.desk.decision, Refusal):
                self.refusals.append(self.desk.decision)
        self.desk.now = max(self.desk.now, moment)
        assert not self.refusals, self.refusals
        return self
