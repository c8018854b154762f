"""What the organisation is asked to do: its commands, its streams, and what must happen before a command is decided."""

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from contracts import organisation as facts
from contracts.base import Ask, Command, Refusal
from contracts.organisation import (
    AddUser,
    AppointHolder,
    CloseOffice,
    ConfirmCalendar,
    ConfirmSeason,
    DescribeAgency,
    DraftCalendar,
    EndHolding,
    EnterAbsence,
    EraseSubject,
    EstablishPosition,
    GrantQualification,
    IssueFirstPassword,
    IssueToken,
    NameSubstitute,
    PublishStandard,
    ReopenOffice,
    RevokeToken,
    WithdrawAbsence,
    WithdrawQualification,
    WithdrawSeason,
)
from services.kit.deciding import Commands, Given, Handles, StreamKind
from services.kit.policy import roles
from services.kit.service import Before
from services.organisation.domain import agency, calendars, people, positions, seasons, standards, tokens
from services.organisation.policy import SYSTEM, not_erasable
from services.organisation.ports import Destroy, Propose


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
SECRETARIES, DRAFTERS = roles("admin", "secretary", SYSTEM), roles("admin", "kadis", "secretary", SYSTEM)
PERSON, STRANGER = (people.Person,), (NoneType,)

COMMANDS: Commands = {
    DescribeAgency: Handles(_agency, agency.describe_agency, facts=(facts.AgencyDescribed,), askers=roles(SYSTEM)),
    AddUser: Handles(_stream("person", "person_id"), people.add_user, facts=(facts.UserAdded,), askers=KEEPERS),
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
        facts=(facts.PositionEstablished,), askers=KEEPERS,
    ),
    NameSubstitute: Handles(
        _stream("position", "position"), positions.name_substitute, facts=(facts.SubstituteNamed,), askers=KEEPERS
    ),
    AppointHolder: Handles(
        _stream("position", "position"), positions.appoint_holder, facts=(facts.HolderAppointed,), askers=KEEPERS
    ),
    EndHolding: Handles(
        _stream("position", "position"), positions.end_holding, facts=(facts.HoldingEnded,), askers=KEEPERS
    ),
    IssueToken: Handles(
        _stream("token", "token_id"), tokens.issue_token,
        facts=(facts.TokenIssued,), askers=KEEPERS, states=STRANGER, repeats=(tokens.Token,),
    ),
    RevokeToken: Handles(
        _stream("token", "token_id"), tokens.revoke_token,
        facts=(facts.TokenRevoked,), askers=KEEPERS, states=(tokens.Token,), repeats=STRANGER,
    ),
    IssueFirstPassword: Handles(
        _stream("person", "person_id"), people.issue_first_password,
        facts=(facts.FirstPasswordIssued,), askers=KEEPERS, states=PERSON, repeats=STRANGER,
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
        _stream("subject", "subject_id"), tokens.erase_subject, facts=(facts.SubjectErased,), askers=KEEPERS
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
}


def before(destroy: Destroy, propose: Propose) -> Mapping[type[Command], Before]:
    """Key first, fact second: after a crash in between, the repeated command finds the key gone and leaves the fact."""

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

    return {EraseSubject: destroy_keys, DraftCalendar: propose_days}
