"""The API's commands: one row each. A body is the command without what the path says (`gateway.api.command_routes`)."""

from dataclasses import dataclass

from fastapi import Request, Response

from contracts import account_provisioning as accounts
from contracts import approval, complaint, dispatch, intake, notifications, organisation
from contracts.base import Accepted, Command
from gateway.api.initials import with_initials
from gateway.edge.client import SLOW_SECONDS, ServiceClient
from gateway.edge.notices import looked_after
from gateway.edge.prefer import wait_as_preferred
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem


@dataclass(frozen=True, slots=True)
class CommandRoute:
    """``right`` names the row of `gateway.edge.rights`; ``hidden`` fields are filled in by the service itself.

    ``coded``: the answer has the code of the case that it files, for who brought it, beside its number.
    """

    right: str
    path: str
    command: type[Command]
    hidden: tuple[str, ...] = ()
    seconds: float = 10.0
    coded: bool = False


LETTER = ("letter", "letter_number")
LOOKED_AFTER = (notifications.TickSent, notifications.SendAgain, notifications.GiveUp)
"""What is done with a notice of somebody else: by who may see its case."""
ROWS: tuple[CommandRoute, ...] = (
    CommandRoute("letters.enter", "/letters", intake.EnterLetter),
    CommandRoute("letters.examine", "/letters/{letter_id}/examine", intake.ExamineMessage),
    CommandRoute("letters.register", "/letters/{letter_id}/register", intake.RegisterLetter),
    CommandRoute(
        "letters.print", "/letters/{letter_id}/print", intake.ProducePrintPack, ("blob", "pages", "given"), SLOW_SECONDS
    ),
    CommandRoute("letters.forward", "/letters/{letter_id}/forward", intake.ForwardLetter),
    CommandRoute("letters.revise", "/letters/{letter_id}/revise", intake.ReviseLetter),
    CommandRoute("letters.cancel", "/letters/{letter_id}/cancel", intake.CancelLetter),
    CommandRoute(
        "letters.release", "/letters/{letter_id}/release", intake.ReleaseMessage, ("reading", "blob"), SLOW_SECONDS
    ),
    CommandRoute("letters.confirm", "/letters/{letter_id}/confirm-quarantine", intake.ConfirmQuarantine),
    CommandRoute("books.open", "/books", intake.OpenBook),
    CommandRoute("books.correct", "/books/correct", intake.CorrectOpening),
    CommandRoute("books.reserve", "/books/reserve", intake.ReserveNumbers),
    CommandRoute("approvals.initial", "/approvals/{letter_id}/initial", approval.InitialLetter),
    CommandRoute("approvals.return", "/approvals/{letter_id}/return", approval.ReturnLetter),
    CommandRoute("dispatches.assign", "/dispatches/{letter_id}/assign", dispatch.AssignCourier, ("courier_name",)),
    CommandRoute("dispatches.waive", "/dispatches/{letter_id}/waive", dispatch.WaiveProof),
    CommandRoute("dispatches.archive", "/dispatches/{letter_id}/archive", dispatch.ArchiveLetter),
    CommandRoute("deliveries.record", "/deliveries/{copy_id}/record", dispatch.RecordDelivery, ("signature",)),
    CommandRoute("deliveries.transmit", "/deliveries/{copy_id}/transmit", dispatch.RecordTransmission),
    CommandRoute(
        "requests.file", "/account-requests", accounts.FileRequest, ("subject_id", "channel", "code_mac"), coded=True
    ),
    CommandRoute(
        "requests.supplement",
        "/account-requests/{request_id}/supplement",
        accounts.SupplementRequest,
        ("subject_id", "code_mac"),
    ),
    CommandRoute("requests.ask", "/account-requests/{request_id}/ask", accounts.AskForCompletion, ("asker_subject",)),
    CommandRoute(
        "requests.withdraw", "/account-requests/{request_id}/withdraw", accounts.WithdrawRequest, ("code_mac",)
    ),
    CommandRoute(
        "requests.approve",
        "/account-requests/{request_id}/approve",
        accounts.ApproveRequest,
        ("candidates", "wished", "asker_subject"),
    ),
    CommandRoute(
        "requests.reject", "/account-requests/{request_id}/reject", accounts.RejectRequest, ("asker_subject",)
    ),
    CommandRoute("requests.retry", "/account-requests/{request_id}/retry", accounts.RetryProvisioning),
    CommandRoute("requests.abandon", "/account-requests/{request_id}/abandon", accounts.AbandonProvisioning),
    CommandRoute("requests.tell", "/account-requests/{request_id}/tell", accounts.RecordNotice),
    CommandRoute("requests.receive", "/account-requests/{request_id}/receive", accounts.ConfirmReceipt, ("code_mac",)),
    CommandRoute("complaints.enter", "/complaints", complaint.FileComplaint, ("code_mac",), coded=True),
    CommandRoute("complaints.correct-entry", "/complaints/{complaint_id}/correct-entry", complaint.CorrectEntry),
    CommandRoute("complaints.acknowledge", "/complaints/{complaint_id}/acknowledge", complaint.Acknowledge),
    CommandRoute(
        "complaints.classify", "/complaints/{complaint_id}/classify", complaint.ClassifyComplaint, ("names_reporter",)
    ),
    CommandRoute("complaints.about", "/complaints/{complaint_id}/complained-about", complaint.NameComplainedAbout),
    CommandRoute("complaints.assign", "/complaints/{complaint_id}/assign", complaint.AssignComplaint),
    CommandRoute("complaints.note", "/complaints/{complaint_id}/notes", complaint.AddNote),
    CommandRoute("complaints.ask", "/complaints/{complaint_id}/ask", complaint.AskReporter),
    CommandRoute(
        "complaints.answer", "/complaints/{complaint_id}/answer", complaint.AnswerComplaint, LETTER, SLOW_SECONDS
    ),
    CommandRoute("complaints.propose", "/complaints/{complaint_id}/propose", complaint.ProposeAnswer),
    CommandRoute(
        "complaints.approve", "/complaints/{complaint_id}/approve", complaint.ApproveAnswer, LETTER, SLOW_SECONDS
    ),
    CommandRoute("complaints.return", "/complaints/{complaint_id}/return", complaint.ReturnAnswer),
    CommandRoute("complaints.refer", "/complaints/{complaint_id}/refer", complaint.ReferComplaint),
    CommandRoute(
        "complaints.set-aside", "/complaints/{complaint_id}/set-aside", complaint.SetAside, ("names_reporter",)
    ),
    CommandRoute("complaints.escalate", "/complaints/{complaint_id}/escalate", complaint.EscalateComplaint),
    CommandRoute("complaints.reply", "/complaints/{complaint_id}/reply", complaint.ReplyAsReporter, ("code_mac",)),
    CommandRoute("complaints.stance", "/complaints/{complaint_id}/stance", complaint.ChangeStance, ("code_mac",)),
    CommandRoute(
        "complaints.withdraw", "/complaints/{complaint_id}/withdraw", complaint.WithdrawComplaint, ("code_mac",)
    ),
    CommandRoute("complaints.object", "/complaints/{complaint_id}/object", complaint.Object, ("code_mac",)),
    CommandRoute("complaints.accept", "/complaints/{complaint_id}/accept", complaint.AcceptAnswer, ("code_mac",)),
    CommandRoute("complaints.open-register", "/complaint-registers", complaint.OpenRegister),
    CommandRoute("complaints.correct-register", "/complaint-registers/{year}/correct", complaint.CorrectOpening),
    CommandRoute(
        "requests.confirm", "/account-requests/{request_id}/confirm", accounts.ConfirmClaimant, ("asker_subject",)
    ),
    CommandRoute("requests.renew", "/account-requests/{request_id}/renew", accounts.RenewHandOver, ("asker_subject",)),
    CommandRoute(
        "requests.reply", "/account-requests/{request_id}/reply", accounts.IssueReply, ("blob", "number"), SLOW_SECONDS
    ),
    CommandRoute("people.add", "/people", organisation.AddUser),
    CommandRoute("people.end", "/people/{person_id}/end-access", organisation.EndAccess),
    CommandRoute("positions.appoint", "/positions", organisation.AppointHolder, ("seats",)),
    CommandRoute("positions.establish", "/positions/{position}/establish", organisation.EstablishPosition),
    CommandRoute("positions.substitute", "/positions/{position}/substitute", organisation.NameSubstitute),
    CommandRoute("positions.end", "/positions/{position}/end", organisation.EndHolding),
    CommandRoute("absences.enter", "/people/{person_id}/absences", organisation.EnterAbsence),
    CommandRoute("absences.withdraw", "/people/{person_id}/absences/{from_on}/withdraw", organisation.WithdrawAbsence),
    CommandRoute("qualifications.grant", "/people/{person_id}/qualifications", organisation.GrantQualification),
    CommandRoute(
        "qualifications.withdraw",
        "/people/{person_id}/qualifications/{qualification}/withdraw",
        organisation.WithdrawQualification,
    ),
    CommandRoute("standards.publish", "/standards", organisation.PublishStandard),
    CommandRoute("calendars.draft", "/calendars/{year}/draft", organisation.DraftCalendar, ("closed",)),
    CommandRoute("calendars.confirm", "/calendars/{year}/confirm", organisation.ConfirmCalendar),
    CommandRoute("calendars.close", "/calendars/closures", organisation.CloseOffice),
    CommandRoute("calendars.reopen", "/calendars/closures/{on}/reopen", organisation.ReopenOffice),
    CommandRoute("seasons.confirm", "/calendars/seasons", organisation.ConfirmSeason),
    CommandRoute("seasons.withdraw", "/calendars/seasons/{season}/withdraw", organisation.WithdrawSeason),
    CommandRoute("letters.pause", "/letters/{letter_id}/pause", intake.PauseClock),
    CommandRoute("letters.resume", "/letters/{letter_id}/resume", intake.ResumeClock),
    CommandRoute("tokens.revoke", "/tokens/{token_id}/revoke", organisation.RevokeToken),
    CommandRoute("access.confirm", "/access-grants/{grant_id}/confirm", organisation.ConfirmAccess),
    CommandRoute("access.refuse", "/access-grants/{grant_id}/refuse", organisation.RefuseAccess),
    CommandRoute("notices.seen", "/notifications/{notice_id}/seen", notifications.MarkSeen),
    CommandRoute("notices.again", "/notifications/{notice_id}/again", notifications.SendAgain),
    CommandRoute("notices.give-up", "/notifications/{notice_id}/give-up", notifications.GiveUp),
    CommandRoute("notices.tick", "/notifications/{notice_id}/tick", notifications.TickSent),
    CommandRoute("notices.publish-routes", "/notice-routes", notifications.PublishRoutes),
    CommandRoute("contacts.prefer", "/people/{person_id}/preferences", notifications.SetPreferences),
    CommandRoute("contacts.block", "/people/{person_id}/contact/{channel}/block", notifications.BlockContact),
    CommandRoute("contacts.unblock", "/people/{person_id}/contact/{channel}/unblock", notifications.UnblockContact),
    CommandRoute("channels.test", "/channels/{channel}/test", notifications.TestChannel),
    CommandRoute("hooks.suspend", "/hooks/{hook_id}/suspend", notifications.SuspendHook),
    CommandRoute("hooks.resume", "/hooks/{hook_id}/resume", notifications.ResumeHook),
    CommandRoute("hooks.end", "/hooks/{hook_id}/end", notifications.EndHook),
    CommandRoute("hooks.test", "/hooks/{hook_id}/test", notifications.TestHook),
    CommandRoute("hooks.allow", "/hook-ranges", notifications.AllowHookRange),
    CommandRoute("hooks.withdraw", "/hook-ranges/withdraw", notifications.WithdrawHookRange),
    CommandRoute(
        "people.contact", "/people/{person_id}/contact", organisation.StateContact, ("unchanged", "code_macs")
    ),
    CommandRoute(
        "contacts.code", "/people/{person_id}/contact/{way}/code", organisation.AskContactCode, ("code_macs",)
    ),
    CommandRoute(
        "contacts.verify", "/people/{person_id}/contact/{way}/verify", organisation.VerifyContact, ("code_mac",)
    ),
    CommandRoute("subjects.erase", "/subjects/{subject_id}/erase", organisation.EraseSubject, ("key_ids",)),
)


def visitor_of(request: Request) -> Visitor:
    """Set by the guard for every route that is not public."""
    visitor: Visitor = request.state.visitor
    return visitor


async def settle(client: ServiceClient, request: Request, response: Response, accepted: Accepted) -> None:
    """What every answer to a command says besides; the one place where ``Prefer: wait`` is heeded."""
    response.headers["ETag"] = f'"{accepted.version}"'
    response.headers["Caraka-After"] = accepted.after
    await wait_as_preferred(client, visitor_of(request), request, response, accepted.after)


async def completed(client: ServiceClient, visitor: Visitor, command: Command) -> Command:
    """What the gateway itself knows better than a client: the courier's name, the initials that stand on a reprint."""
    if isinstance(command, intake.ProducePrintPack):
        return await with_initials(client, visitor, command)
    if isinstance(command, LOOKED_AFTER):
        await looked_after(client, visitor, command.notice_id)
    if not isinstance(command, dispatch.AssignCourier):
        return command
    query = organisation.People(role="courier")
    people = (await client.ask(visitor, query, organisation.PeopleAnswer)).people
    person = next((person for person in people if person.person_id == command.courier_id), None)
    if person is None:
        raise Problem("gateway.no-such-courier", 422, errors=[{"at": "courier_id", "what": "unknown"}])
    return command.model_copy(update={"courier_name": person.name})
