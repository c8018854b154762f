"""A sealed field of a foreign event in a reaction's command: sealed anew for its new place, by the same person's key.

A small service (`errands` as it might keep a contact) reacts to a fact of another one; both are written here.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from contracts import REGISTRY
from contracts.base import ERASED, Accepted, Actor, Ask, Command, Event, Recorded, Refusal, Sealed
from services.kit.codec.envelope import decode
from services.kit.deciding import Decision, Given, Handles, StreamKind, accept
from services.kit.policy import related
from services.kit.sealing.fields import SealBroken, carries_sealed
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings
from services.kit.store import Log, Writer, open_store
from tests.parts.kinds import known_as

GATEWAY = Path(__file__).parents[2] / "gateway"
ANYBODY = related("anybody")
ACTOR = Actor(id="notifications", roles=("service",))


class TellContact(Command):
    phone: str


class NoteContact(Command):
    contact: Sealed


class ContactTold(Event):
    contact: Sealed


class ContactNoted(Event):
    contact: Sealed


KINDS = (TellContact, NoteContact, ContactTold, ContactNoted)


def tell(command: TellContact, state: object, given: Given) -> Decision:
    return accept("contact:1", ContactTold(contact=Sealed.of(command.phone, "contact", "budi")))


def note(command: NoteContact, state: object, given: Given) -> Decision:
    return accept(f"noted:{given.command_id}", ContactNoted(contact=command.contact))


COMMANDS = {
    TellContact: Handles(lambda *_: "contact:1", tell, (ContactTold,), ANYBODY),
    NoteContact: Handles(lambda _, given: f"noted:{given.command_id}", note, (ContactNoted,), ANYBODY),
}
STREAMS = {"contact": StreamKind(None, lambda state, _: state), "noted": StreamKind(None, lambda state, _: state)}


class Desk:
    def __init__(self, writer: Writer, log: Log, keys: Keys) -> None:
        self.writer = writer
        self.log = log
        self.keys = keys

    async def told(self, phone: str, agency: str = "pekalongan") -> Sealed:
        """As a reactor reads it from the other service's event."""
        assert isinstance(await self.writer.execute(ask(TellContact(phone=phone), agency)), Accepted)
        return self.facts(ContactTold)[-1].event.contact

    async def carry(self, contact: Sealed, agency: str = "pekalongan") -> Sealed:
        command = NoteContact(contact=contact)
        answer = await self.writer.execute(ask(command, agency), carried=command)
        assert isinstance(answer, Accepted), answer
        return self.facts(ContactNoted)[-1].event.contact

    def facts(self, kind: type[Event]) -> list[Recorded]:
        found = [decode(row.position, row.data) for row in self.log.read(0, 1000)]
        return [each for each in found if isinstance(each.event, kind)]


def ask(command: Command, agency: str = "pekalongan", command_id: UUID | None = None) -> Ask:
    identity = command_id or uuid4()
    return Ask(
        command_id=identity, agency=agency, kind=command.kind(), actor=ACTOR, asked_at=datetime.now(UTC),
        correlation_id=identity, body=command.model_dump(mode="json", by_alias=True),
    )  # fmt: skip


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(data_dir=tmp_path)
    store, keys = open_store(settings, "noting"), open_keys(settings)
    keys.migrate()
    store.migrate()
    key = load_keyring(settings).derive("x")
    writer = Writer(store, "noting", COMMANDS, dict(STREAMS), keys, lambda: datetime.now(UTC), key)
    writer.start()
    with known_as("noting", KINDS):
        yield Desk(writer, Log(store), keys)
    await writer.stop()
    store.close()
    keys.dispose()


async def test_it_opens_at_its_new_place_under_the_same_person_s_key(desk: Desk) -> None:
    told = await desk.told("0812")
    noted = await desk.carry(told)
    assert desk.keys.open(noted) == "0812"
    assert (noted.key_id, noted.seal_class, noted.subject_id) == (told.key_id, "contact", "budi")
    assert (noted.ciphertext, noted.place) != (told.ciphertext, told.place)


async def test_destroying_the_person_s_keys_erases_it_there_too(desk: Desk) -> None:
    noted = await desk.carry(await desk.told("0812"))
    assert desk.keys.destroy("pekalongan", "budi") == (noted.key_id,)
    assert desk.keys.open(noted) == ERASED


async def test_what_was_erased_travels_as_erased_and_makes_no_new_key(desk: Desk) -> None:
    told = await desk.told("0812")
    desk.keys.destroy("pekalongan", "budi")
    noted = await desk.carry(told)
    assert desk.keys.open(noted) == ERASED
    assert noted.key_id == told.key_id
    assert desk.keys.owner_of(noted.key_id) == ("pekalongan", "contact", "budi")


async def test_what_a_field_says_of_itself_counts_nothing_its_key_tells_whose_it_is(desk: Desk) -> None:
    told = await desk.told("0812")
    posing = told.model_copy(update={"seal_class": "archive", "subject_id": "agency"})
    posing.put_at(told.place)
    noted = await desk.carry(posing)
    assert (noted.seal_class, noted.subject_id) == ("contact", "budi")


async def test_a_field_of_another_agency_is_carried_to_nobody(desk: Desk) -> None:
    told = await desk.told("0812", "purbalingga")
    with pytest.raises(SealBroken):
        await desk.carry(told, "pekalongan")
    assert desk.facts(ContactNoted) == []


async def test_a_field_that_is_not_at_its_place_does_not_open(desk: Desk) -> None:
    told = await desk.told("0812")
    moved = told.model_copy()
    moved.put_at(f"{uuid4()}/contact")
    with pytest.raises(SealBroken):
        await desk.carry(moved)


async def test_the_same_reaction_again_is_the_same_command(desk: Desk) -> None:
    command = NoteContact(contact=await desk.told("0812"))
    identity = uuid4()
    answers = [await desk.writer.execute(ask(command, command_id=identity), carried=command) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(desk.facts(ContactNoted)) == 1


async def test_from_its_json_no_such_command_is_taken(desk: Desk) -> None:
    """As it would come over the bus, from the gateway, or from a timer: whoever sent it would learn the plain text."""
    told = await desk.told("0812")
    for carried in (None, TellContact(phone="x")):
        answer = await desk.writer.execute(ask(NoteContact(contact=told)), carried=carried)
        assert isinstance(answer, Refusal)
        assert answer.code == "kit.sealed-command"
    assert desk.facts(ContactNoted) == []


@pytest.mark.parametrize("kind", REGISTRY.of(Command), ids=lambda kind: kind.kind())
def test_a_command_with_a_sealed_field_is_named_nowhere_in_the_gateway(kind: type[Command]) -> None:
    """All commands that there are. Whichever has one is a reaction's alone."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in GATEWAY.rglob("*.py"))
    assert not (carries_sealed(kind) and kind.__name__ in written)
