"""What the forms on a letter's page do: each sends one command and leads back to the letter, covering the own write."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts import approval, dispatch, intake
from contracts.base import Command
from gateway.api.commands import completed, visitor_of
from gateway.edge.cases import letter_of
from gateway.edge.client import COMMAND_SECONDS, SLOW_SECONDS
from gateway.edge.problems import Problem
from gateway.web.forms import LetterForm, form_of, key, line, version, wrong
from gateway.web.letters.register import couriers, letter_page
from gateway.web.login.first_password import own_path
from gateway.web.page import Pages, onward, told

Made = Callable[[UUID, FormData], Command]


@dataclass(frozen=True, slots=True)
class Action:
    """``right`` is the row of `gateway.edge.rights` and the route's name; ``path`` the last part of the address."""

    right: str
    path: str
    make: Made
    service: str
    seconds: float = COMMAND_SECONDS


def _copy(form: FormData) -> UUID:
    try:
        return UUID(line(form, "copy_id"))
    except ValueError:
        raise Problem("gateway.malformed", 422) from None


def _copies(form: FormData) -> tuple[UUID, ...]:
    try:
        return tuple(UUID(str(each)) for each in form.getlist("copy_ids"))
    except ValueError:
        raise Problem("gateway.malformed", 422) from None


def _return(letter_id: UUID, form: FormData) -> Command:
    to = line(form, "to")
    return approval.ReturnLetter(
        letter_id=letter_id, to="previous" if to == "previous" else "operator", note=line(form, "note")
    )


def _record(letter_id: UUID, form: FormData) -> Command:
    return dispatch.RecordDelivery(
        letter_id=letter_id,
        copy_id=_copy(form),
        delivered=line(form, "outcome") != "failed",
        receiver_name=line(form, "receiver_name"),
        receiver_position=line(form, "receiver_position"),
        reason=line(form, "reason"),
    )


def _transmit(letter_id: UUID, form: FormData) -> Command:
    return dispatch.RecordTransmission(
        letter_id=letter_id, copy_id=_copy(form), route=line(form, "route"), reference=line(form, "reference")
    )


def _archive(letter_id: UUID, form: FormData) -> Command:
    return dispatch.ArchiveLetter(
        letter_id=letter_id, classification=line(form, "classification"), place=line(form, "place")
    )


DEEDS: tuple[Action, ...] = (
    Action(
        "letters.print",
        "cetak",
        lambda letter_id, form: intake.ProducePrintPack(letter_id=letter_id, reason=line(form, "reason")),
        "intake",
        SLOW_SECONDS,
    ),
    Action("letters.forward", "teruskan", lambda letter_id, _form: intake.ForwardLetter(letter_id=letter_id), "intake"),
    Action(
        "letters.cancel",
        "batal",
        lambda letter_id, form: intake.CancelLetter(letter_id=letter_id, reason=line(form, "reason")),
        "intake",
    ),
    Action(
        "letters.release",
        "lepaskan",
        lambda letter_id, form: intake.ReleaseMessage(letter_id=letter_id, reason=line(form, "reason")),
        "intake",
        SLOW_SECONDS,
    ),
    Action(
        "letters.confirm",
        "teguhkan",
        lambda letter_id, form: intake.ConfirmQuarantine(letter_id=letter_id, reason=line(form, "reason")),
        "intake",
    ),
    Action(
        "letters.pause",
        "jeda",
        lambda letter_id, form: intake.PauseClock(
            letter_id=letter_id, reason=line(form, "reason"), note=line(form, "note")
        ),
        "intake",
    ),
    Action("letters.resume", "lanjutkan", lambda letter_id, _form: intake.ResumeClock(letter_id=letter_id), "intake"),
    Action(
        "approvals.initial",
        "paraf",
        lambda letter_id, form: approval.InitialLetter(letter_id=letter_id, note=line(form, "note")),
        "approval",
    ),
    Action("approvals.return", "kembalikan", _return, "approval"),
    Action(
        "dispatches.waive",
        "bebaskan",
        lambda letter_id, form: dispatch.WaiveProof(
            letter_id=letter_id, copy_id=_copy(form), reason=line(form, "reason")
        ),
        "dispatch",
    ),
    Action("deliveries.record", "terima", _record, "dispatch"),
    Action("deliveries.transmit", "kirim", _transmit, "dispatch"),
    Action("dispatches.archive", "arsipkan", _archive, "dispatch"),
)


def router(pages: Pages) -> APIRouter:
    made = APIRouter()
    for action in DEEDS:
        made.add_api_route(
            f"/surat/{{letter_id}}/{action.path}", _endpoint(pages, action), methods=["POST"], name=action.right
        )

    @made.post("/surat/{letter_id}/tugaskan", name="dispatches.assign")
    async def assign(request: Request, letter_id: UUID) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        chosen = line(form, "courier_id")
        try:
            known = {each.person_id: each.name for each in await couriers(pages, visitor)}
            if chosen not in known:
                wrong()
            command = dispatch.AssignCourier(
                letter_id=letter_id, courier_id=chosen, courier_name=known[chosen], copy_ids=_copies(form)
            )
            accepted = await pages.client.do(visitor, command, key=key(form, "assign"), expected=version(form))
        except Problem as problem:
            return await again(pages, request, letter_id, problem, form, "dispatches.assign")
        return onward(f"/surat/{letter_id}", accepted.after, baru="dispatches.assign")

    @made.post("/surat/{letter_id}/perbaiki", name="letters.revise")
    async def revise(request: Request, letter_id: UUID) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        entered = LetterForm.entered(form)
        fields = entered.checked()
        note = line(form, "note")[:2000]
        try:
            if fields is None:
                wrong()
            command = intake.ReviseLetter(letter_id=letter_id, fields=fields, note=note)
            accepted = await pages.client.do(visitor, command, key=key(form, "revise"), expected=version(form))
        except Problem as problem:
            letter = await letter_of(pages.client, visitor, letter_id)
            return await letter_page(
                pages, request, letter, status=problem.status, problem=told(request, problem), action="letters.revise",
                values={"note": note}, form=entered,
            )  # fmt: skip
        return onward(f"/surat/{letter_id}", accepted.after, baru="letters.revise")

    return made


def _endpoint(pages: Pages, action: Action) -> Callable[[Request, UUID], Awaitable[Response]]:
    async def endpoint(request: Request, letter_id: UUID) -> Response:
        form = await form_of(request)
        try:
            accepted = await pages.client.do(
                visitor_of(request),
                await completed(pages.client, visitor_of(request), commanded(action.make, letter_id, form)),
                key=key(form, action.path),
                expected=version(form),
                seconds=action.seconds,
            )
        except Problem as problem:
            return await again(pages, request, letter_id, problem, form, action.right)
        back = own_path(line(form, "back"))
        return onward(back or f"/surat/{letter_id}", accepted.after, baru=action.right)

    return endpoint


def commanded(make: Made, letter_id: UUID, form: FormData) -> Command:
    """Raises Problem 422 where a mandatory text is missing or too long."""
    try:
        return make(letter_id, form)
    except ValidationError:
        raise Problem("gateway.malformed", 422) from None


async def again(  # noqa: PLR0913 - the page that failed and what stood in it
    pages: Pages, request: Request, letter_id: UUID, problem: Problem, form: FormData, action: str
) -> Response:
    """The letter's page once more, with the problem above it and what was entered."""
    letter = await letter_of(pages.client, visitor_of(request), letter_id)
    return await letter_page(
        pages,
        request,
        letter,
        status=problem.status,
        problem=told(request, problem),
        action=action,
        values=_values(form),
    )


def _values(form: FormData) -> Mapping[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in {"csrf_token", "key"}}
