"""A small service for strangers, for tests alone: what somebody wishes the office would do.

``python -m tests.parts.wishes <folder> <port>`` runs it with organisation and a gateway that knows it; NATS in the
environment.
"""

import asyncio
import contextlib
import os
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import UUID

from contracts.base import Command, Event, Recorded, Refusal, Sealed, Sha256
from contracts.tracking import TrackCase, Tracked, TrackedAnswer
from contracts.words import PUBLIC
from gateway.web.public.kinds import Asked, Brought, PublicForm, PublicKind, Stage
from gateway.web.words import Word
from services.cli import running
from services.kit.bus.connection import Bus
from services.kit.deciding import Accept, Decision, Given, Handles, StreamKind, accept
from services.kit.observability.logs import configure
from services.kit.operations.stream_keeper import declare_all
from services.kit.policy import roles
from services.kit.runtime.kit import Kit
from services.kit.runtime.run import migrate_service, run_service, run_stream_keeper
from services.kit.runtime.supervise import asked_to_stop
from services.kit.secrets import proves
from services.kit.service import Service
from services.kit.settings import Settings
from services.organisation.wiring import build as build_organisation
from tests.parts.kinds import known_as
from tests.parts.nats import start_nats
from tests.parts.ports import free_port, wait_until
from tests.parts.server import Server

DAYS = timedelta(days=5)
WORK: Counter[str] = Counter()
"""What the service has done for answers, for who counts it."""


class FileWish(Command):
    wish_id: UUID
    code_mac: Sha256
    words: str
    name: str = ""


class AddToWish(Command):
    wish_id: UUID
    code_mac: Sha256
    words: str


class WithdrawWish(Command):
    wish_id: UUID
    code_mac: Sha256


class WishFiled(Event):
    wish_id: UUID
    number: str
    code_mac: str
    words: Sealed
    name: Sealed
    filed_at: datetime


class WishNumberTaken(Event):
    number: int


class WishAddedTo(Event):
    wish_id: UUID
    words: Sealed


class WishWithdrawn(Event):
    wish_id: UUID


class TrackWish(TrackCase):
    pass


KINDS = (FileWish, AddToWish, WithdrawWish, WishFiled, WishNumberTaken, WishAddedTo, WishWithdrawn, TrackWish)


def known() -> contextlib.AbstractContextManager[None]:
    """The kinds of this service are registered meanwhile."""
    return known_as("wishes", KINDS)


@dataclass(frozen=True)
class Wish:
    stage: str = ""
    number: str = ""
    code_mac: str | None = None
    filed_at: datetime | None = None
    added: int = 0


def evolve(state: Wish, event: Event) -> Wish:
    match event:
        case WishFiled():
            return Wish("filed", event.number, event.code_mac, event.filed_at)
        case WishAddedTo():
            return replace(state, stage="supplemented", added=state.added + 1)
        case WishWithdrawn():
            return replace(state, stage="withdrawn")
    return state


def counted(state: int, event: Event) -> int:
    return event.number if isinstance(event, WishNumberTaken) else state


REGISTER = "register:wishes"


def file(command: FileWish, state: Wish, given: Given) -> Decision:
    if state.stage:
        return Accept()
    number = given.load(REGISTER) + 1
    text = f"USL-{given.now.year}-{number:04d}"
    subject = str(command.wish_id)
    filed = WishFiled(
        wish_id=command.wish_id, number=text, code_mac=command.code_mac, filed_at=given.now,
        words=Sealed.of(command.words, "reporter", subject), name=Sealed.of(command.name, "reporter", subject),
    )  # fmt: skip
    events = ((f"wish:{command.wish_id}", filed), (REGISTER, WishNumberTaken(number=number)))
    return Accept(events, result={"number": text, "filed_at": given.now.isoformat()})


def theirs(command: Any, state: Wish) -> Refusal | None:
    """Whoever may write to it: the same answer where there is none."""
    if not proves(command.code_mac, state.code_mac):
        return Refusal(code="wishes.wrong-code", status=404)
    return None if state.stage != "withdrawn" else Refusal(code="wishes.withdrawn")


def add(command: AddToWish, state: Wish, given: Given) -> Decision:
    words = Sealed.of(command.words, "reporter", str(command.wish_id))
    fact = WishAddedTo(wish_id=command.wish_id, words=words)
    return theirs(command, state) or accept(f"wish:{command.wish_id}", fact)


def withdraw(command: WithdrawWish, state: Wish, given: Given) -> Decision:
    return theirs(command, state) or accept(f"wish:{command.wish_id}", WishWithdrawn(wish_id=command.wish_id))


def of_wish(command: Any, _given: Given) -> str:
    return f"wish:{command.wish_id}"


COMMANDS = {
    FileWish: Handles(of_wish, file, (WishFiled, WishNumberTaken), roles(PUBLIC)),
    AddToWish: Handles(of_wish, add, (WishAddedTo,), roles(PUBLIC)),
    WithdrawWish: Handles(of_wish, withdraw, (WishWithdrawn,), roles(PUBLIC)),
}
STREAMS = {"wish": StreamKind(Wish(), evolve), "register": StreamKind(0, counted)}


@dataclass
class Wishes:
    """What is asked of it: its log, folded."""

    kit: Kit
    position: int = 0
    by_number: dict[tuple[str, str], tuple[UUID, Wish]] = field(default_factory=dict)

    async def track(self, agency: str, asked: TrackWish) -> TrackedAnswer:
        await asyncio.to_thread(self._read)
        WORK["looked up"] += 1
        wish_id, wish = self.by_number.get((agency, asked.number), (None, None))
        WORK["compared"] += 1
        if not proves(asked.code_mac, wish.code_mac if wish else None) or wish is None or wish_id is None:
            return TrackedAnswer()
        assert wish.filed_at is not None
        over = wish.stage == "withdrawn"
        return TrackedAnswer(
            case=Tracked(
                case_id=wish_id, number=wish.number, stage=wish.stage, filed_at=wish.filed_at,
                due_at=None if over else wish.filed_at + DAYS, replies=() if over else ("supplement", "withdraw"),
            )
        )  # fmt: skip

    def _read(self) -> None:
        while rows := self.kit.log.read(self.position, 500):
            for row in rows:
                self._fold(self.kit.decode(row.position, row.data))
                self.position = row.position

    def _fold(self, recorded: Recorded) -> None:
        if recorded.stream == REGISTER:
            return
        wish_id: UUID = recorded.event.wish_id  # type: ignore[attr-defined]  # of all other facts here
        known = {at: (key, wish) for key, (at, wish) in self.by_number.items()}
        key, wish = known.get(wish_id, ((recorded.agency, ""), Wish()))
        wish = evolve(wish, recorded.event)
        self.by_number[(key[0], wish.number)] = (wish_id, wish)


def build(settings: Settings, kit: Kit) -> Service:
    wishes = Wishes(kit)
    return Service(name="wishes", commands=COMMANDS, streams=STREAMS, queries={TrackWish: wishes.track})


# ── its row at the edge ──────────────────────────────────────────────────────────────────────────────────────────────


def _file(brought: Brought) -> Command:
    said = brought.values
    return FileWish(
        wish_id=brought.command_id, code_mac=brought.code_mac, words=said["isi"], name=said["nama"]
    )  # fmt: skip


def _case(brought: Brought) -> UUID:
    assert brought.case_id is not None
    return brought.case_id


KIND = PublicKind(
    slug="usulan",
    noun="Usulan",
    numbers=re.compile(r"USL-\d{4}-\d{4,}"),
    question=TrackWish,
    form=PublicForm(
        title="Sampaikan usulan",
        lead="Usulan dibaca petugas dalam lima hari. Nama boleh dikosongkan.",
        send="Kirim usulan",
        done="Usulan Anda kami terima",
        asked=(
            Asked("isi", "Usulan Anda", "Apa yang sebaiknya kami perbaiki?", kind="area", most=5_000),
            Asked("nama", "Nama", need=False, most=120),
        ),
        command=_file,
    ),
    stages={
        "filed": Stage(Word("Diterima", "busy", "inbox"), "Usulan Anda menunggu dibaca petugas."),
        "supplemented": Stage(Word("Dilengkapi", "busy", "edit"), "Tambahan Anda sudah masuk dan menunggu dibaca."),
        "answered": Stage(Word("Selesai", "good", "check"), "Usulan Anda sudah dijawab."),
        "withdrawn": Stage(Word("Ditarik", "quiet", "cross"), "Anda menarik usulan ini; tidak ada yang diproses lagi."),
    },
    road=("filed", "supplemented", "answered"),
    replies={
        "supplement": PublicForm(
            "Tambahkan keterangan", "Yang Anda tulis dibaca petugas yang menangani usulan ini.", "Kirim tambahan",
            "Tambahan Anda kami terima", (Asked("tambahan", "Keterangan", kind="area", most=5_000),),
            lambda brought: AddToWish(
                wish_id=_case(brought), code_mac=brought.code_mac, words=brought.values["tambahan"]
            ),
        ),
        "withdraw": PublicForm(
            "Tarik usulan", "Usulan tidak diproses lagi. Ini tidak dapat dibatalkan.", "Tarik usulan ini",
            "Usulan Anda sudah ditarik", (),
            lambda brought: WithdrawWish(wish_id=_case(brought), code_mac=brought.code_mac),
        ),
    },
)  # fmt: skip


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[dict[str, Kit]]:
    """The service, organisation, and a gateway that knows both; migrated."""
    building = {"organisation": build_organisation, "wishes": build}
    async with contextlib.AsyncExitStack() as stack:
        keeping = await Bus.connect(settings.broker_url, service="migrate", patience=10)
        buses = {name: await Bus.connect(settings.broker_url, service=name, patience=10) for name in building}
        for name, made in building.items():
            await asyncio.to_thread(migrate_service, settings, made, name, buses[name])
        await declare_all(keeping, list(building), {})
        await stack.enter_async_context(run_stream_keeper(keeping, list(building), {}))
        kits = {
            name: await stack.enter_async_context(run_service(settings, made, name, buses[name], None))
            for name, made in building.items()
        }
        await stack.enter_async_context(running.gateway(settings, kinds=(KIND,)))
        for bus in (*buses.values(), keeping):
            stack.push_async_callback(bus.close)
        yield kits


class WishOffice:
    """Its processes, with two agencies; ``base_url`` is the gateway's."""

    def __init__(self, home: Path) -> None:
        self.nats = start_nats(home / "nats")
        port = free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "NATS": self.nats.url, "CARAKA_TRUSTED_PROXIES": "127.0.0.1"}
        self.server = Server(
            [sys.executable, "-m", __name__, str(home / "var"), str(port)], home / "wishes.log", environment=environment
        )

    def start(self) -> None:
        self.server.spawn()
        wait_until(self._answers, seconds=60, what=self.base_url, log=self.server.log_tail)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.base_url}/purbalingga/ajukan/{KIND.slug}", timeout=10) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        self.server.kill()
        self.nats.kill()


def start_office(home: Path) -> WishOffice:
    """Returns when the office takes wishes; the caller ends it by `stop`."""
    office = WishOffice(home)
    try:
        office.start()
    except BaseException:
        office.stop()
        raise
    return office


async def main(folder: Path, port: int) -> None:
    settings = Settings(data_dir=folder, nats_url=os.environ["NATS"], http_port=port)
    configure(settings)
    with known(), asked_to_stop() as asked:
        async with serving(settings):
            sys.stdout.write("up\n")
            sys.stdout.flush()
            await asked.wait()


if __name__ == "__main__":
    # As the module that the tests import: a kind is named by its class's module.
    this = import_module("tests.parts.wishes")
    asyncio.run(this.main(Path(sys.argv[1]), int(sys.argv[2])))
