"""What the organisation is asked to do: its commands, its streams, and what must happen before a command is decided."""

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from contracts import organisation as facts
from contracts.base import Ask, Command, Refusal
from contracts.organisation import (
    AddUser,
    AppointHolder,
    AskContactCode,
    CloseOffice,
    ConfirmAccess,
    ConfirmCalendar,
    ConfirmSeason,
    DescribeAgency,
    DraftCalendar,
    EndAccess,
    EndHolding,
    EnterAbsence,
    EraseSubject,
    EstablishPosition,
    GrantQualification,
    IssueFirstPassword,
    IssueToken,
    NameSubstitute,
    NoteOperation,
    PublishStandard,
    RefuseAccess,
    ReleaseAccess,
    RenewToken,
    ReopenOffice,
    RevokeToken,
    StateContact,
    VerifyContact,
    WithdrawAbsence,
    WithdrawQualification,
    WithdrawSeason,
)
from contracts.organisation.contacts import ContactCodeFailed, ContactVerified
from contracts.words import LEADERS
from services.kit.deciding import Commands, Given, Handles, StreamKind
from services.kit.policy import related, roles
from services.kit.service import Before
from services.organisation.domain import (
    access,
    agency,
    calendars,
    confirming,
    contacts,
    operations,
    people,
    positions,
    seasons,
    standards,
    tokens,
)
from services.organisation.policy import IMPORTER_ID, SYSTEM, not_erasable
from services.organisation.ports import Destroy, Propose, Seats


def _stream(kind: str, name: str) -> Callable[[Any, Given], str]:
    return lambda command, _given: f"{kind}:{getattr(command, name)}"


def _standard(command: PublishStandard, _given: Given) -> str:
    return f"standard:{command.standard.standard}"


def _agency(_command: DescribeAgency, _given: Given) -> str:
    return agency.STREAM


def _seasons(_command: ConfirmSeason | WithdrawSeason, _given: Given) -> str:
    return seasons.STREAM


def _day(command: CloseOffice | ReopenOffice, _given: Given) -> str:
    return calendars.stream(calendars.year_of(command.on))


KEEPERS, OFFICERS = roles("admin", SYSTEM), roles("admin", "kadis", SYSTEM)
FORGETTING = roles("admin", SYSTEM, "service")
SECRETARIES, DRAFTERS = roles("admin", "secretary", SYSTEM), roles("admin", "kadis", "secretary", SYSTEM)
LEADS, LEADS_OR_KEEPS = roles(*LEADERS), roles(*LEADERS, "admin")
HIMSELF = related("the person himself")
OWN = related("the person himself, or who keeps the agency's people")
PERSON, STRANGER = (people.Person,), (NoneType,)
TAKES_EFFECT = (facts.RolesGranted, facts.HolderAppointed, facts.PositionEstablished, facts.SubstituteNamed)
WAITS = (facts.AccessAsked, facts.AccessGiven, facts.AccessConfirmed)
"""Facts of a grant that widens who sees letters, beside what it grants: it waits, or was given in one step."""

COMMANDS: Commands = {
    DescribeAgency: Handles(_agency, agency.describe_agency, facts=(facts.AgencyDescribed,), askers=roles(SYSTEM)),
    AddUser: Handles(
        _stream("person", "person_id"), people.add_user, facts=(facts.UserAdded,), elsewhere=WAITS, askers=KEEPERS
    ),
    GrantQualification: Handles(
        _stream("person", "person_id"), people.grant_qualification,
        facts=(facts.QualificationGranted,), askers=KEEPERS, states=PERSON, repeats=STRANGER,
    ),
    WithdrawQualification: Handles(
        _stream("person", "person_id"), people.withdraw_qualification,
        facts=(facts.QualificationWithdrawn,), askers=KEEPERS, states=PERSON, repeats=STRANGER,
    ),
    EnterAbsence: Handles(
        _stream("person", "person_id"), people.enter_absence,
        facts=(facts.AbsenceEntered,), askers=SECRETARIES, states=PERSON, repeats=STRANGER,
    ),
    WithdrawAbsence: Handles(
        _stream("person", "person_id"), people.withdraw_absence,
        facts=(facts.AbsenceWithdrawn,), askers=SECRETARIES, states=PERSON, repeats=STRANGER,
    ),
    EstablishPosition: Handles(
        _stream("position", "position"), positions.establish_position,
        facts=(facts.PositionEstablished,), elsewhere=WAITS, askers=KEEPERS,
    ),
    NameSubstitute: Handles(
        _stream("position", "position"), positions.name_substitute,
        facts=(facts.SubstituteNamed,), elsewhere=WAITS, askers=KEEPERS,
    ),
    AppointHolder: Handles(
        _stream("position", "position"), positions.appoint_holder,
        facts=(facts.HolderAppointed,), elsewhere=WAITS, askers=KEEPERS,
    ),
    EndHolding: Handles(
        _stream("position", "position"), positions.end_holding, facts=(facts.HoldingEnded,), askers=KEEPERS
    ),
    IssueToken: Handles(
        _stream("token", "token_id"), tokens.issue_token,
        facts=(facts.TokenIssued,), elsewhere=(facts.AccessUsed, *WAITS),
        askers=KEEPERS, states=STRANGER, repeats=(tokens.Token,),
    ),
    RenewToken: Handles(
        _stream("token", "token_id"), tokens.renew_token,
        facts=(facts.TokenRenewed,), elsewhere=(facts.AccessUsed, *WAITS),
        askers=KEEPERS, states=(tokens.Token,), repeats=STRANGER,
    ),
    RevokeToken: Handles(
        _stream("token", "token_id"), tokens.revoke_token,
        facts=(facts.TokenRevoked,), askers=KEEPERS, states=(tokens.Token,), repeats=STRANGER,
    ),
    StateContact: Handles(
        _stream("person", "person_id"), contacts.state_contact,
        facts=(facts.ContactStated, facts.ContactCodeIssued), askers=OWN, states=PERSON, repeats=STRANGER,
    ),
    AskContactCode: Handles(
        _stream("person", "person_id"), contacts.ask_code,
        facts=(facts.ContactCodeIssued,), askers=OWN, states=PERSON, repeats=STRANGER,
    ),
    VerifyContact: Handles(
        _stream("person", "person_id"), contacts.verify,
        facts=(ContactVerified, ContactCodeFailed), askers=HIMSELF, states=PERSON, repeats=STRANGER,
    ),
    IssueFirstPassword: Handles(
        _stream("person", "person_id"), people.issue_first_password,
        facts=(facts.FirstPasswordIssued,), elsewhere=(facts.AccessUsed, *WAITS),
        askers=KEEPERS, states=PERSON, repeats=STRANGER,
    ),
    EndAccess: Handles(
        _stream("person", "person_id"), people.end_access,
        facts=(facts.AccessEnded,), askers=KEEPERS, states=PERSON, repeats=STRANGER,
    ),
    ConfirmAccess: Handles(
        _stream("access", "grant_id"), confirming.confirm_access,
        facts=(facts.AccessConfirmed,), elsewhere=TAKES_EFFECT, askers=LEADS, states=(access.Waiting, access.InForce),
    ),
    RefuseAccess: Handles(
        _stream("access", "grant_id"), confirming.refuse_access,
        facts=(facts.AccessRefused,), askers=LEADS_OR_KEEPS, states=(access.Waiting,),
    ),
    ReleaseAccess: Handles(
        _stream("access", "grant_id"), confirming.release_access,
        facts=(facts.AccessReleased, facts.AccessLapsed), elsewhere=TAKES_EFFECT, askers=roles("service"),
        states=(access.Waiting,), repeats=(access.InForce, access.Ended, NoneType),
    ),
    NoteOperation: Handles(
        operations.stream, operations.note_operation, facts=(facts.OperationNoted,), askers=KEEPERS
    ),
    PublishStandard: Handles(_standard, standards.publish_standard, facts=(facts.StandardPublished,), askers=OFFICERS),
    DraftCalendar: Handles(
        _stream("calendar", "year"), calendars.draft_calendar, facts=(facts.CalendarDrafted,), askers=DRAFTERS
    ),
    ConfirmCalendar: Handles(
        _stream("calendar", "year"), calendars.confirm_calendar, facts=(facts.CalendarConfirmed,), askers=OFFICERS
    ),
    CloseOffice: Handles(_day, calendars.close_office, facts=(facts.OfficeClosed,), askers=OFFICERS),
    ReopenOffice: Handles(_day, calendars.reopen_office, facts=(facts.OfficeReopened,), askers=OFFICERS),
    ConfirmSeason: Handles(_seasons, seasons.confirm_season, facts=(facts.SeasonConfirmed,), askers=OFFICERS),
    WithdrawSeason: Handles(_seasons, seasons.withdraw_season, facts=(facts.SeasonWithdrawn,), askers=OFFICERS),
    EraseSubject: Handles(
        _stream("subject", "subject_id"), tokens.erase_subject, facts=(facts.SubjectErased,), askers=FORGETTING
    ),
}  # fmt: skip

STREAMS: Mapping[str, StreamKind] = {
    "agency": StreamKind(agency.Agency(), agency.evolve_agency),
    "person": StreamKind(None, people.evolve_person),
    "position": StreamKind(positions.Position(), positions.evolve_position),
    "calendar": StreamKind(calendars.Year(), calendars.evolve_year),
    "seasons": StreamKind(seasons.Seasons(), seasons.evolve_seasons),
    "token": StreamKind(None, tokens.evolve_token),
    "standard": StreamKind(standards.Standard(), standards.evolve_standard),
    "subject": StreamKind(None, tokens.evolve_subject),
    "access": StreamKind(None, access.evolve_access, timers=access.timers, unfit=access.unfit),
    "operations": StreamKind(None, operations.evolve_operations),
}


def before(
    destroy: Destroy, propose: Propose, seats_of: Seats, of_contacts: Mapping[type[Command], Before]
) -> Mapping[type[Command], Before]:
    """Key first, fact second: after a crash in between, the repeated command finds the key gone and leaves the fact.

    Where somebody is appointed already is looked up here and judged in the decision: it cannot look for positions.
    """

    async def destroy_keys(ask: Ask) -> Ask | Refusal | None:
        command = EraseSubject.model_validate({**ask.body, "key_ids": ()})
        if no := not_erasable(command.subject_id):
            return no
        gone = await destroy(ask.agency, command.subject_id)
        return ask.model_copy(update={"body": {**ask.body, "key_ids": list(gone)}})

    async def propose_days(ask: Ask) -> Ask | Refusal | None:
        year = DraftCalendar.model_validate({**ask.body, "closed": ()}).year
        days = [day.model_dump() for day in await propose(year)]
        return ask.model_copy(update={"body": {**ask.body, "closed": days}})

    async def find_seats(ask: Ask) -> Ask | Refusal | None:
        if ask.actor.id == IMPORTER_ID and SYSTEM in ask.actor.roles:
            return None  # the files' own words need nobody's
        seats = await seats_of(ask.agency, str(ask.body["person_id"]))
        return ask.model_copy(update={"body": {**ask.body, "seats": list(seats)}})

    return {
        EraseSubject: destroy_keys,
        DraftCalendar: propose_days,
        AppointHolder: find_seats,
        IssueFirstPassword: find_seats,
        **of_contacts,
    }
