"""The API's commands: one row each. A body is the command without what the path says (`gateway.api.command_routes`)."""

from dataclasses import dataclass

from fastapi import Request, Response

from contracts import approval, dispatch, intake, organisation
from contracts.base import Accepted, Command
from gateway.api.initials import with_initials
from gateway.edge.client import SLOW_SECONDS, Desk
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem


@dataclass(frozen=True, slots=True)
class Row:
    """``right`` names the row of `gateway.edge.rights`; ``hidden`` fields are filled in by the service itself."""

    right: str
    path: str
    command: type[Command]
    hidden: tuple[str, ...] = ()
    seconds: float = 10.0


ROWS: tuple[Row, ...] = (
    Row("letters.enter", "/letters", intake.EnterLetter),
    Row("letters.examine", "/letters/{letter_id}/examine", intake.ExamineMessage),
    Row("letters.register", "/letters/{letter_id}/register", intake.RegisterLetter),
    Row(
        "letters.print", "/letters/{letter_id}/print", intake.ProducePrintPack, ("blob", "pages", "given"), SLOW_SECONDS
    ),
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
    Row("positions.establish", "/positions/{position}/establish", organisation.EstablishPosition),
    Row("positions.substitute", "/positions/{position}/substitute", organisation.NameSubstitute),
    Row("positions.end", "/positions/{position}/end", organisation.EndHolding),
    Row("absences.enter", "/people/{person_id}/absences", organisation.EnterAbsence),
    Row("absences.withdraw", "/people/{person_id}/absences/{from_on}/withdraw", organisation.WithdrawAbsence),
    Row("qualifications.grant", "/people/{person_id}/qualifications", organisation.GrantQualification),
    Row(
        "qualifications.withdraw",
        "/people/{person_id}/qualifications/{qualification}/withdraw",
        organisation.WithdrawQualification,
    ),
    Row("standards.publish", "/standards", organisation.PublishStandard),
    Row("calendars.draft", "/calendars/{year}/draft", organisation.DraftCalendar, ("closed",)),
    Row("calendars.confirm", "/calendars/{year}/confirm", organisation.ConfirmCalendar),
    Row("calendars.close", "/calendars/closures", organisation.CloseOffice),
    Row("calendars.reopen", "/calendars/closures/{on}/reopen", organisation.ReopenOffice),
    Row("seasons.confirm", "/calendars/seasons", organisation.ConfirmSeason),
    Row("seasons.withdraw", "/calendars/seasons/{season}/withdraw", organisation.WithdrawSeason),
    Row("letters.pause", "/letters/{letter_id}/pause", intake.PauseClock),
    Row("letters.resume", "/letters/{letter_id}/resume", intake.ResumeClock),
    Row("tokens.revoke", "/tokens/{token_id}/revoke", organisation.RevokeToken),
    Row("subjects.erase", "/subjects/{subject_id}/erase", organisation.EraseSubject, ("key_ids",)),
)


def visitor_of(request: Request) -> Visitor:
    """Set by the guard for every route that is not public."""
    visitor: Visitor = request.state.visitor
    return visitor


def settle(response: Response, accepted: Accepted) -> None:
    response.headers["ETag"] = f'"{accepted.version}"'
    response.headers["Caraka-After"] = accepted.after


async def completed(desk: Desk, visitor: Visitor, command: Command) -> Command:
    """What the gateway itself knows better than a client: the courier's name, the initials that stand on a reprint."""
    if isinstance(command, intake.ProducePrintPack):
        return await with_initials(desk, visitor, command)
    if not isinstance(command, dispatch.AssignCourier):
        return command
    query = organisation.People(role="courier")
    people = (await desk.ask(visitor, query, organisation.PeopleAnswer)).people
    person = next((person for person in people if person.person_id == command.courier_id), None)
    if person is None:
        raise Problem("gateway.no-such-courier", 422, courier=command.courier_id)
    return command.model_copy(update={"courier_name": person.name})
