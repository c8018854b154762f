"""What the forms on a complaint's page do: each sends one command and leads back to the complaint."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import complaint as c
from contracts.base import Command
from gateway.api.commands import visitor_of
from gateway.edge.complaints import complaint_of, complaint_sheet_of
from gateway.edge.problems import Problem
from gateway.web.accounts.actions import commanded, entered
from gateway.web.complaints.register import complaint_page
from gateway.web.forms import closing, form_of, key, line, moment, version, wrong
from gateway.web.on_behalf import TO_COMPLAINT, files_in, none_yet
from gateway.web.page import Pages, onward, told
from gateway.web.public.strangers import Strangers

Made = Callable[[UUID, FormData, str], Command]


@dataclass(frozen=True, slots=True)
class Action:
    """``right`` is the row of `gateway.edge.rights` and the route's name; ``path`` the last part of the address."""

    right: str
    path: str
    make: Made


def _classify(complaint_id: UUID, form: FormData, _zone: str) -> Command:
    return c.ClassifyComplaint(
        complaint_id=complaint_id, complaint_class=line(form, "complaint_class"), gist=line(form, "gist"),
        examiner=line(form, "examiner") or None, reason=line(form, "reason"),
    )  # fmt: skip


def _name(complaint_id: UUID, form: FormData, _zone: str) -> Command:
    """``person``: his id and the positions that he holds, as the page knows them."""
    person, *positions = line(form, "person").split("|")
    return c.NameComplainedAbout(
        complaint_id=complaint_id, person_id=person, positions=tuple(filter(None, positions)),
        superior=line(form, "superior") or None, unit=line(form, "unit"),
    )  # fmt: skip


def _correct(complaint_id: UUID, form: FormData, zone: str) -> Command:
    """What is left empty stays as it is."""
    received, typed = None, line(form, "received_at")
    if typed and (received := moment(typed, zone)) is None:
        wrong()
    return c.CorrectEntry(
        complaint_id=complaint_id, received_at=received, paper_number=line(form, "paper_number"),
        channel=line(form, "channel"), complaint_kind=line(form, "complaint_kind"), reason=line(form, "reason"),
    )  # fmt: skip


def _words(kind: type[Command], **fields: str) -> Made:
    """``fields``: name in the command → name in the form."""

    def made(complaint_id: UUID, form: FormData, _zone: str) -> Command:
        said = {name: line(form, where).replace("\r\n", "\n") for name, where in fields.items()}
        return kind.model_validate({"complaint_id": complaint_id, **said})

    return made


def _answer(kind: type[Command]) -> Made:
    """``template``: the module that was put into it last."""

    def made(complaint_id: UUID, form: FormData, _zone: str) -> Command:
        words, template = line(form, "answer").replace("\r\n", "\n"), line(form, "template") or None
        return kind.model_validate({"complaint_id": complaint_id, "words": words, "template": template})

    return made


DEEDS: tuple[Action, ...] = (
    Action("complaints.correct-entry", "perbaiki", _correct),
    Action("complaints.acknowledge", "akui", _words(c.Acknowledge)),
    Action("complaints.classify", "golongkan", _classify),
    Action("complaints.about", "teradu", _name),
    Action("complaints.assign", "tugaskan", _words(c.AssignComplaint, position="position")),
    Action("complaints.note", "catatan", _words(c.AddNote, words="note_words")),
    Action("complaints.ask", "tanya", _words(c.AskReporter, reason="reason", words="words")),
    Action("complaints.answer", "jawab", _answer(c.AnswerComplaint)),
    Action("complaints.propose", "usulkan", _answer(c.ProposeAnswer)),
    Action("complaints.approve", "setujui", _words(c.ApproveAnswer)),
    Action("complaints.return", "kembalikan", _words(c.ReturnAnswer, note="note")),
    Action("complaints.refer", "teruskan", _words(c.ReferComplaint, office="office", how="how", words="words")),
    Action("complaints.set-aside", "kesampingkan", _words(c.SetAside, why="why", words="words", gist="gist")),
    Action("complaints.escalate", "naikkan", _words(c.EscalateComplaint, reason="reason")),
    Action("complaints.reply", "balasan", _words(c.ReplyAsReporter, words="words", channel="channel")),
    Action("complaints.stance", "rahasia", _words(c.ChangeStance, stance="stance")),
    Action("complaints.withdraw", "tarik", _words(c.WithdrawComplaint, reason="reason")),
    Action("complaints.object", "keberatan", _words(c.Object, reason="reason")),
    Action("complaints.accept", "terima", _words(c.AcceptAnswer)),
)


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()
    made.add_api_route(
        "/pengaduan/{complaint_id}/sisipkan", inserting(pages, desk), methods=["POST"], name="complaints.insert"
    )
    for action in DEEDS:
        path = f"/pengaduan/{{complaint_id}}/{action.path}"
        made.add_api_route(path, _endpoint(pages, desk, action), methods=["POST"], name=action.right)
    return made


def inserting(pages: Pages, desk: Strangers) -> Callable[[Request, UUID], Awaitable[Response]]:
    """Puts a text module of the standard below what was written so far, and stores nothing."""

    async def endpoint(request: Request, complaint_id: UUID) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        found = await complaint_of(pages.client, visitor, complaint_id)
        sheet = await complaint_sheet_of(pages.client, visitor, found)
        into, where = INTO.get(line(form, "untuk"), INTO["complaints.answer"])
        wanted = next((each for each in sheet.modules if each.module == line(form, "modul")), None)
        values = dict(entered(form))
        if wanted is not None:
            written = line(form, where).replace("\r\n", "\n")
            values |= {where: "\n\n".join(filter(None, (written, wanted.words))), "template": wanted.module}
        return await complaint_page(pages, desk, request, found, action=into, values=values)

    return endpoint


INTO: Mapping[str, tuple[str, str]] = {
    "complaints.answer": ("complaints.answer", "answer"),
    "complaints.propose": ("complaints.propose", "answer"),
    "complaints.ask": ("complaints.ask", "words"),
}
"""The form that a module is put into → its right, and the field."""


def _endpoint(pages: Pages, desk: Strangers, action: Action) -> Callable[[Request, UUID], Awaitable[Response]]:
    async def endpoint(request: Request, complaint_id: UUID) -> Response:
        visitor, files = visitor_of(request), none_yet(TO_COMPLAINT)
        zone = (await pages.offices.of(visitor.agency)).zone
        async with closing(await form_of(request)) as form:
            deed = key(form, action.path) or str(uuid4())
            try:
                command = commanded(action.make, complaint_id, form, zone)
                if isinstance(command, c.ReplyAsReporter):
                    await complaint_of(pages.client, visitor, complaint_id)  # nothing is stored for who may not know
                    files = await files_in(desk, request, visitor, TO_COMPLAINT, form, deed, case_id=complaint_id)
                    files.told()
                    command = command.model_copy(update={"attachments": files.uploads})
                accepted = await pages.client.do(visitor, command, key=deed, expected=version(form))
            except Problem as problem:
                found = await complaint_of(pages.client, visitor, complaint_id)
                return await complaint_page(
                    pages, desk, request, found, status=problem.status, problem=told(request, problem),
                    action=action.right, values=entered(form), brought=files,
                )  # fmt: skip
        return onward(f"/pengaduan/{complaint_id}", accepted.after, baru=action.right)

    return endpoint
