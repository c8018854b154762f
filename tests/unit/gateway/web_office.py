"""An office on paper for the tests of the pages: a desk that answers from made-up letters, people by role."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from os import SEEK_END
from typing import Any, BinaryIO, TypeVar
from uuid import UUID, uuid5

from fastapi import Depends, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from contracts import account_provisioning, complaint, intake, notifications, organisation
from contracts import projections as p
from contracts.base import Accepted, Actor, Command, Holding, Query, Reader, ReaderQuery, Shape, StandIn
from contracts.numbering import NumberingAnswer
from contracts.offices import AccessGrantsAnswer, AgenciesAnswer, AgencyRow
from contracts.organisation.contacts import OwnContact
from contracts.words import ASSIGNER, DEPLOYMENT, EXAMINER, STAND_IN, BlobRef
from gateway.app import WEB
from gateway.edge.budgets import Budgets
from gateway.edge.client import reader_of
from gateway.edge.codes import Codes
from gateway.edge.guard import Headers, guard
from gateway.edge.principals import Visitor, set_cookie
from gateway.edge.problems import Problem
from gateway.edge.proofs import Proofs
from gateway.edge.slips import Slips
from gateway.edge.uploads import Uploads
from gateway.telling import tell
from gateway.web import routes
from gateway.web.complaints.printing import Papers
from gateway.web.page import Pages
from gateway.web.public import apps
from gateway.web.public.kinds import PublicKind
from gateway.web.public.receipts import Receipts
from gateway.web.public.strangers import Strangers
from services.kit.access import Access, listed
from services.kit.opaque import Opaque
from services.kit.operations.health import HealthReport
from services.kit.settings import Settings
from tests.unit.gateway import web_complaints, web_notices, web_requests
from tests.unit.gateway.web_grants import grants
from tests.unit.gateway.web_letters import AGENCY, NOW, ROOT, STANDARD, TIERS, history, letter, letter_id

A = TypeVar("A", bound=Shape)
CSRF = "tanda-formulir"
MOST = 100
"""Tasks of an action on a page."""

HOLDINGS = {
    "kasi": TIERS[0],
    "kabid": TIERS[1],
    "kadis": TIERS[2],
    "operator": ("operator-transmisi-sandi", "Operator Transmisi Sandi"),
    "unit-admin": ("admin-surel-dinkes", "Admin Surel Dinas Kesehatan"),
}
PEOPLE = {
    "operator": "Ratna Kusumawardhani",
    "kasi": "Hendra Wicaksana, S.Kom.",
    "kabid": "Endah Pramesti, S.T., M.Kom.",
    "kadis": "Drs. Suryo Adinegoro, M.Si.",
    "courier": "Slamet Widodo Jati",
    "admin": "Dimas Arya Nugraha",
    "inspector": "Tri Hastuti Ningrum, S.E.",
    "leader": "Drs. Suryo Adinegoro, M.Si.",
    "secretary": "Laras Ayuningtyas, A.Md.",
    "personnel": "Sulastri Handayani, S.E.",
    "unit-admin": "Wahyu Hidayati, A.Md.",
    "stand-in": "Wahyu Nugroho, S.T.",
    "complaint-officer": "Ratna Kusumawardhani",
}
CERTIFIED = {"operator", "kasi"}
FOLLOWED = {"kasi": {EXAMINER, ASSIGNER}, "kabid": {EXAMINER}, "kadis": {EXAMINER}}


def visitor(role: str) -> Visitor:
    held = HOLDINGS.get(role)
    holdings = (Holding(position=held[0], title=held[1], role=role),) if held else ()
    person = "caraka-1" if role == "courier" else role
    instead = [StandIn(position=TIERS[0][0], title=TIERS[0][1], role="kasi", instead_of="operator")]
    roles = (role, *sorted(FOLLOWED.get(role, ())))
    actor = Actor(
        id=person, name=PEOPLE[role], roles=roles, holdings=holdings,
        stand_ins=tuple(instead) if role == STAND_IN else (),
        qualifications=("sandi",) if role in CERTIFIED else (),
    )  # fmt: skip
    return Visitor(AGENCY, actor, frozenset(roles), machine=False, csrf=CSRF, secret_sha256="0" * 64)


@dataclass
class PaperBus:
    """Health and parked cases as a small office has them."""

    connected: bool = True


def seen(found: p.Letter, reader: Reader) -> bool:
    """As the views have it: by role, or because he would act there for the registrar."""
    tiers = listed(f"stand-in:{tier.position}:{found.registrar_id}" for tier in found.initials)
    return Access(readers=tiers).lets(reader, p.READERS["letters"])


@dataclass
class PaperDesk:
    """`gateway.edge.client.Desk` over letters in memory. ``refuses`` names the problem for a kind of command."""

    letters: dict[UUID, p.Letter] = field(default_factory=dict)
    done: list[tuple[Command, str | UUID | None, int | None]] = field(default_factory=list)
    refuses: dict[type[Command], Problem] = field(default_factory=dict)
    asked: list[Query] = field(default_factory=list)
    bus: PaperBus = field(default_factory=PaperBus)
    opaque: Opaque = field(default_factory=lambda: Opaque(bytes(32)))
    quiet: bool = False
    numbering: NumberingAnswer = field(default_factory=NumberingAnswer)
    askers: list[Visitor] = field(default_factory=list)
    agencies: tuple[AgencyRow, ...] = (
        AgencyRow(agency=AGENCY, name="Pemerintah Kota Pekalongan", office="Dinas Komunikasi dan Informatika"),
    )

    async def do(
        self,
        _visitor: Visitor,
        command: Command,
        *,
        key: str | UUID | None = None,
        expected: int | None = None,
        seconds: float = 0,  # noqa: ARG002 - the desk's own signature
    ) -> Accepted:
        if (problem := self.refuses.get(type(command))) is not None:
            raise problem
        self.done.append((command, key, expected))
        self.askers.append(_visitor)
        known = getattr(command, "letter_id", letter_id(3))
        result = {
            "letter_id": str(known),
            "agenda": "0849/2026",
            "request_id": str(known),
            "complaint_id": str(known),
            "number": "ADU-00003-QX7ZK",
            "filed_at": NOW.isoformat(),
            "missing": [],
        }
        return Accepted(
            command_id=uuid5(ROOT, str(len(self.done))), stream="letter", version=6, after="ab.1.9", result=result
        )

    async def ask(self, someone: Visitor, query: Query, answer: type[A], **_: float) -> A:
        if isinstance(query, ReaderQuery):
            query = query.model_copy(update={"reader": reader_of(someone)})
        return await self.ask_for(someone.agency, query, answer)

    async def as_applicant(self, visitor: Visitor) -> Reader:
        return reader_of(visitor)

    async def ask_for(self, agency: str, query: Query, answer: type[A], **_: float) -> A:
        self.asked.append(query)
        if isinstance(query, organisation.Agencies):
            assert agency == DEPLOYMENT
            found = AgenciesAnswer(agencies=self.agencies)
            assert isinstance(found, answer)
            return found
        if agency != AGENCY:
            return answer.model_validate({"standards": ()} if answer is organisation.StandardsAnswer else {})
        found = self._answer(query)
        assert isinstance(found, answer)
        return found

    def _answer(self, query: Query) -> Shape:  # noqa: C901, PLR0911, PLR0912 - one row per question
        match query:
            case organisation.Standards():
                return organisation.StandardsAnswer(standards=(STANDARD,))
            case organisation.People():
                courier = organisation.PersonRow(
                    person_id="caraka-1", name="Slamet Widodo Jati", nip="", roles=("courier",), positions=()
                )
                return organisation.PeopleAnswer(people=(courier,))
            case organisation.AccessGrants():
                return AccessGrantsAnswer(grants=()) if self.quiet else grants()
            case organisation.Positions():
                return web_complaints.seats()
            case p.LetterList():
                return self._listed(query)
            case p.LetterDetail():
                found = self.letters.get(query.letter_id)
                return p.LetterDetailAnswer(letter=found if found and seen(found, query.reader) else None)
            case p.RequestList():
                return web_requests.listed(query)
            case p.RequestDetail():
                return web_requests.detail(query)
            case p.AccountList():
                return web_requests.directory(query)
            case p.AccountDetail():
                return web_requests.one_account(query)
            case account_provisioning.RequestSheet():
                return web_requests.sheet()
            case p.ComplaintList():
                return web_complaints.listed_ones(query)
            case p.ComplaintDetail():
                return web_complaints.detail(query)
            case p.ComplaintClocks():
                return web_complaints.clocks()
            case p.ComplaintBook():
                return web_complaints.book()
            case complaint.RegisterNumbering():
                return complaint.RegisterNumberingAnswer(**dict(self.numbering))
            case intake.BookNumbering():
                return intake.BookNumberingAnswer(**dict(self.numbering))
            case complaint.ComplaintSheet():
                return web_complaints.sheet(query.complaint_id)
            case complaint.ComplaintDeadline():
                return web_complaints.deadline()
            case p.CaseHistory(case_kind="complaints"):
                found_complaint = web_complaints.COMPLAINTS[query.case_id]
                return p.CaseHistoryAnswer(entries=tuple(web_complaints.history(found_complaint)))
            case p.Board(case_kind="complaints"):
                return web_complaints.board()
            case p.CaseHistory(case_kind="requests"):
                told = web_requests.history(web_requests.REQUESTS[query.case_id], raw=query.raw)
                return p.CaseHistoryAnswer(entries=tuple(told))
            case p.CaseHistory():
                found = self.letters.get(query.case_id)
                entries = tuple(history(found, raw=query.raw)) if found else ()
                return p.CaseHistoryAnswer(entries=entries)
            case p.Board(case_kind="requests"):
                return web_requests.board()
            case p.Board():
                return self._board()
            case p.TaskList():
                return self._tasks(query)
            case p.CourierStops():
                return p.CourierStopsAnswer(stops=tuple(self._copies("assigned", "failed", "delivered")))
            case p.CopyDetail():
                found_copy = next((copy for copy in self._copies() if copy.copy_id == query.copy_id), None)
                return p.CopyDetailAnswer(copy_row=found_copy)
            case p.CopyByCode():
                fits = (each for each in self._copies() if each.copy_id.hex[:8] == query.code)
                found_copy = next((each for each in fits if each.agenda == query.agenda), None)
                return p.CopyDetailAnswer(copy_row=found_copy)
            case p.Operations():
                return self._operations()
            case p.ComplaintsAbout():
                return web_complaints.about(query)
            case p.NoticeList():
                return p.NoticeListAnswer() if self.quiet else web_notices.told(query)
            case p.NoticeLog():
                return web_notices.sent(query)
            case notifications.Routes():
                return web_notices.routes()
            case p.ContactBlocks():
                return p.ContactBlocksAnswer() if self.quiet else web_notices.blocks()
            case OwnContact():
                return web_notices.contact()
            case notifications.WaysOf():
                return notifications.WaysOfAnswer(blocked={"email": "mailbox-unknown"})
            case notifications.Hooks():
                return notifications.HooksAnswer() if self.quiet else web_notices.hooks()
            case notifications.ManualTask():
                return web_notices.task()
        raise AssertionError(query)

    def _copies(self, *states: str) -> Iterator[p.CopyRow]:
        for each in self.letters.values():
            yield from (copy for copy in each.copies if not states or copy.state in states)

    def _listed(self, query: p.LetterList) -> p.LetterListAnswer:
        rows = [each.row for each in self.letters.values()]
        counts: dict[str, int] = {}
        for each in rows:
            counts[each.stage] = counts.get(each.stage, 0) + 1
        shown = [each for each in rows if not query.stages or each.stage in query.stages]
        shown = [each for each in shown if query.text.lower() in each.subject.lower()]
        return p.LetterListAnswer(letters=tuple(shown), counts=counts, cursor="lagi" if query.order == "due" else "")

    def _board(self) -> p.BoardAnswer:
        keys = {
            "masuk": ("captured", "twin"), "diperiksa": ("examined",), "terdaftar": ("registered", "printed"),
            "paraf": ("forwarded",), "kembali": ("returned",), "siap": ("released",),
            "diantar": ("assigned", "delivering"), "terbukti": ("proven",), "arsip": ("archived",),
        }  # fmt: skip
        columns = []
        for name, stages in keys.items():
            cards = tuple(each.row for each in self.letters.values() if each.row.stage in stages)
            columns.append(p.BoardColumn(stages=stages, key=name, count=len(cards) + (name == "masuk"), cards=cards))
        return p.BoardAnswer(columns=tuple(columns), change="1.7")

    def _tasks(self, query: p.TaskList) -> p.TaskListAnswer:
        if self.quiet:
            return p.TaskListAnswer(tasks=())
        deeds = {
            "captured": "examine", "twin": "decide-twin", "examined": "register", "registered": "print",
            "printed": "forward", "returned": "revise", "proven": "archive",
        }  # fmt: skip
        tasks: list[p.Task] = []
        for each in self.letters.values():
            stage = each.row.stage
            if "operator" in query.reader.roles and stage in deeds:
                tasks.append(p.Task(action=deeds[stage], case=each.row))
            if each.row.waiting_position in query.reader.positions and stage == "forwarded":
                tasks.append(p.Task(action="initial", case=each.row))
            if "kasi" in query.reader.roles and stage == "released":
                tasks.append(p.Task(action="assign", case=each.row))
            if "courier" in query.reader.roles:
                mine = (copy for copy in each.copies if copy.state == "assigned")
                tasks += [p.Task(action="deliver", case=each.row, part_id=copy.copy_id) for copy in mine]
        counts: dict[str, int] = {}
        for task in tasks:
            counts[task.action] = counts.get(task.action, 0) + 1
        tasks = [each for each in tasks if query.action in {"", each.action}]
        kept = tasks[(query.page - 1) * MOST : query.page * MOST] if query.action else tasks
        more = (query.action,) if query.action and len(tasks) > query.page * MOST else ()
        return p.TaskListAnswer(tasks=tuple(kept), counts=counts, more=more)

    def _operations(self) -> p.OperationsAnswer:
        return p.OperationsAnswer(
            generation=1,
            projections=(
                p.ProjectionState(
                    view="views", source="intake", position=812, head=812, behind=0, state="following", moved_at=NOW
                ),
                p.ProjectionState(
                    view="views", source="dispatch", position=300, head=340, behind=40, state="stopped",
                    reason="foreign epoch",
                ),
            ),
        )  # fmt: skip


class PaperPrincipals:
    """Whose role the cookie ``peran`` names; forms must send their token as in the real one."""

    async def of(self, request: Request) -> Visitor | None:
        role = request.cookies.get("peran", "")
        if role not in PEOPLE:
            return None
        if request.method == "POST":
            sent = request.headers.get("x-csrf-token") or (await request.form()).get("csrf_token")
            if sent != CSRF:
                raise Problem("gateway.csrf", 403)
        return visitor(role)

    async def logout(self, _visitor: Visitor) -> None:
        return


class PaperLogins:
    """One password for all."""

    async def login(self, _request: Request, login: str, password: str) -> str:
        if password != "rahasia":
            raise Problem("organisation.login-failed", 401)
        return f"{AGENCY}.{login}"

    def let_in(self, _request: Request, response: Response, opened: str) -> None:
        set_cookie(response, opened)


class PaperBlobs:
    async def put(self, _agency: str, data: BinaryIO, media_type: str) -> BlobRef:
        return BlobRef(sha256="d" * 64, size=data.seek(0, SEEK_END), media_type=media_type)


def full_desk() -> PaperDesk:
    """One letter in every stage, and some more where offices wait."""
    stages = [*p.STAGES, "captured", "captured", "forwarded", "forwarded", "released", "assigned"]
    made = [letter(n, stage) for n, stage in enumerate(stages)]
    return PaperDesk({each.row.letter_id: each for each in made})


REPORTS = [
    HealthReport("intake", "a1b2", {"relay": {"state": "idle", "behind": 0}}),
    HealthReport("dispatch", "a1b2", {"reactions.approval": {"state": "following", "behind": 3}}, ("relay: waiting",)),
]
PARKED = [
    {
        "agency": AGENCY, "source": "approval", "case_id": f"{AGENCY}/letter:1",
        "kind": "approval.ApprovalCompleted.v1",
        "reason": "dispatch.already-released", "detail": "", "since": NOW.isoformat(), "waiting": 2, "state": "failed",
    },
]  # fmt: skip


class PaperKeys:
    """`services.kit.sealing.Keys` as far as codes go."""

    def purpose(self, agency: str, purpose: str) -> bytes:
        return sha256(f"{agency} {purpose}".encode()).digest()


def strangers(desk: PaperDesk, budgets: Budgets, kinds: Sequence[PublicKind]) -> Strangers:
    codes = Codes(PaperKeys())  # type: ignore[arg-type]
    return Strangers(
        desk, codes, Slips(bytes(32)), Proofs(bytes(32)), budgets, Receipts(), uploads(desk), "http://testserver", kinds  # type: ignore[arg-type]
    )  # fmt: skip


def uploads(desk: PaperDesk) -> Uploads:
    """What forms say of files; none is stored on paper (`tests.integration.test_files_of_strangers`)."""
    return Uploads(Settings(), PaperKeys(), desk, bytes(32))  # type: ignore[arg-type]


class Behind:
    """Stands for the part that is there when it is asked: building all routes takes longer than most of the tests."""

    def __init__(self, of: "Behind | None" = None, name: str = "") -> None:
        self.__dict__.update(_of=of, _name=name, part=None)

    def now(self) -> object:
        if self._of is None:
            return self.part
        whole = self._of.now()
        return None if whole is None else getattr(whole, self._name)

    def __getattr__(self, name: str) -> Any:
        part = self.now()
        return Behind(self, name) if part is None else getattr(part, name)


PARTS = ("pages", "blobs", "principals", "logins", "strangers", "papers")
_built: dict[tuple[int, ...], tuple[FastAPI, dict[str, Behind]]] = {}


def web_app(desk: PaperDesk, kinds: Sequence[PublicKind] = (), *, anew: bool = False) -> FastAPI:
    """The pages behind the real guard, headers and problem pages; a later one for the same kinds takes its place.

    ``anew``: with routes of its own, for what these remember between requests.
    """
    key = tuple(id(kind) for kind in kinds)
    if anew or key not in _built:
        parts = {name: Behind() for name in PARTS}
        parts["strangers"].kinds = kinds
        _built[key] = _routes(parts), parts
    app, parts = _built[key]
    app.state.principals, app.state.budgets, app.state.papers = PaperPrincipals(), Budgets(), Papers()
    app.state.strangers = strangers(desk, app.state.budgets, kinds)
    state = app.state
    made = (Pages(desk), PaperBlobs(), state.principals, PaperLogins(), state.strangers, state.papers)  # type: ignore[arg-type]
    for name, part in zip(PARTS, made, strict=True):
        parts[name].part = part
    return app


def _routes(parts: dict[str, Behind]) -> FastAPI:
    app = FastAPI(dependencies=[Depends(guard)], middleware=[Middleware(Headers)], openapi_url=None)
    app.include_router(
        routes.router(**parts, base_url="http://testserver", agencies=(AGENCY,))  # type: ignore[arg-type]
    )
    app.include_router(apps.router(parts["pages"], parts["strangers"]), prefix="/api/v1")  # type: ignore[arg-type]
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return tell(request, error)

    return app
