"""What the organisation is asked to do: its commands, its streams, and what must happen before a command is decided."""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.base import Ask, Command, Refusal
from contracts.organisation import AddUser, AppointHolder, EraseSubject, IssueToken, PublishStandard, RevokeToken
from services.kit.deciding import Commands, Given, Handles, StreamKind
from services.kit.service import Before
from services.organisation import domain
from services.organisation.policy import not_allowed, not_erasable
from services.organisation.ports import Destroy


def _stream(kind: str, name: str) -> Callable[[Any, Given], str]:
    return lambda command, _given: f"{kind}:{getattr(command, name)}"


def _standard(command: PublishStandard, _given: Given) -> str:
    return f"standard:{command.standard.standard}"


COMMANDS: Commands = {
    AddUser: Handles(_stream("person", "person_id"), domain.add_user),
    AppointHolder: Handles(_stream("position", "position"), domain.appoint_holder),
    IssueToken: Handles(_stream("token", "token_id"), domain.issue_token),
    RevokeToken: Handles(_stream("token", "token_id"), domain.revoke_token),
    PublishStandard: Handles(_standard, domain.publish_standard),
    EraseSubject: Handles(_stream("subject", "subject_id"), domain.erase_subject),
}

STREAMS: Mapping[str, StreamKind] = {
    "person": StreamKind(None, domain.evolve_person),
    "position": StreamKind(domain.Position(), domain.evolve_position),
    "token": StreamKind(None, domain.evolve_token),
    "standard": StreamKind(domain.Standard(), domain.evolve_standard),
    "subject": StreamKind(None, domain.evolve_subject),
}


def before(destroy: Destroy) -> Mapping[type[Command], Before]:
    """Key first, fact second: after a crash in between, the repeated command finds the key gone and leaves the fact."""

    async def destroy_keys(ask: Ask) -> Ask | Refusal | None:
        command = EraseSubject.model_validate({**ask.body, "key_ids": ()})
        if no := not_allowed(EraseSubject, ask.actor) or not_erasable(command.subject_id):
            return no
        gone = await destroy(ask.agency, command.subject_id)
        return ask.model_copy(update={"body": {**ask.body, "key_ids": list(gone)}})

    return {EraseSubject: destroy_keys}
