"""Made-up complaints in every stage, for the tests of the pages."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts import projections as p
from contracts.clocks import PauseReason
from contracts.complaint import ClassRow, ComplaintDeadlineAnswer, ComplaintSheetAnswer
from contracts.offices import PositionRow, PositionsAnswer, Term
from gateway.edge.client import reader_of
from gateway.edge.principals import Visitor
from services.kit.access import Access, listed
from tests.unit.gateway.web_letters import NOW, ROOT, letter_id

HANDLER, APPROVER, OFFICER = "kasi-persandian", "kabid-aplikasi", "pengelola-pengaduan"
OBJECTION = "Uang belum kembali"
WORDS = 'Petugas loket tiga meminta uang.\n<script>alert(1)</script> =HYPERLINK("http://jahat")'
NAME, CONTACT = "Sulastri Wibowo", "0813 5550 1234"
GISTS = ("Dugaan pungutan di loket", "Antrean lama pada hari Senin", "Alamat surel salah di papan pengumuman")
STAGES = p.COMPLAINT_STAGES
UNSORTED = frozenset({"filed", "acknowledged"})
OVER = {"closed": "accepted", "referred": "referred", "set-aside": "set-aside", "withdrawn": "withdrawn"}
STANCES = ("named", "confidential", "anonymous")


def complaint_id(number: int) -> UUID:
    """The same ids as letters have: no page may take one for the other."""
    return letter_id(number)


def row(number: int, stage: str) -> p.ComplaintRow:
    sorted_, over = stage not in UNSORTED, stage in OVER
    received, stance = NOW - timedelta(hours=30 + 5 * number), STANCES[number % 3]
    return p.ComplaintRow(
        kind="complaints", case_id=complaint_id(number), number=f"ADU-{number:05d}-QX7ZK",
        title=GISTS[number % 3] if sorted_ else "", stage=stage, received_at=received,
        due_at=NOW + timedelta(hours=70 - 20 * number), changed_at=NOW, versions={"complaint": 4},
        completed_at=NOW - timedelta(minutes=5) if over or stage == "answered" else None,
        paused_at=NOW - timedelta(hours=2) if stage == "asked" else None, complaint_id=complaint_id(number),
        complaint_kind="pengaduan", channel="web" if number % 2 else "telepon", stance=stance,
        complaint_class="normatif" if sorted_ else None, class_title="Pengaduan bersifat normatif" if sorted_ else "",
        who="Pengaduan bersifat normatif" if sorted_ else "",
        handler=HANDLER if sorted_ and stage != "classified" else None, dated=stance == "anonymous",
    )  # fmt: skip


def complaint(number: int, stage: str) -> p.Complaint:
    answered = stage in {"answered", "closed"}
    return p.Complaint(
        row=row(number, stage), standard="060/040/III Tahun 2022 v1", default=True, officer=OFFICER,
        approver=APPROVER if stage == "proposed" else None, rung=APPROVER if stage == "assigned" else None,
        acknowledge_by=NOW + timedelta(hours=20) if stage == "filed" else None,
        answered_at=NOW if answered else None, object_until=NOW + timedelta(days=10) if stage == "answered" else None,
        close_at=NOW + timedelta(days=10) if stage == "answered" else None, objections=1, outcome=OVER.get(stage),
        closed_at=NOW if stage in OVER else None,
    )  # fmt: skip


COMPLAINTS = {complaint_id(n): complaint(n, stage) for n, stage in enumerate(STAGES)}
OF_STAGE = {each.row.stage: each.row.complaint_id for each in COMPLAINTS.values()}


def seen(found: p.Complaint, reader: Any) -> bool:
    tokens = [f"position:{each}" for each in (found.row.handler, found.approver) if each]
    return Access(readers=listed(tokens)).lets(reader, p.READERS["complaints"])


def about(query: p.ComplaintsAbout) -> p.ComplaintsAboutAnswer:
    """One, beside every letter, for who reads complaints."""
    found = COMPLAINTS[OF_STAGE["assigned"]]
    row = p.AboutRow(complaint_id=found.row.complaint_id, number=found.row.number, stage=found.row.stage)
    return p.ComplaintsAboutAnswer(complaints=(row,) if seen(found, query.reader) else ())


def listed_ones(query: p.ComplaintList) -> p.ComplaintListAnswer:
    rows = [each.row for each in COMPLAINTS.values() if seen(each, query.reader)]
    shown = [each for each in rows if not query.stages or each.stage in query.stages]
    shown = [each for each in shown if query.text.lower() in f"{each.number} {each.title}".lower()]
    counts = {each.stage: 1 for each in rows}
    return p.ComplaintListAnswer(complaints=tuple(shown), counts=counts, cursor="lagi" if query.order == "due" else "")


def detail(query: p.ComplaintDetail) -> p.ComplaintDetailAnswer:
    found = COMPLAINTS.get(query.complaint_id)
    return p.ComplaintDetailAnswer(complaint=found if found and seen(found, query.reader) else None)


def sheet(asked: UUID) -> ComplaintSheetAnswer:
    named = COMPLAINTS[asked].row.stance == "named"
    return ComplaintSheetAnswer(
        name=NAME if named else "", contact=CONTACT if named else "", place="Loket 3", occurred_on="2026-11-17",
        words={
            str(uuid5(ROOT, "complaint.ComplaintFiled.v1")): WORDS,
            str(uuid5(ROOT, "complaint.ObjectionRaised.v1")): OBJECTION,
        },
        standards={"naskah": (
            ClassRow(complaint_class="normatif", title="Pengaduan bersifat normatif", working_days=5, default=True),
            ClassRow(complaint_class="berkadar", title="Berkadar pengawasan", working_days=60, restricted=True),
        )},
        ladder=(HANDLER, APPROVER), pauses=(PauseReason(reason="menunggu-pelapor", title="Menunggu pelapor"),),
        approver=APPROVER if COMPLAINTS[asked].row.stage == "proposed" else "", answer="Sudah kami tindak.",
    )  # fmt: skip


def history(found: p.Complaint) -> Iterator[p.HistoryEntry]:
    by = {"by_name": "Ratna Kusumawardhani", "by_title": "Pengelola Pengaduan", "by_capacity": "holder"}
    due = (NOW + timedelta(days=5)).isoformat()
    sorting = {"title": "Pengaduan bersifat normatif", "due_at": due, "what": GISTS[0], "default": True}
    rows: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("ComplaintFiled", {}, {"number": found.row.number, "complaint_kind": "pengaduan", "channel": "whatsapp",
                                "stance": found.row.stance, "due_at": due}),
        ("EntryCorrected", by, {
            "complaint_kind": "pengaduan", "channel": "kotak", "received_on": "2026-11-02",
            "was_received_on": "2026-11-20", "paper_number": "18/2026", "was_paper_number": "17/2026", "due_at": due,
        }),
        ("ComplaintAcknowledged", by, {}), ("AcknowledgementOverdue", {}, {"due_at": due}),
        ("ComplaintClassified", by, sorting), ("ComplaintReclassified", by, {**sorting, "restricted": True}),
        ("ComplainedAboutNamed", by, {}), ("ComplaintAssigned", by, {"position": HANDLER, "why": "assigned"}),
        ("ComplaintEscalated", by, {"to_position": APPROVER, "why": "time"}), ("NoteAdded", by, {}),
        ("ReporterAsked", by, {"title": "Menunggu pelapor"}), ("ReporterSilent", {}, {}), ("ReporterWrote", {}, {}),
        ("AnswerProposed", by, {"approver": APPROVER}), ("AnswerReturned", by, {}),
        ("ComplaintAnswered", by, {"late": False}), ("ObjectionRaised", {}, {"count": 1}),
        ("StanceChanged", {}, {"stance": "confidential"}), ("ComplaintReferred", by, {}),
        ("ComplaintSetAside", by, {"why": "spam"}), ("ComplaintWithdrawn", {}, {}),
        ("ComplaintClosed", {}, {"outcome": "accepted"}), ("ReporterRetentionEnded", {}, {"reason": "retention"}),
        ("SomethingNew", {}, {}),
    ]  # fmt: skip
    for at, (name, who, params) in enumerate(rows):
        kind = f"complaint.{name}.v1"
        yield p.HistoryEntry(
            event_id=uuid5(ROOT, kind), service="complaint", position=at + 1, kind=kind,
            at=found.row.received_at + timedelta(minutes=2 * at), params=params, **who,
        )  # fmt: skip


def board() -> p.BoardAnswer:
    keys = {
        "masuk": ("filed", "acknowledged"), "ditangani": ("classified", "assigned"), "menunggu-pelapor": ("asked",),
        "persetujuan": ("proposed",), "dijawab": ("answered",),
        "selesai": ("closed", "referred", "set-aside", "withdrawn"),
    }  # fmt: skip
    columns = []
    for name, stages in keys.items():
        cards = tuple(each.row for each in COMPLAINTS.values() if each.row.stage in stages)
        columns.append(p.BoardColumn(stages=stages, key=name, count=len(cards), cards=cards))
    return p.BoardAnswer(columns=tuple(columns), change="1.7")


def clocks() -> p.ComplaintClocksAnswer:
    return p.ComplaintClocksAnswer(classes=(
        p.ClassClock(complaint_class="normatif", title="Pengaduan bersifat normatif", running=3, overdue=1,
                     next_due_at=NOW + timedelta(hours=3)),
        p.ClassClock(running=2, next_due_at=NOW + timedelta(days=2)),
    ))  # fmt: skip


UNCLASSIFIED: tuple[dict[str, Any], ...] = (
    {"outcome": "set-aside", "aside": "spam"}, {"outcome": "withdrawn"}, {"outcome": "acknowledged"},
)  # fmt: skip


def book() -> p.ComplaintBookAnswer:
    line = p.BookLine(
        year=2026, number=7, received_on="2026-11-03", channel="telepon", class_title="Pengaduan ringan",
        gist='=HYPERLINK("http://jahat";"klik")', outcome="accepted", due_on="2026-11-10", answered_on="2026-11-09",
        closed_on="2026-11-20", on_time=True,
    )  # fmt: skip
    early = [
        p.BookLine(year=2026, number=at, received_on="2026-11-04", channel="web", due_on="2026-11-11", **said)
        for at, said in enumerate(UNCLASSIFIED, 9)
    ]
    return p.ComplaintBookAnswer(lines=(line, p.BookLine(year=2026, number=8, excluded=True), *early))


def deadline() -> ComplaintDeadlineAnswer:
    return ComplaintDeadlineAnswer()


def seats() -> PositionsAnswer:
    def row_(position: str, title: str, person: str, name: str) -> PositionRow:
        term = Term(person_id=person, name=name, capacity="holder", from_on="2026-01-01", until_on="")
        return PositionRow(position=position, title=title, role="kasi", unit="Dinas", terms=(term,))

    return PositionsAnswer(on="2026-11-20", positions=(
        row_(HANDLER, "Kasi Persandian", "kasi", "Hendra Wicaksana"),
        row_(APPROVER, "Kabid Aplikasi", "kabid", "Endah Pramesti"),
    ))  # fmt: skip


def not_for(someone: Visitor) -> set[str]:
    """Addresses of complaints that this visitor does not see."""
    return {f"/pengaduan/{key}" for key, each in COMPLAINTS.items() if not seen(each, reader_of(someone))}
