"""F1: the worker of e-mails is killed in the middle of a thousand notices, and a real mail server counts what came.

Owner, directory and broker live on; the workers are processes of their own, as an office runs them (``caraka worker``).
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.base import Accepted, Actor, Ask, Command
from contracts.notifications import PlanNotices
from contracts.organisation import StateContact, VerifyContact
from services.cli.catalogue import JOBS
from services.cli.invariants.jobs import Jobs
from services.kit.bus.connection import Bus, BusTimeout, NoResponder
from services.notifications.handlers import STREAMS
from services.notifications.settings import SmtpSettings
from tests.faults.trial import Trial
from tests.integration.waiting import until
from tests.parts.first_facts import until_brought_in
from tests.parts.mailserver import Postbox, mail_server
from tests.parts.nats import start_nats
from tests.parts.product import KEEPER, Product
from tests.parts.server import Server

NOTICES = 1_000 if os.environ.get("FAULTS") == "whole" else 300
"""A thousand by `make faults`."""
DEATHS = 3
SERVICE = Actor(id="caraka", roles=("service",))
KASI = Actor(id="kasi", roles=("user",))
SENDING = 240.0  # an untold death is noticed by the broker a minute later, and three may come one after another


class Mailroom(Product):
    """Who has a part in an e-mail: the streams' keeper, the directory, the owner of the notices, and their witness."""

    workers: list[Server]

    @property
    def names(self) -> tuple[str, ...]:
        return (KEEPER, "audit", "organisation", "notifications")

    def begin(self) -> None:
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.command("migrate")
        for name in self.names:
            self.start(name)
        until_brought_in(self.bus, seconds=180, log=self.log_tail)

    def worker(self) -> Server:
        command = [sys.executable, "-m", "services", "worker", "notifications", "email"]
        server = Server(command, self.home / "worker.log", environment=self.environment())
        server.spawn()
        return server


@pytest.fixture
def box() -> Iterator[Postbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def mailroom(tmp_path: Path, box: Postbox) -> Iterator[Mailroom]:
    nats = start_nats(tmp_path / "nats")
    env = {
        "CARAKA_SMTP_HOST": "127.0.0.1", "CARAKA_SMTP_PORT": str(box.port), "CARAKA_SMTP_SECURITY": "plain",
        "CARAKA_SMTP_SENDER": "caraka@kota.example",
    }  # fmt: skip
    room = Mailroom(tmp_path / "product", apart=True, nats=nats, env=env)
    try:
        room.begin()
        yield room
    finally:
        room.discard()
        nats.kill()


async def ask(bus: Bus, command: Command, actor: Actor = SERVICE) -> None:
    """Until somebody answers."""
    asked = Ask(
        command_id=uuid4(), agency="pekalongan", kind=command.kind(), actor=actor, asked_at=datetime.now(UTC),
        correlation_id=uuid4(), body=command.model_dump(mode="json"),
    )  # fmt: skip
    async with asyncio.timeout(120):
        while True:
            try:
                answer = await bus.ask(asked, timeout=20)
                break
            except (BusTimeout, NoResponder):  # it may have been done: the same command again
                await asyncio.sleep(0.5)
    assert isinstance(answer, Accepted), answer


def overdue(number: int) -> PlanNotices:
    """A fact that tells one position, urgently: it waits for no opening hour, whatever day the tests run on."""
    return PlanNotices(
        event_id=uuid4(), event_kind="intake.LetterOverdue", happened_at=datetime.now(UTC), case_service="intake",
        case_kind="letters", case_id=uuid4(), positions={"assigner": "kasi-persandian"},
        values={"number": f"{number:04d}/2026", "due": datetime.now(UTC).isoformat()},
    )  # fmt: skip


@pytest.mark.fault("F1")
@pytest.mark.timeout(600)
async def test_the_worker_of_emails_is_killed_among_a_thousand_notices(
    mailroom: Mailroom, box: Postbox, trial: Trial
) -> None:
    """Every notice is sent. Twice comes only what was on the wire at a death, which SMTP itself cannot exclude: and
    then under the same Message-ID, by which a mailbox knows it.
    """
    async with mailroom.bus() as bus:
        await ask(bus, StateContact(person_id="kasi", email="kasi@kota.example"), KASI)
        first = mailroom.worker()
        await until(lambda: bool(box.came), seconds=60)
        code = box.messages[0]["Subject"].rpartition(" ")[2]
        await ask(bus, VerifyContact(person_id="kasi", way="email", code=code), KASI)
        await until(lambda: len(mailroom.events("notifications", "NoticeAccepted")) == 1, seconds=60)
        first.kill()
        box.forget()
        for first in range(0, NOTICES, 50):
            await asyncio.gather(*(ask(bus, overdue(number)) for number in range(first, first + 50)))
    killed_at = sorted(trial.dice.sample(range(NOTICES // 10, NOTICES * 9 // 10), DEATHS))
    worker = mailroom.worker()
    try:
        for count in killed_at:
            await until(lambda count=count: len(box.came) >= count, seconds=SENDING)
            worker.kill()
            worker = mailroom.worker()
        async with asyncio.timeout(SENDING):
            while len(mailroom.events("notifications", "NoticeAccepted")) <= NOTICES:  # noqa: ASYNC110 - read from a store
                await asyncio.sleep(1)
    finally:
        worker.kill()
    came = Counter(message["Message-ID"] for message in box.messages)
    assert len(came) == NOTICES, "each notice has its one name, and each has come"
    again = sum(came.values()) - NOTICES
    trial.note(f"killed after {', '.join(map(str, killed_at))} of {NOTICES} e-mails; {again} came twice")
    assert again <= DEATHS * SmtpSettings().connections, "what was not on the wire never comes twice"
    accepted = mailroom.events("notifications", "NoticeAccepted")
    told = Counter(event["data"]["notice_id"] for event in accepted if event["data"]["purpose"] != "code")
    assert (len(told), set(told.values())) == (NOTICES, {1})
    for kind in ("NoticeGivenUp", "AttemptUnknown", "AttemptFailed"):
        assert mailroom.events("notifications", kind) == []
    assert Jobs.alone(mailroom.settings, "notifications", STREAMS, JOBS["notifications"]).ok
