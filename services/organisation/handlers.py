"""What the organisation is asked to do: its commands, its streams, and what must happen before a command is decided."""

from collections.abc import Callable, Mapping
from typing import Any

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
from services.kit.service import Before
from services.organisation.domain import agency, calendars, people, positions, seasons, standards, tokens
from services.organisation.policy import not_allowed, not_erasable
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


COMMANDS: Commands = {
    DescribeAgency: Handles(_agency, agency.describe_agency),
    AddUser: Handles(_stream("person", "person_id"), people.add_user),
    GrantQualification: Handles(_stream("person", "person_id"), people.grant_qualification),
    WithdrawQualification: Handles(_stream("person", "person_id"), people.withdraw_qualification),
    EnterAbsence: Handles(_stream("person", "person_id"), people.enter_absence),
    WithdrawAbsence: Handles(_stream("person", "person_id"), people.withdraw_absence),
    EstablishPosition: Handles(_stream("position", "position"), positions.establish_position),
    NameSubstitute: Handles(_stream("position", "position"), positions.name_substitute),
    AppointHolder: Handles(_stream("position", "position"), positions.appoint_holder),
    EndHolding: Handles(_stream("position", "position"), positions.end_holding),
    IssueToken: Handles(_stream("token", "token_id"), tokens.issue_token),
    RevokeToken: Handles(_stream("token", "token_id"), tokens.revoke_token),
    IssueFirstPassword: Handles(_stream("person", "person_id"), people.issue_first_password),
    PublishStandard: Handles(_standard, standards.publish_standard),
    DraftCalendar: Handles(_stream("calendar", "year"), calendars.draft_calendar),
    ConfirmCalendar: Handles(_stream("calendar", "year"), calendars.confirm_calendar),
    CloseOffice: Handles(_day, calendars.close_office),
    ReopenOffice: Handles(_day, calendars.reopen_office),
    ConfirmSeason: Handles(_seasons, seasons.confirm_season),
    WithdrawSeason: Handles(_seasons, seasons.withdraw_season),
    EraseSubject: Handles(_stream("subject", "subject_id"), tokens.erase_subject),
}

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
        if no := not_allowed(EraseSubject, ask.actor) or not_erasable(command.subject_id):
            return no
        gone = await destroy(ask.agency, command.subject_id)
        return ask.model_copy(update={"body": {**ask.body, "key_ids": list(gone)}})

    async def propose_days(ask: Ask) -> Ask | Refusal | None:
        if no := not_allowed(DraftCalendar, ask.actor):
            return no
        year = DraftCalendar.model_validate({**ask.body, "closed": ()}).year
        days = [day.model_dump() for day in await propose(year)]
        return ask.model_copy(update={"body": {**ask.body, "closed": days}})

    return {EraseSubject: destroy_keys, DraftCalendar: propose_days}
