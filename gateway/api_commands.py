"""The API's commands: one row each. A route's body is the command without what the path already says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, create_model

from contracts import approval, dispatch, intake, organisation
from contracts.base import Accepted, Command
from gateway.desk import SLOW_SECONDS, Desk, expected_version, idempotency_key
from gateway.principals import Visitor
from gateway.problems import Problem


@dataclass(frozen=True, slots=True)
class Row:
    """``right`` names the row of `gateway.rights`; ``hidden`` fields are filled in by the service itself."""

    right: str
    path: str
    command: type[Command]
    hidden: tuple[str, ...] = ()
    seconds: float = 10.0


ROWS: tuple[Row, ...] = (
    Row("letters.enter", "/letters", intake.EnterLetter),
    Row("letters.examine", "/letters/{letter_id}/examine", intake.ExamineMessage),
    Row("letters.register", "/letters/{letter_id}/register", intake.RegisterLetter),
    Row("letters.print", "/letters/{letter_id}/print", intake.ProducePrintPack, ("blob", "pages"), SLOW_SECONDS),
    Row("letters.forward", "/letters/{letter_id}/forward", intake.ForwardLetter),
    Row("letters.revise", "/letters/{letter_id}/revise", intake.ReviseLetter),
    Row("letters.cancel", "/letters/{letter_id}/cancel", intake.CancelLetter),
    Row("books.open", "/books", intake.OpenBook),
    Row("approvals.initial", "/approvals/{letter_id}/initial", approval.InitialLetter),
    Row("approvals.return", "/approvals/{letter_id}/return", approval.ReturnLetter),
    Row("dispatches.assign", "/dispatches/{letter_id}/assign", dispatch.AssignCourier, ("courier_name",)),
    Row("dispatches.waive", "/dispatches/{letter_id}/waive", dispatch.WaiveProof),
    Row("dispatches.archive", "/dispatches/{letter_id}/archive", dispatch.ArchiveLetter),
    Row("deliveries.record", "/deliveries/{copy_id}/record", dispatch.RecordDelivery, ("signature",)),
    Row("deliveries.transmit", "/deliveries/{copy_id}/transmit", dispatch.RecordTransmission),
    Row("people.add", "/people", organisation.AddUser),
    Row("positions.appoint", "/positions", organisation.AppointHolder),
    Row("tokens.revoke", "/tokens/{token_id}/revoke", organisation.RevokeToken),
    Row("subjects.erase", "/subjects/{subject_id}/erase", organisation.EraseSubject, ("key_ids",)),
)


def router(desk: Desk) -> APIRouter:
    made = APIRouter()
    for row in ROWS:
        made.add_api_route(
            row.path,
            _endpoint(desk, row),
            methods=["POST"],
            name=row.right,
            response_model=Accepted,
            summary=(row.command.__doc__ or row.command.kebab()).splitlines()[0],
            tags=[row.path.split("/")[1]],
        )
    return made


def visitor_of(request: Request) -> Visitor:
    """Set by the guard for every route that is not public."""
    visitor: Visitor = request.state.visitor
    return visitor


def settle(response: Response, accepted: Accepted) -> None:
    response.headers["ETag"] = f'"{accepted.version}"'
    response.headers["Caraka-After"] = accepted.after


async def completed(desk: Desk, visitor: Visitor, command: Command) -> Command:
    """What the gateway itself knows better than a client: the name of the courier."""
    if not isinstance(command, dispatch.AssignCourier):
        return command
    query = organisation.People(role="courier")
    people = (await desk.ask(visitor, query, organisation.PeopleAnswer)).people
    person = next((person for person in people if person.person_id == command.courier_id), None)
    if person is None:
        raise Problem("gateway.no-such-courier", 422, courier=command.courier_id)
    return command.model_copy(update={"courier_name": person.name})


def _endpoint(desk: Desk, row: Row) -> Callable[..., Awaitable[Accepted]]:
    in_path = tuple(name for name in row.command.model_fields if f"{{{name}}}" in row.path)
    body_model = _body(row, in_path)

    async def endpoint(request: Request, response: Response, body: BaseModel, **path: Any) -> Accepted:
        fields = {name: getattr(body, name) for name in body.model_fields_set}
        visitor = visitor_of(request)
        command = await completed(desk, visitor, row.command.model_validate({**fields, **path}))
        accepted = await desk.do(
            visitor,
            command,
            key=idempotency_key(request),
            expected=expected_version(request),
            seconds=row.seconds,
        )
        settle(response, accepted)
        return accepted

    keyword = Parameter.KEYWORD_ONLY
    optional = all(not field.is_required() for field in body_model.model_fields.values())
    default = Body(default=body_model()) if optional else Parameter.empty
    parameters = [
        Parameter("request", keyword, annotation=Request),
        Parameter("response", keyword, annotation=Response),
        Parameter("body", keyword, annotation=body_model, default=default),
        *(Parameter(name, keyword, annotation=row.command.model_fields[name].annotation or UUID) for name in in_path),
    ]
    endpoint.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # FastAPI reads it for validation and OpenAPI
    return endpoint


def _body(row: Row, in_path: tuple[str, ...]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in row.command.model_fields.items()
        if name not in in_path and name not in row.hidden
    }
    return create_model(f"{row.command.__name__}Body", __config__=ConfigDict(extra="forbid"), **fields)
