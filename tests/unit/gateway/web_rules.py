"""An office's own rules on paper: its published standard, a year, positions, people, tokens; what is at risk."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from contracts import organisation as o
from contracts import projections as p
from contracts.account_provisioning import RequestDeadline, RequestDeadlineAnswer
from contracts.base import Query, Shape
from contracts.intake import LetterDeadline, LetterDeadlineAnswer
from contracts.offices import (
    AbsenceRow,
    Acting,
    CalendarsAnswer,
    CalendarYear,
    DeadlineExample,
    PositionRow,
    PositionsAnswer,
    QualificationRow,
    StandardChange,
    StandardDifferenceAnswer,
    StandardPreviewAnswer,
    StandardSheetAnswer,
    StandardVersion,
    StandardVersionsAnswer,
    Term,
    TokenRow,
    TokensAnswer,
    WorkChange,
)
from contracts.words import BlobRef, ClockInterval, ClosedDay, DeadlineAccount, StandardRef
from gateway.web.settings import standard_file
from services.kit.worktime import Calendar, explain, in_words
from tests.unit.gateway import web_requests
from tests.unit.gateway.web_letters import AGENCY, HOURS, NOW, STANDARD, TIERS, letter
from tests.unit.gateway.web_office import PaperDesk, full_desk

ROOT = Path(__file__).parents[3]
SEEDS = ROOT / "contracts/standards"
SANAPATI = standard_file.read((SEEDS / "pekalongan/standard-berita-biasa-sanapati.toml").read_text(encoding="utf-8"))
EMAIL = standard_file.read((SEEDS / "purbalingga/standard-email-kedinasan.toml").read_text(encoding="utf-8"))
HOLIDAYS = (
    ClosedDay(on="2026-03-19", kind="national", reason="Hari Suci Nyepi"),
    ClosedDay(on="2026-03-20", kind="joint-leave", reason="Cuti bersama Idul Fitri"),
    ClosedDay(on="2026-04-01", kind="local", reason="Hari jadi Kota Pekalongan"),
)


def version(number: int, state: str, said: dict[str, Any] = SANAPATI, **changes: Any) -> StandardVersion:
    rules = {**STANDARD.rules, **said["rules"], "books": {"masuk": {}}, "hours_stated": True}
    rules.setdefault("hours", HOURS)
    facts = {
        "standard": StandardRef(standard=said["standard"], version=number, decree=said["decree"]),
        "name": said["name"], "valid_from": said["valid_from"], "valid_until": "", "state": state,
        "published_at": NOW, "by_name": "Drs. Suryo Adinegoro, M.Si.", "by_title": TIERS[2][1],
        "components": said["components"], "rules": rules,
    }  # fmt: skip
    return StandardVersion(**{**facts, **changes})


def positions() -> tuple[PositionRow, ...]:
    holder = Term(person_id="kabid", name="Endah Pramesti", capacity="holder", from_on="2024-01-02", until_on="")
    acting = Acting(
        person_id="kasi", name="Hendra Wicaksana", capacity="plh", title=f"Plh. {TIERS[1][1]}", because="absent"
    )
    rows = [
        PositionRow(position=slug, title=title, role="kabid", unit="Bidang", why_nobody="vacant")
        for slug, title in TIERS
    ]
    rows[1] = rows[1].model_copy(
        update={"acting": acting, "terms": (holder,), "substitute": TIERS[0][0], "chain": (acting,)}
    )
    return tuple(rows)


PEOPLE = (
    o.PersonRow(
        person_id="kabid", name="Endah Pramesti", nip="", roles=("kabid",), positions=(TIERS[1][0],),
        qualifications=(
            QualificationRow(qualification="sandi", from_on="2024-01-02", certificate="BSSN-1"),
            QualificationRow(qualification="lama", until_on="2020-01-01", valid=False),
        ),
        absences=(AbsenceRow(from_on="2026-03-02", until_on="2026-03-06", reason="Cuti tahunan"),),
    ),
    o.PersonRow(person_id="caraka-1", name="Slamet Widodo Jati", nip="", roles=("courier",), positions=()),
)  # fmt: skip


def account() -> DeadlineAccount:
    """Received on a Friday before closing, over a weekend: told by the engine itself."""
    calendar = Calendar.from_rules(
        {"zone": "Asia/Jakarta", "hours": HOURS, "holidays": [d.model_dump() for d in HOLIDAYS]}
    )
    told = explain(calendar, NOW.replace(year=2026, month=3, day=17, hour=7), {"working_days": 3})
    return DeadlineAccount(
        standard=STANDARD.standard, kind=told.kind, amount=told.amount, received_at=told.received_at,
        starts_at=told.starts_at, due_at=told.due_at, calendar=told.calendar, zone=told.zone,
        intervals=tuple(
            ClockInterval(
                from_at=e.from_at, until_at=e.until_at, counted=e.counted, why=e.why, note=e.note, day=e.day
            )
            for e in told.intervals
        ),
        undecreed=(2027,), sentence=in_words(told),
    )  # fmt: skip


@dataclass
class RulesDesk(PaperDesk):
    """`PaperDesk` that also answers about the office's own rules. ``preview`` is what a draft would change.

    ``waits``: a leader has to confirm what is asked for.
    """

    preview: StandardPreviewAnswer = field(default_factory=lambda: StandardPreviewAnswer(version=2))
    drafted: bool = False
    waits: bool = False

    def _answer(self, query: Query) -> Shape:  # noqa: C901, PLR0911, PLR0912 - one row per question
        match query:
            case o.Standards():
                row = STANDARD.model_copy(update={"components": SANAPATI["components"]})
                return o.StandardsAnswer(standards=(row,))
            case o.StandardVersions():
                versions = (version(1, "in-force"), version(2, "coming", valid_from="2030-01-01"))
                known = query.standard in {None, "berita-biasa-sanapati"}
                return StandardVersionsAnswer(versions=versions if known else ())
            case o.StandardDifference():
                change = StandardChange(place="components.fee.text", old="Tidak dipungut biaya", new="Gratis")
                gone = StandardChange(place="rules.tiers[2]", old={"position": "kadis"}, new=None)
                return StandardDifferenceAnswer(changes=(change, gone))
            case o.StandardPreview():
                return self.preview
            case o.Calendars():
                years = query.years or (2026, 2027)
                draft = HOLIDAYS[:2] if self.drafted else ()
                rows = tuple(
                    CalendarYear(year=year, state="confirmed", in_use=True, number="SKB 1", days=HOLIDAYS, draft=draft)
                    for year in years
                )
                return CalendarsAnswer(zone="Asia/Jakarta", hours=tuple(HOURS), calendars=rows)
            case o.Positions():
                return PositionsAnswer(on=query.on or "2026-03-04", positions=positions())
            case o.People(role=None):
                return o.PeopleAnswer(people=PEOPLE)
            case o.Tokens():
                good = TokenRow(
                    token_id="aplikasi", role="operator", label="Aplikasi persuratan", issued_at=NOW,
                    issued_by="console", renewed_at=NOW, renewed_by_name="Dimas Arya Nugraha",
                )  # fmt: skip
                bad = TokenRow(token_id="lama", role="operator", label="Lama", revoked=True, reason="Bocor")
                return TokensAnswer(tokens=(good, bad))
            case o.GrantToken() | o.GrantRenewal():
                waits = {"waits_until": NOW} if self.waits else {"token": "crk_pekalongan_uji_rahasia"}
                return o.TokenGranted.model_validate(waits)
            case o.GrantFirstPassword():
                waits = {"waits_until": NOW} if self.waits else {"password": "abcd-efgh-jkmn-pqrs", "ends_at": NOW}
                return o.FirstPasswordGranted.model_validate({"login": f"{query.person_id}@{AGENCY}", **waits})
            case o.StandardSheet():
                return StandardSheetAnswer(blob=BlobRef(sha256="d" * 64, size=4, media_type="application/pdf"))
            case RequestDeadline():
                asked = web_requests.REQUESTS[query.request_id]
                return RequestDeadlineAnswer(deadline=account() if asked.row.due_at else None)
            case LetterDeadline():
                found = self.letters[query.letter_id]
                return LetterDeadlineAnswer(deadline=account() if found.row.due_at else None)
            case p.AtRisk():
                return self._risks()
        return super()._answer(query)

    def _risks(self) -> p.AtRiskAnswer:
        late = p.RiskRow(
            case=letter(5, "forwarded").row, limit_kind="tier", limit_at=NOW - timedelta(hours=2),
            remaining_minutes=-90,
            overdue=True, waits="initial", position=TIERS[0][0], title=TIERS[0][1], overdue_at=NOW,
        )  # fmt: skip
        soon = p.RiskRow(
            case=letter(9, "assigned").row, limit_kind="delivery", limit_at=NOW + timedelta(hours=2),
            remaining_minutes=60,
            waits="deliver", person_id="caraka-1", person_name="Slamet Widodo Jati", reminded_at=NOW,
        )  # fmt: skip
        unknown = p.RiskRow(case=letter(3, "registered").row, limit_kind="case", limit_at=NOW, waits="print")
        shared = p.RiskRow(
            case=letter(4, "forwarded").row, limit_kind="case", limit_at=NOW, waits="decide", position="staf-1",
            positions=("staf-1", "staf-2"),
        )  # fmt: skip
        rows = () if self.quiet else (late, soon, unknown, shared)
        return p.AtRiskAnswer(rows=rows, asof_at=NOW, today_on="2026-03-04", overdue=1, today=2)


def changing() -> StandardPreviewAnswer:
    """A sound draft that changes the deadline."""
    return StandardPreviewAnswer(
        version=3,
        changes=(StandardChange(place="rules.deadline.working_days", old=1, new=2),),
        work=(WorkChange(what="deadline", old="1 hari kerja", new="2 hari kerja"),),
        examples=(DeadlineExample(received_at=NOW, old_due_at=NOW, new_due_at=NOW + timedelta(days=1)),),
    )


def rules_desk() -> RulesDesk:
    return RulesDesk(full_desk().letters)
