"""Every command in every phase of every kind of stream: it brings a fact exactly where its row of the table says so."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from contracts import account_provisioning as acc
from contracts import approval as a
from contracts import complaint as c
from contracts import dispatch as d
from contracts import intake as i
from contracts.base import Actor, Command, Refusal
from contracts.words import TimeLimit, WorkingTime
from services.account_provisioning.domain import state as requests
from services.approval.domain.state import Closed as RoundClosedState
from services.approval.domain.state import Completed, NoRound, Open, Returned
from services.complaint.domain import state as complaints
from services.dispatch.domain.state import Archived, Closed, Held, Planned, Proven, Released, Unplanned
from services.intake.domain.state import (
    Absent,
    Cancelled,
    Captured,
    Examined,
    Forwarded,
    Printed,
    Quarantined,
    Registered,
    Shut,
    Twin,
)
from services.kit.deciding import Accept
from tests.unit.account_provisioning import desk as accounts
from tests.unit.account_provisioning.desk import ACCOUNTS, CLERK, STAFF
from tests.unit.approval.test_limits import LIMITED, WORKING
from tests.unit.approval.test_rounds import INITIAL, TO_OPERATOR, opening
from tests.unit.complaint import desk as hall
from tests.unit.complaint.desk import COMPLAINTS, OFFICER, REPORTER
from tests.unit.dispatch.test_dispatch import (
    ARCHIVE,
    COPIES,
    MAYOR,
    SCHOOLS,
    SECRETARY,
    assign,
    delivered,
    failed,
    hold,
    plan,
    release,
    sent,
    waive,
)
from tests.unit.given_when_then import SERVICE, Desk, Tables
from tests.unit.office import (
    ADOPT,
    APPROVAL,
    COURIER,
    DISPATCH,
    FIELDS,
    INTAKE,
    KABID,
    KADIS,
    KASI,
    OPERATOR,
    RULES,
    blob,
    letter_id,
    message,
    office,
)

Build = Callable[[], Desk]
Asked = tuple[Command, Actor]
Variant = Callable[[Desk], Asked | None]
ID = letter_id(1)
REQUEST = accounts.request_id()
IDS = {"letter": ID, "round": ID, "dispatch": ID, "request": REQUEST, "complaint": hall.complaint_id()}

# ── intake: letters ──────────────────────────────────────────────────────────────────────────────────────────────────

ALLOWS = {
    **RULES,
    "remind_before": 60,
    "pauses": [{"reason": "menunggu", "title": "Menunggu pengirim"}],
    "tiers": [{**tier, "limit": {"service_minutes": 60}} for tier in RULES["tiers"]],
}
EXAMINE = i.ExamineMessage(letter_id=ID, fields=FIELDS)
PAUSE = i.PauseClock(letter_id=ID, reason="menunggu")


def counter() -> Desk:
    return office((INTAKE,)).when(ADOPT.model_copy(update={"rules": ALLOWS}))


def captured() -> Desk:
    return counter().when(message(1))


def examined() -> Desk:
    return captured().when(EXAMINE, OPERATOR)


def registered() -> Desk:
    return examined().when(i.RegisterLetter(letter_id=ID), OPERATOR)


def printed() -> Desk:
    return registered().when(_pack("pack"), OPERATOR)


def forwarded() -> Desk:
    return printed().when(i.ForwardLetter(letter_id=ID), OPERATOR)


LETTERS: Mapping[type, Build] = {
    Absent: counter,
    Captured: captured,
    Twin: lambda: counter().when(message(9, content="raw 1")).when(message(1)),
    Quarantined: lambda: counter().when(message(1, quarantine="classified", reading=None)),
    Examined: examined,
    Registered: registered,
    Printed: printed,
    Forwarded: forwarded,
    Shut: lambda: forwarded().when(i.ShutLetter(letter_id=ID)),
    Cancelled: lambda: registered().when(i.CancelLetter(letter_id=ID, reason="Batal"), OPERATOR),
}


def _pack(name: str) -> i.ProducePrintPack:
    return i.ProducePrintPack(letter_id=ID, blob=blob(name), pages=2, reason="Rusak")


def _timer(service: Tables, kind: str, name: str) -> Variant:
    """What a timer of the present state asks, at its moment; without a timer: the same, of another moment."""

    def variant(desk: Desk) -> Asked | None:
        stream, row = f"{kind}:{IDS[kind]}", service.streams[kind]
        assert row.timers is not None
        state = desk._states.get((service.name, stream), row.initial)
        wanted = next((timer for timer in row.timers(stream, state) if timer.name.startswith(name)), None)
        if wanted is None:
            return None
        desk.now = max(desk.now, wanted.due_at)
        return wanted.command, SERVICE

    return variant


def _moved(desk: Desk) -> Asked:
    """The office closes for two weeks."""
    days = [{"on": f"2026-03-{day}", "kind": "local", "reason": "Banjir"} for day in range(13, 28)]
    desk.when(i.AdoptCalendar(year=2026, number="", revision=9, closed=days, reason="banjir"))  # type: ignore[arg-type]
    return i.MoveDeadline(letter_id=ID, reason="banjir"), SERVICE


def _resumed(desk: Desk) -> Asked:
    desk.when(PAUSE, OPERATOR).later(days=1)
    return i.ResumeClock(letter_id=ID), OPERATOR


def plainly(command: Command, actor: Actor = SERVICE) -> Variant:
    return lambda _: (command, actor)


NOW = office((INTAKE,)).now
RELEASE = i.ReleaseMessage(
    letter_id=ID, reason="Bukan rahasia negara", reading=i.Reading(subject="UU Rahasia Dagang"), blob=blob("raw 7")
)
OF_LETTERS: Mapping[type[Command], tuple[Variant, ...]] = {
    i.CaptureMessage: (plainly(message(1)), plainly(message(1, content="other", message_id="<x@y>"))),
    i.ExamineMessage: (plainly(EXAMINE, OPERATOR),),
    i.RegisterLetter: (plainly(i.RegisterLetter(letter_id=ID), OPERATOR),),
    i.ProducePrintPack: (plainly(_pack("another pack"), OPERATOR),),
    i.ForwardLetter: (plainly(i.ForwardLetter(letter_id=ID), OPERATOR),),
    i.ReviseLetter: (plainly(i.ReviseLetter(letter_id=ID, fields=FIELDS, note="Keliru"), OPERATOR),),
    i.CancelLetter: (plainly(i.CancelLetter(letter_id=ID, reason="Lain"), OPERATOR),),
    i.MoveDeadline: (_moved,),
    i.PauseClock: (plainly(PAUSE, OPERATOR), plainly(PAUSE, KASI)),
    i.ResumeClock: (_resumed,),
    i.StopClock: (plainly(i.StopClock(letter_id=ID, at=NOW)),),
    i.RemindDeadline: (_timer(INTAKE, "letter", "remind"), plainly(i.RemindDeadline(letter_id=ID, due_at=NOW))),
    i.FlagOverdue: (_timer(INTAKE, "letter", "overdue"), plainly(i.FlagOverdue(letter_id=ID, due_at=NOW))),
    i.ShutLetter: (plainly(i.ShutLetter(letter_id=ID)),),
    i.ReleaseMessage: (plainly(RELEASE, OPERATOR),),
    i.ConfirmQuarantine: (plainly(i.ConfirmQuarantine(letter_id=ID, reason="Memang rahasia"), OPERATOR),),
    i.TakeMessage: (plainly(i.TakeMessage(letter_id=ID), OPERATOR),),
}

# ── approval: rounds ─────────────────────────────────────────────────────────────────────────────────────────────────


def _round(revision: int = 1) -> a.OpenRound:
    limited = tuple(tier.model_copy(update={"remind_before": 15}) for tier in LIMITED)
    return opening(revision, tiers=limited).model_copy(update={"working_time": WORKING, "letter_id": ID})


def opened() -> Desk:
    return office((APPROVAL,)).when(_round())


ROUNDS: Mapping[type, Build] = {
    NoRound: lambda: office((APPROVAL,)),
    Open: opened,
    Returned: lambda: opened().when(TO_OPERATOR, KASI),
    Completed: lambda: opened().when(INITIAL, KASI).when(INITIAL, KABID).when(INITIAL, KADIS),
    RoundClosedState: lambda: opened().when(a.CloseRound(letter_id=ID, reason="Batal")),
}
LONGER = WorkingTime(**{**dict(WORKING), "calendar": "lain", "closed": (*WORKING.closed, "2026-03-12", "2026-03-13")})
OF_ROUNDS: Mapping[type[Command], tuple[Variant, ...]] = {
    a.OpenRound: (plainly(_round()), plainly(_round(2))),
    a.InitialLetter: (plainly(INITIAL, KASI),),
    a.ReturnLetter: (plainly(a.ReturnLetter(letter_id=ID, note="Perbaiki lagi"), KASI),),
    a.CloseRound: (plainly(a.CloseRound(letter_id=ID, reason="Lain")),),
    a.RemindTier: (_timer(APPROVAL, "round", "remind"), plainly(a.RemindTier(letter_id=ID, revision=1, turn=0))),
    a.EscalateTier: (_timer(APPROVAL, "round", "escalate"), plainly(a.EscalateTier(letter_id=ID, revision=1, turn=0))),
    a.RetimeRound: (plainly(a.RetimeRound(letter_id=ID, revision=1, working_time=LONGER)),),
}

# ── dispatch ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TIMED = tuple(copy.model_copy(update={"limit": TimeLimit(working_days=1)}) for copy in COPIES)


def _plan(revision: int = 1) -> d.PlanDispatch:
    return plan(revision, TIMED).model_copy(update={"working_time": WORKING})


def planned() -> Desk:
    return office((DISPATCH,)).when(_plan())


def released() -> Desk:
    return planned().when(release())


def on_the_way() -> Desk:
    return released().when(assign(), KASI).later(hours=1)


def proven() -> Desk:
    desk = on_the_way().when(delivered(MAYOR), COURIER).when(delivered(SCHOOLS), COURIER)
    return desk.when(sent(SECRETARY), OPERATOR)


DISPATCHES: Mapping[type, tuple[Build, ...]] = {
    Unplanned: (lambda: office((DISPATCH,)), lambda: office((DISPATCH,)).when(release(1))),
    Planned: (planned,),
    Released: (released, on_the_way, lambda: on_the_way().when(delivered(MAYOR), COURIER)),
    Held: (lambda: planned().when(hold(2)), lambda: on_the_way().when(delivered(MAYOR), COURIER).when(hold(2))),
    Proven: (proven,),
    Archived: (lambda: proven().when(ARCHIVE, OPERATOR),),
    Closed: (lambda: released().when(d.CloseDispatch(letter_id=ID, reason="Batal")),),
}
ANOTHER = ARCHIVE.model_copy(update={"place": "Lemari 9"})
OF_DISPATCHES: Mapping[type[Command], tuple[Variant, ...]] = {
    d.PlanDispatch: tuple(plainly(_plan(revision)) for revision in (1, 2, 3)),
    d.ReleaseDispatch: tuple(plainly(release(revision)) for revision in (1, 2, 3)),
    d.HoldDispatch: (plainly(hold(2)), plainly(hold(3))),
    d.AssignCourier: (plainly(assign(), KASI), plainly(assign(MAYOR), KASI)),
    d.RecordDelivery: (plainly(delivered(MAYOR), COURIER), plainly(failed(SCHOOLS), OPERATOR)),
    d.RecordTransmission: (plainly(sent(SECRETARY), OPERATOR), plainly(sent(SCHOOLS), OPERATOR)),
    d.WaiveProof: tuple(plainly(waive(copy), KASI) for copy in (MAYOR, SCHOOLS, SECRETARY)),
    d.ArchiveLetter: (plainly(ANOTHER, OPERATOR),),
    d.CloseDispatch: (plainly(d.CloseDispatch(letter_id=ID, reason="Lain")),),
    d.FlagDelivery: (
        _timer(DISPATCH, "dispatch", "deliver"),
        plainly(d.FlagDelivery(letter_id=ID, copy_id=MAYOR, assigned_at=NOW + timedelta(hours=1))),
    ),
    d.RetimeDispatch: (plainly(d.RetimeDispatch(letter_id=ID, revision=1, working_time=LONGER)),),
}

# ── account provisioning: requests ───────────────────────────────────────────────────────────────────────────────────

REQUESTS: Mapping[type, tuple[Build, ...]] = {
    requests.Absent: (accounts.counter,),
    requests.Incomplete: (accounts.incomplete,),
    requests.Reviewed: (accounts.reviewed,),
    requests.Asked: (accounts.asked,),
    requests.Provisioning: (accounts.provisioning,),
    requests.Failed: (accounts.failed,),
    requests.Abandoning: (accounts.abandoning,),
    requests.Provisioned: (accounts.provisioned, lambda: accounts.begun(accounts.provisioned())),
    requests.Notified: (
        accounts.notified, lambda: accounts.begun(accounts.notified()),
        lambda: accounts.notified().when(accounts.RENEW, CLERK),
        lambda: accounts.with_secret(accounts.notified()),
    ),
    requests.Received: (accounts.received,),
    requests.Rejected: (accounts.rejected,),
    requests.GivenUp: (accounts.given_up,),
    requests.Closed: (accounts.withdrawn, lambda: accounts.rejected().when(accounts.TELL, CLERK)),
}  # fmt: skip


def _attempt(command: Command) -> Variant:
    """Of the job that is out now."""

    def variant(desk: Desk) -> Asked:
        state = desk._states.get((ACCOUNTS.name, f"request:{REQUEST}"))
        approval = getattr(state, "approval", None)
        attempt = approval.attempt if approval is not None else 1
        return command.model_copy(update={"attempt": attempt}), SERVICE

    return variant


def _closed(desk: Desk) -> Asked:
    """The office closes for two weeks."""
    days = [{"on": f"2026-03-{day}", "kind": "local", "reason": "Banjir"} for day in range(12, 28)]
    desk.when(acc.AdoptCalendar(year=2026, number="", revision=9, closed=days, reason="banjir"))  # type: ignore[arg-type]
    return acc.MoveDeadline(request_id=REQUEST, reason="banjir"), SERVICE


def _ended(desk: Desk) -> Asked:
    """Long after everything."""
    desk.later(days=40)
    return acc.EndHandOver(request_id=REQUEST, generation=1), SERVICE


GESTURE = {"request_id": REQUEST, "generation": 1, "opening": accounts.OPENING}
SUPPLEMENT = acc.SupplementRequest(request_id=REQUEST, letter=accounts.LETTER)
ASK = acc.AskForCompletion(request_id=REQUEST, reason="menunggu-pemohon")
OF_REQUESTS: Mapping[type[Command], tuple[Variant, ...]] = {
    acc.SupplementRequest: (plainly(SUPPLEMENT, CLERK),),
    acc.AskForCompletion: (plainly(ASK, STAFF),),
    acc.WithdrawRequest: (plainly(accounts.WITHDRAW, CLERK),),
    acc.ApproveRequest: (plainly(accounts.approval(), STAFF),),
    acc.RejectRequest: (plainly(accounts.REJECT, STAFF),),
    acc.RecordProvisioned: (_attempt(accounts.done()),),
    acc.RecordProvisioningFailed: (_attempt(accounts.not_done()), _attempt(accounts.not_done("temporary"))),
    acc.RecordUndone: (_attempt(accounts.UNDONE),),
    acc.RetryProvisioning: (plainly(acc.RetryProvisioning(request_id=REQUEST), CLERK),),
    acc.AbandonProvisioning: (plainly(accounts.ABANDON, CLERK),),
    acc.RecordNotice: (plainly(accounts.TELL.model_copy(update={"how": "letter"}), CLERK),),
    acc.ConfirmReceipt: (plainly(accounts.RECEIVED, CLERK),),
    acc.StopClock: (plainly(acc.StopClock(request_id=REQUEST, at=NOW, how="email"), SERVICE),),
    acc.ConfirmClaimant: (plainly(accounts.CONFIRM, accounts.PERSONNEL),),
    acc.RenewHandOver: (plainly(accounts.RENEW, CLERK),),
    acc.RecordSlip: (
        plainly(acc.RecordSlip(request_id=REQUEST, generation=1, sha256=accounts.READ_BACK), CLERK),
    ),
    acc.BeginClaim: (plainly(acc.BeginClaim.model_validate(GESTURE | {"how": "slip"}), SERVICE),),
    acc.DropClaim: (
        plainly(acc.DropClaim(request_id=REQUEST, opening=accounts.OPENING, reason="away"), SERVICE),
    ),
    acc.RecordSecretSet: (plainly(acc.RecordSecretSet.model_validate(GESTURE), SERVICE),),
    acc.EndHandOver: (_ended,),
    acc.EndRetention: (
        _timer(ACCOUNTS, "request", "retention"), plainly(acc.EndRetention(request_id=REQUEST, due_at=NOW)),
    ),
    acc.MoveDeadline: (_closed,),
    acc.RemindDeadline: (
        _timer(ACCOUNTS, "request", "remind"), plainly(acc.RemindDeadline(request_id=REQUEST, due_at=NOW)),
    ),
    acc.FlagOverdue: (
        _timer(ACCOUNTS, "request", "overdue"), plainly(acc.FlagOverdue(request_id=REQUEST, due_at=NOW)),
    ),
}  # fmt: skip

# ── complaints ───────────────────────────────────────────────────────────────────────────────────────────────────────

CASE = hall.complaint_id()
HALL: Mapping[type, tuple[Build, ...]] = {
    complaints.Absent: (hall.office,),
    complaints.Filed: (lambda: hall.office().when(hall.form(), CLERK, command_id=hall.key()),),
    complaints.Acknowledged: (hall.acknowledged,),
    complaints.Classified: (hall.classified, lambda: hall.classified(hall.WITH_APPROVAL)),
    complaints.Assigned: (hall.assigned, lambda: hall.assigned(hall.WITH_APPROVAL)),
    complaints.Asked: (lambda: hall.asked(hall.assigned()),),
    complaints.Proposed: (hall.proposed,),
    complaints.Answered: (lambda: hall.answered(hall.assigned()),),
    complaints.Closed: (hall.closed,),
}


def _shut(desk: Desk) -> Asked:
    """The office closes for two weeks."""
    days = [{"on": f"2026-03-{day}", "kind": "local", "reason": "Banjir"} for day in range(13, 28)]
    desk.when(c.AdoptCalendar(year=2026, number="", revision=9, closed=days, reason="banjir"))  # type: ignore[arg-type]
    return c.MoveDeadline(complaint_id=CASE, reason="banjir"), SERVICE


def _of_case(kind: type[Any], actor: Actor = OFFICER, **said: Any) -> tuple[Variant, ...]:
    return (plainly(kind(complaint_id=CASE, **said), actor),)


def _of_reporter(kind: type[Any], **said: Any) -> tuple[Variant, ...]:
    return _of_case(kind, REPORTER, code_mac=hall.mac(), **said)


def _by_time(kind: type[Any], name: str, **said: Any) -> tuple[Variant, ...]:
    return (_timer(COMPLAINTS, "complaint", name), *_of_case(kind, SERVICE, due_at=NOW, **said))


OF_COMPLAINTS: Mapping[type[Command], tuple[Variant, ...]] = {
    c.CorrectEntry: _of_case(c.CorrectEntry, channel="kotak", reason="Salah pilih"),
    c.Acknowledge: _of_case(c.Acknowledge),
    c.ClassifyComplaint: _of_case(c.ClassifyComplaint, complaint_class="sedang", gist="Loket terlambat."),
    c.NameComplainedAbout: _of_case(c.NameComplainedAbout, person_id="seseorang", positions=("staf",)),
    c.AssignComplaint: _of_case(c.AssignComplaint, position="kabid"),
    c.AddNote: _of_case(c.AddNote, words="Catatan"),
    c.AskReporter: _of_case(c.AskReporter, reason="menunggu-pelapor", words="Kapan?"),
    c.AnswerComplaint: _of_case(c.AnswerComplaint, words="Sudah."),
    c.ProposeAnswer: _of_case(c.ProposeAnswer, words="Sudah."),
    c.ApproveAnswer: _of_case(c.ApproveAnswer, hall.KABID),
    c.ReturnAnswer: _of_case(c.ReturnAnswer, hall.KABID, note="Belum lengkap"),
    c.ReferComplaint: _of_case(c.ReferComplaint, office="Dinas lain", how="Telepon"),
    c.SetAside: _of_case(c.SetAside, why="spam"),
    c.EscalateComplaint: _of_case(c.EscalateComplaint, reason="Berat"),
    c.ReplyAsReporter: _of_reporter(c.ReplyAsReporter, words="Senin."),
    c.ChangeStance: _of_reporter(c.ChangeStance, stance="confidential"),
    c.WithdrawComplaint: _of_reporter(c.WithdrawComplaint),
    c.Object: _of_reporter(c.Object, reason="Belum."),
    c.AcceptAnswer: _of_reporter(c.AcceptAnswer),
    c.MoveDeadline: (_shut,),
    c.RemindDeadline: _by_time(c.RemindDeadline, "remind"),
    c.FlagOverdue: _by_time(c.FlagOverdue, "overdue"),
    c.FlagUnacknowledged: _by_time(c.FlagUnacknowledged, "acknowledge"),
    c.EscalateByTime: _by_time(c.EscalateByTime, "rung", rung=2),
    c.FlagSilence: _by_time(c.FlagSilence, "reporter"),
    c.CloseSilent: _by_time(c.CloseSilent, "silent"),
    c.EndRetention: _by_time(c.EndRetention, "retention"),
}

# Streams without phases, and letters that are named by the command itself.
ELSEWHERE = {
    i.AdoptStandard, i.AdoptCalendar, i.AdoptSeasons, i.OpenBook, i.CorrectOpening, i.ReserveNumbers, i.EnterLetter,
    i.UploadMessage, i.ReceivePost, c.TakeInMessage, c.LeaveMessage,
    acc.FileRequest, acc.AdoptStandard, acc.AdoptCalendar, acc.AdoptSeasons, acc.FreeAddress, acc.IssueReply,
    acc.BeginSecretChange, acc.RecordFirstLogin, acc.RecordSecretChanged, acc.EndSecretChange,
    c.FileComplaint, c.OpenRegister, c.CorrectOpening, c.AdoptStandard, c.AdoptCalendar, c.AdoptSeasons,
}  # fmt: skip

SOMETHING_NEW = {acc.FileRequest, c.FileComplaint, c.TakeInMessage}

# What nobody may ever do, in words of the office: no table may say otherwise.
NEVER = [
    (kind, phase)
    for kinds, phases in (
        ((i.ReviseLetter, i.ProducePrintPack, i.ForwardLetter, i.CancelLetter, i.ExamineMessage), (Shut, Cancelled)),
        ((i.ProducePrintPack, i.ForwardLetter), (Absent, Captured, Twin, Quarantined, Examined)),
        ((i.ExamineMessage, i.RegisterLetter, i.ProducePrintPack), (Quarantined,)),
        ((i.ReleaseMessage, i.ConfirmQuarantine, i.TakeMessage), (Absent, Captured, Registered, Shut, Cancelled)),
        ((a.InitialLetter, a.ReturnLetter), (NoRound, Returned, Completed, RoundClosedState)),
        ((d.AssignCourier, d.RecordDelivery, d.RecordTransmission, d.WaiveProof), (Planned, Held, Archived, Closed)),
        ((d.ArchiveLetter,), (Planned, Released, Held, Closed)),
        ((d.CloseDispatch,), (Archived,)),
        ((acc.ApproveRequest,), (requests.Incomplete, requests.Asked, requests.Rejected, requests.Closed)),
        ((acc.RecordProvisioned,), (requests.Reviewed, requests.Abandoning, requests.GivenUp, requests.Closed)),
        ((acc.AbandonProvisioning,), (requests.Provisioning, requests.Provisioned, requests.Notified)),
        (
            (acc.BeginClaim, acc.RenewHandOver),
            (requests.Reviewed, requests.Provisioning, requests.Failed, requests.Rejected, requests.Received),
        ),
        (
            (c.AnswerComplaint, c.ReferComplaint, c.AssignComplaint),
            (complaints.Filed, complaints.Acknowledged, complaints.Answered, complaints.Closed),
        ),
        (
            (c.RemindDeadline, c.FlagOverdue, c.EscalateByTime),
            (complaints.Asked, complaints.Answered, complaints.Closed),
        ),
        ((c.ReplyAsReporter, c.ChangeStance, c.Object), (complaints.Closed,)),
    )
    for kind in kinds
    for phase in phases
]


def cells() -> Iterator[Any]:
    one = {phase: (build,) for phase, build in LETTERS.items()}
    rounds = {phase: (build,) for phase, build in ROUNDS.items()}
    for tables, kind, phases, commands in (
        (INTAKE, "letter", one, OF_LETTERS),
        (APPROVAL, "round", rounds, OF_ROUNDS),
        (DISPATCH, "dispatch", DISPATCHES, OF_DISPATCHES),
        (ACCOUNTS, "request", REQUESTS, OF_REQUESTS),
        (COMPLAINTS, "complaint", HALL, OF_COMPLAINTS),
    ):
        for command, variants in commands.items():
            for phase, builds in phases.items():
                yield pytest.param(
                    tables, kind, command, variants, phase, builds, id=f"{command.__name__}-{phase.__name__}"
                )


@pytest.mark.parametrize(("tables", "kind", "command", "variants", "phase", "builds"), list(cells()))
def test_a_command_brings_a_fact_exactly_in_the_phases_of_its_row(
    tables: Tables, kind: str, command: type[Command], variants: tuple[Variant, ...], phase: type, builds: Any
) -> None:
    row, brought, refused = tables.commands[command], False, False
    for build in builds:
        for variant in variants:
            desk = build()
            assert type(desk._states.get((tables.name, f"{kind}:{IDS[kind]}"), tables.streams[kind].initial)) is phase
            asked = variant(desk)
            if asked is None:
                continue
            desk.when(*asked)
            brought |= isinstance(desk.decision, Accept) and bool(desk.decision.events)
            refused |= isinstance(desk.decision, Refusal)
    assert brought is (phase in row.states)
    if phase not in row.states and phase not in row.repeats:
        assert refused, "neither in the row's phases nor refused"


def test_the_walk_leaves_no_command_and_no_phase_out() -> None:
    walked: tuple[tuple[Tables, Mapping[Any, Any], Mapping[Any, Any]], ...] = (
        (INTAKE, OF_LETTERS, LETTERS), (APPROVAL, OF_ROUNDS, ROUNDS), (DISPATCH, OF_DISPATCHES, DISPATCHES),
        (ACCOUNTS, OF_REQUESTS, REQUESTS), (COMPLAINTS, OF_COMPLAINTS, HALL),
    )  # fmt: skip
    for tables, commands, phases in walked:
        assert set(tables.commands) - ELSEWHERE == set(commands)
        rows = (row for kind, row in tables.commands.items() if kind not in SOMETHING_NEW)
        named = {phase for row in rows for phase in (*row.states, *row.repeats)}
        assert named == set(phases)


@pytest.mark.parametrize(("kind", "phase"), NEVER, ids=lambda each: each.__name__)
def test_what_must_never_be_is_in_no_row(kind: type[Command], phase: type) -> None:
    rows = {**INTAKE.commands, **APPROVAL.commands, **DISPATCH.commands, **ACCOUNTS.commands, **COMPLAINTS.commands}
    assert phase not in rows[kind].states
