"""Troubles of the machine: seen twice they are told, once, to who keeps it; and nothing is told about the telling."""

from pathlib import Path
from typing import Any

import pytest

from contracts.base import Accepted, Actor, Ask
from contracts.notices import ROUTABLE, TROUBLE_KINDS
from contracts.notifications import (
    AttemptFailed,
    NoteTroubles,
    NoticeGivenUp,
    NoticePlanned,
    RecordAttempt,
    TestChannel,
    Trouble,
    TroubleEnded,
    TroubleNoted,
)
from contracts.organisation import KeepersAnswer, KeepersRow
from services.kit.operations import HealthReport
from services.notifications.adapters.watch import Watch, of_reports
from services.notifications.domain.troubles import STREAM
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import house, notices
from tests.unit.office import KASI, OPERATOR

MAILBOX = Trouble(kind="mailbox", name="pekalongan-sanapati")
DISK = Trouble(kind="disk", name="data")


def note(*found: Trouble, keepers: tuple[str, ...] = ("admin", "admin-2")) -> NoteTroubles:
    return NoteTroubles(found=found, keepers=keepers)


def test_a_trouble_is_told_once_to_each_who_keeps_the_machine_until_it_has_ended() -> None:
    desk = house().when(note(MAILBOX)).then(TroubleNoted, NoticePlanned, NoticePlanned)
    assert [each.person_id for each in notices(desk)] == ["admin", "admin-2"]
    (first, _) = notices(desk)
    assert (first.event_kind, first.purpose, first.urgent) == ("notifications.MailboxTrouble", "operations", True)
    assert first.values == {"name": "pekalongan-sanapati"}
    desk.when(note(MAILBOX)).then()
    desk.when(note(MAILBOX, DISK)).then(TroubleNoted, NoticePlanned, NoticePlanned)
    desk.when(note(DISK)).then(TroubleEnded)
    desk.when(note()).then(TroubleEnded)
    desk.when(note(MAILBOX)).then(TroubleNoted, NoticePlanned, NoticePlanned)
    assert len({each.notice_id for each in notices(desk)}) == 6, "the next time it is another"


def test_where_nobody_keeps_the_machine_it_is_noted_all_the_same() -> None:
    desk = house().when(note(DISK, keepers=())).then(TroubleNoted)
    assert desk.fact(TroubleNoted).told == 0


def test_what_becomes_of_such_a_notice_is_told_to_nobody() -> None:
    desk = house().when(note(DISK, keepers=("admin",)))
    (notice,) = notices(desk)
    said = {"notice_id": notice.notice_id, "channel": "email", "generation": 1, "outcome": "permanent"}
    desk.when(RecordAttempt.model_validate({**said, "reason": "no-contact"})).then(AttemptFailed, NoticeGivenUp)
    desk.tell()
    assert len(notices(desk)) == 1
    own = {kind for kind in ROUTABLE if kind.startswith("notifications.")}
    assert own == set(TROUBLE_KINDS.values()), "no route can name what becomes of a notice"


@pytest.mark.parametrize("actor", [OPERATOR, KASI])
def test_the_watch_alone_says_what_stands(actor: Any) -> None:
    house().when(note(DISK), actor).refused("notifications.not-permitted")


def test_every_kind_has_its_words_in_both_languages() -> None:
    desk = house().when(note(*(Trouble(kind=kind, name="x") for kind in TROUBLE_KINDS), keepers=("admin",)))
    assert {each.template for each in notices(desk)} == {f"trouble-{kind}" for kind in TROUBLE_KINDS}


def test_who_keeps_the_machine_tries_a_channel_by_a_message_to_himself() -> None:
    admin = Actor(id="admin", roles=("admin",))
    desk = house().when(TestChannel(channel="email"), admin).then(NoticePlanned)
    (notice,) = notices(desk)
    assert (notice.person_id, notice.channels, notice.purpose) == ("admin", ("inbox", "email"), "operations")
    desk.when(TestChannel(channel="webhook"), admin).refused("notifications.channel-unknown")
    desk.when(TestChannel(channel="email"), OPERATOR).refused("notifications.not-permitted")


# ── the watch ────────────────────────────────────────────────────────────────────────────────────────────────────────

SICK = {"mailbox-pekalongan-sanapati": {"state": "waiting", "failing_since": "2026-03-13", "reason": "login"}}


class House:
    """One process, one agency, and the desk that decides."""

    def __init__(self, folder: Path) -> None:
        self.parts: dict[str, dict[str, Any]] = {}
        self.desk: Desk = house()
        self.watch = Watch(self.look, self.keepers, self.history, self.execute, lambda: self.desk.now, folder)
        self.asked: list[NoteTroubles] = []

    async def look(self) -> list[HealthReport]:
        return [HealthReport("intake", "one", self.parts)]

    async def keepers(self) -> KeepersAnswer:
        return KeepersAnswer(agencies=(KeepersRow(agency="pekalongan", people=("admin",)),))

    async def history(self, _agency: str, stream: str) -> list[Any]:
        return [each for each in self.desk.log if each.stream == stream]

    async def execute(self, ask: Ask) -> Accepted:
        command = NoteTroubles.model_validate(ask.body)
        self.asked.append(command)
        self.desk.when(command)
        return Accepted(command_id=ask.command_id, stream=STREAM, version=1, after="")

    def stated(self) -> list[str]:
        return [type(each.event).__name__ for each in self.desk.log if each.stream == STREAM]


async def test_it_counts_when_it_was_seen_twice_and_is_over_when_it_was_twice_not_seen(tmp_path: Path) -> None:
    office = House(tmp_path)
    await office.watch.once()
    office.parts = SICK
    await office.watch.once()
    assert office.stated() == [], "what heals by itself wakes nobody"
    await office.watch.once()
    assert office.stated() == ["TroubleNoted"]
    await office.watch.once()
    office.parts = {}
    await office.watch.once()
    assert office.stated() == ["TroubleNoted"]
    await office.watch.once()
    assert office.stated() == ["TroubleNoted", "TroubleEnded"]
    assert len(office.asked) == 2, "nothing is asked while nothing changes"
    assert [each.person_id for each in notices(office.desk)] == ["admin"]


async def test_who_starts_anew_tells_nobody_a_second_time(tmp_path: Path) -> None:
    office = House(tmp_path)
    office.parts = SICK
    for _ in range(2):
        await office.watch.once()
    again = Watch(office.look, office.keepers, office.history, office.execute, lambda: office.desk.now, tmp_path)
    for _ in range(3):
        await again.once()
    assert office.stated() == ["TroubleNoted"]


def test_a_part_is_named_and_not_its_sentence() -> None:
    reports = [
        HealthReport("audit", "one", {"evidence": {"state": "stopped", "breaches": 1, "reason": "0844/2026 changed"}}),
        HealthReport("dispatch", "one", {"reactions-intake": {"state": "running", "parked": 2}}),
        HealthReport("intake", "one", SICK),
        HealthReport("approval", "one", {"reactions-intake": {"state": "running", "parked": 0}}),
    ]
    assert set(of_reports(reports)) == {
        Trouble(kind="chain", name="audit"), Trouble(kind="parked", name="dispatch"), MAILBOX,
    }  # fmt: skip
