"""What the forms on a request's page do: each sends one command and leads back to the request."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts import account_provisioning as accounts
from contracts.base import Command
from contracts.words import BlobUpload
from gateway.api.commands import visitor_of
from gateway.edge.cases import request_of
from gateway.edge.problems import Problem
from gateway.web.accounts.register import request_page
from gateway.web.forms import closing, form_of, key, line, moment, version
from gateway.web.on_behalf import TO_REQUEST, files_in, none_yet
from gateway.web.page import Pages, onward, told
from gateway.web.public.strangers import Strangers

Made = Callable[[UUID, FormData, str], Command]


@dataclass(frozen=True, slots=True)
class Action:
    """``right`` is the row of `gateway.edge.rights` and the route's name; ``path`` the last part of the address.

    ``make`` is given the request's id, the form and the agency's zone.
    """

    right: str
    path: str
    make: Made


def _approve(request_id: UUID, form: FormData, _zone: str) -> Command:
    """Another address than those proposed is written by hand."""
    address = line(form, "other") or line(form, "address")
    return accounts.ApproveRequest(request_id=request_id, address=address, reason=line(form, "reason"))


def _reject(request_id: UUID, form: FormData, _zone: str) -> Command:
    return accounts.RejectRequest(request_id=request_id, reason=line(form, "reason"), words=line(form, "words"))


def _ask(request_id: UUID, form: FormData, _zone: str) -> Command:
    return accounts.AskForCompletion(request_id=request_id, reason=line(form, "reason"), words=line(form, "words"))


def _supplement(request_id: UUID, form: FormData, _zone: str) -> Command:
    return accounts.SupplementRequest(
        request_id=request_id, letter=letter_in(form), contact=line(form, "contact"), note=line(form, "note"),
        nip=line(form, "nip"),
    )  # fmt: skip


def letter_in(form: FormData) -> accounts.ApplicationLetter | None:
    """The letter that lies before the officer: its number and date."""
    number, on = line(form, "letter_number"), line(form, "letter_on")
    return accounts.ApplicationLetter(number=number, on=on) if number or on else None


def with_scans(
    letter: accounts.ApplicationLetter | None, scans: tuple[BlobUpload, ...]
) -> accounts.ApplicationLetter | None:
    return (letter or accounts.ApplicationLetter()).model_copy(update={"scans": scans}) if scans else letter


def _tell(request_id: UUID, form: FormData, zone: str) -> Command:
    said = line(form, "told_at")
    told_at = moment(said, zone) if said else None
    if said and told_at is None:
        raise Problem("gateway.malformed", 422)
    return accounts.RecordNotice(request_id=request_id, how=line(form, "how"), told_at=told_at)


def _renew(request_id: UUID, form: FormData, _zone: str) -> Command:
    return accounts.RenewHandOver.model_validate({"request_id": request_id, "way": line(form, "way")})


DEEDS: tuple[Action, ...] = (
    Action("requests.approve", "setujui", _approve),
    Action("requests.reject", "tolak", _reject),
    Action("requests.ask", "minta", _ask),
    Action("requests.supplement", "lengkapi", _supplement),
    Action(
        "requests.withdraw",
        "tarik",
        lambda request_id, form, _: accounts.WithdrawRequest(request_id=request_id, reason=line(form, "reason")),
    ),
    Action("requests.retry", "ulangi", lambda request_id, *_: accounts.RetryProvisioning(request_id=request_id)),
    Action(
        "requests.abandon",
        "lepas",
        lambda request_id, form, _: accounts.AbandonProvisioning(request_id=request_id, reason=line(form, "reason")),
    ),
    Action("requests.tell", "kabari", _tell),
    Action("requests.confirm", "pastikan", lambda request_id, *_: accounts.ConfirmClaimant(request_id=request_id)),
    Action("requests.renew", "perbarui", _renew),
    Action("requests.reply", "balas", lambda request_id, *_: accounts.IssueReply(request_id=request_id)),
    Action("requests.receive", "diterima", lambda request_id, *_: accounts.ConfirmReceipt(request_id=request_id)),
)


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()
    for action in DEEDS:
        made.add_api_route(
            f"/akun/{{request_id}}/{action.path}", _endpoint(pages, desk, action), methods=["POST"], name=action.right
        )
    return made


def _endpoint(pages: Pages, desk: Strangers, action: Action) -> Callable[[Request, UUID], Awaitable[Response]]:
    async def endpoint(request: Request, request_id: UUID) -> Response:
        visitor, files = visitor_of(request), none_yet(TO_REQUEST)
        office = await pages.offices.of(visitor.agency)
        async with closing(await form_of(request)) as form:
            deed = key(form, action.path) or str(uuid4())
            try:
                command = commanded(action.make, request_id, form, office.zone)
                if isinstance(command, accounts.SupplementRequest):
                    files = await files_in(desk, request, visitor, TO_REQUEST, form, deed, case_id=request_id)
                    files.told()
                    letter = with_scans(command.letter, files.uploads)
                    command = command.model_copy(update={"letter": letter})
                accepted = await pages.client.do(visitor, command, key=deed, expected=version(form))
            except Problem as problem:
                found = await request_of(pages.client, visitor, request_id)
                return await request_page(
                    pages, desk, request, found, status=problem.status, problem=told(request, problem),
                    action=action.right, values=entered(form), brought=files,
                )  # fmt: skip
        return onward(f"/akun/{request_id}", accepted.after, baru=action.right)

    return endpoint


def commanded(make: Made, request_id: UUID, form: FormData, zone: str) -> Command:
    """Raises Problem 422 where a mandatory text is missing or too long."""
    try:
        return make(request_id, form, zone)
    except ValidationError:
        raise Problem("gateway.malformed", 422) from None


def entered(form: FormData) -> Mapping[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in {"csrf_token", "key"}}
