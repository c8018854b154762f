"""A real small road without a bus: the services' tables and writers, real stores, blobs and keys, mail to archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from types import ModuleType
from typing import Any
from uuid import UUID, uuid5

from contracts.base import Accepted, Actor, Ask, Command, Recorded, Refusal
from contracts.intake import (
    CaptureMessage,
    ExamineMessage,
    ForwardLetter,
    MessageSource,
    ProducePrintPack,
    RegisterLetter,
)
from contracts.intake import Reading as Read
from services.account_provisioning import handlers as accounts
from services.approval import handlers as approval
from services.approval import reactions as approval_told
from services.complaint import handlers as complaint
from services.complaint import reactions as complaint_told
from services.dispatch import handlers as dispatch
from services.dispatch import reactions as dispatch_told
from services.intake import handlers as intake
from services.intake import reactions as intake_told
from services.kit.blobs import Blobs, open_blobs
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.ids import reaction_id, stream_id
from services.kit.runtime.timekeeper import Timekeeper
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.service import Before, Reaction
from services.kit.settings import Settings
from services.kit.store import Log, Writer, open_store
from services.kit.store.opening import Store
from services.notifications import handlers as notifications
from services.organisation import handlers as organisation
from services.organisation import reactions as organisation_told
from tests.unit.office import ADOPT, FIELDS, OPERATOR, THURSDAY_1400

AGENCY = "pekalongan"
SERVICE = Actor(id="caraka", roles=("service",))
ROOT = UUID("00000000-0000-5000-8000-00000000f021")
HANDLERS: dict[str, ModuleType] = {
    "organisation": organisation, "intake": intake, "approval": approval, "dispatch": dispatch,
    "notifications": notifications, "account_provisioning": accounts,
    "complaint": complaint,
}  # fmt: skip
TOLD: dict[str, ModuleType] = {
    "organisation": organisation_told, "intake": intake_told, "approval": approval_told, "dispatch": dispatch_told,
    "complaint": complaint_told,
}  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Road:
    """``do`` asks one command; ``letter`` brings one message as far as forwarded; ``tell`` lets the others react."""

    settings: Settings
    keys: Keys
    blobs: Blobs
    stores: dict[str, Store] = field(default_factory=dict)
    writers: dict[str, Writer] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))
    clock: Callable[[], datetime] = now
    before: Mapping[type[Command], Before] = field(default_factory=dict)

    def log(self, service: str) -> Log:
        return Log(self.stores[service])

    async def do(
        self, command: Command, actor: Actor = SERVICE, *, command_id: UUID | None = None, agency: str = AGENCY
    ) -> Accepted:
        identity = command_id or uuid5(ROOT, str(next(self.numbers)))
        ask = Ask(
            command_id=identity, agency=agency, kind=command.kind(), actor=actor, asked_at=datetime.now(UTC),
            correlation_id=identity, body=command.model_dump(mode="json"),
        )  # fmt: skip
        answer = await self.ask(command, ask)
        assert isinstance(answer, Accepted), answer
        return answer

    async def ask(self, command: Command, ask: Ask) -> Accepted | Refusal:
        """With what comes before the decision, where the test has said it."""
        before = self.before.get(type(command))
        completed = await before(ask) if before else None
        if isinstance(completed, Refusal):
            return completed
        return await self.writers[command.service()].execute(completed or ask)

    async def history(self, service: str, agency: str, stream: str) -> Sequence[Recorded]:
        found = self.stores[service].recorder.select_events(stream_id(agency, service, stream))
        return [decode(0, bytes(stored.state)) for stored in found]

    async def letter(self, number: int, agency: str = AGENCY) -> UUID:
        letter = uuid5(ROOT, f"letter/{agency}/{number}")
        raw = f"raw message {number}".encode()
        blob = await self.blobs.put(agency, raw, "message/rfc822")
        captured = CaptureMessage(
            letter_id=letter,
            source=MessageSource(channel="imap", mailbox="sanapati", uidvalidity=7, uid=str(number)),
            received_at=THURSDAY_1400,
            content_sha256=sha256(raw).hexdigest(),
            size=len(raw),
            blob=blob,
            reading=Read(
                message_id=f"<{number}@x.example>", from_address="tu@x.example", subject="Undangan", text="Hal"
            ),
        )
        await self.do(captured, agency=agency)
        await self.do(ExamineMessage(letter_id=letter, fields=FIELDS), OPERATOR, agency=agency)
        await self.do(RegisterLetter(letter_id=letter), OPERATOR, agency=agency)
        pack = await self.blobs.put(agency, f"pack {number}".encode(), "application/pdf")
        await self.do(ProducePrintPack(letter_id=letter, blob=pack, pages=4), OPERATOR, agency=agency)
        await self.do(ForwardLetter(letter_id=letter), OPERATOR, agency=agency)
        return letter

    async def tell(self) -> None:
        """Asks due timers and hands every event to those who have not heard it, until nobody has more to say."""
        moved = True
        while moved:
            moved = await self.notify() > 0
            for source in HANDLERS:
                for row in self.log(source).read(self.told.get(source, 0), 10_000):
                    moved, self.told[source] = True, row.position
                    recorded = decode(row.position, row.data)
                    for service, room in TOLD.items():
                        reaction: Reaction | None = room.REACTIONS.get(type(recorded.event))
                        command = reaction(recorded) if reaction else None
                        if command is not None:
                            identity = reaction_id(recorded.event_id, service)
                            await self.do(command, command_id=identity, agency=recorded.agency)

    async def notify(self) -> int:
        """Asks whatever is due by now; how many were asked."""
        asked = 0
        for service in TOLD:
            engine, writer = engine_of(place_of(self.settings, service)), self.writers[service]
            keeper = Timekeeper(
                service,
                engine=engine,
                execute=writer.execute,
                timer_wakeup=writer.timer_wakeup,
                clock=self.clock,
                poll=1,
            )
            asked += await keeper.fire()
            engine.dispose()
        return asked


@asynccontextmanager
async def a_road(
    settings: Settings, ready: Callable[[], None] = lambda: None, clock: Callable[[], datetime] = now
) -> AsyncIterator[Road]:
    """The services, each with its store and its running writer.

    ``ready``: asked when all stores are there and still empty.
    """
    keys = open_keys(settings)
    make_schema(keys._place)
    keys.migrate()
    road = Road(settings, keys, open_blobs(settings, keys), clock=clock)
    key = load_keyring(settings).derive("fingerprints")
    for service, room in HANDLERS.items():
        store = road.stores[service] = open_store(settings, service)
        store.migrate()
        writer = Writer(store, service, room.COMMANDS, dict(room.STREAMS), keys, clock, key)
        writer.start()
        road.writers[service] = writer
    try:
        ready()
        await road.do(ADOPT)
        yield road
    finally:
        for service, writer in road.writers.items():
            await writer.stop()
            road.stores[service].close()
        keys.dispose()
