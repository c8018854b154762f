"""Workers that lie: whatever they say of jobs that are not theirs is refused and changes nothing."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import pytest_asyncio

from services.kit.bus.connection import Bus
from tests.integration.test_jobs import Office, _known, until
from tests.parts.errands import ErrandDone, ErrandTried, serving, settings_of
from tests.parts.nats import Nats

__all__ = ["_known"]


class Liar:
    """A worker that speaks for itself: no honest part of ours in between."""

    def __init__(self, office: Office, bus: Bus) -> None:
        self.office = office
        self._bus = bus

    async def say(self, word: str, said: Any, queue: str = "foot", agency: str = "pekalongan") -> Any:
        payload = said if isinstance(said, bytes) else orjson.dumps(said)
        subject = f"{word}.{agency}.errands.{queue}"
        answer = await self._bus.questions.ask(subject, payload, b"Caraka-Patience: 5000", 5)
        return orjson.loads(answer.data)

    async def out(self) -> dict[str, Any]:
        """A job that is out: what its message says."""
        errand = await self.office.order()
        await until(lambda: self.office.row(errand) is not None and self.office.row(errand).state == "sent")
        row = self.office.row(errand)
        assert row is not None
        return {"job_id": row.job_id, "publication": row.publication, "delivered": 1}

    async def take(self, which: dict[str, Any]) -> str:
        taken = (await self.say("take", which))["answer"]
        assert taken["job"] == "ready"
        return str(taken["token"])

    def untouched(self, which: dict[str, Any]) -> bool:
        row = next(row for row in self.office.rows() if row.job_id == which["job_id"])
        return (row.state, row.tries, row.publication) == ("sent", 0, which["publication"])


@pytest_asyncio.fixture
async def liar(tmp_path: Path, nats: Nats) -> Any:
    settings = settings_of(tmp_path / "data", nats.url)
    async with serving(settings) as kit:
        bus = await Bus.connect(settings.broker_url, service="worker-errands", patience=5)
        yield Liar(Office(settings, kit), bus)
        await bus.close()


async def test_who_has_not_taken_a_job_cannot_settle_it(liar: Liar) -> None:
    which = await liar.out()
    for token in ("", "0" * 64, "x" * 200):
        answer = await liar.say("settle", {**which, "token": token, "outcome": "accepted"})
        assert answer["answer"]["job"] == "gone"
    assert liar.untouched(which)


async def test_the_token_of_one_job_settles_no_other(liar: Liar) -> None:
    mine, other = await liar.out(), await liar.out()
    token = await liar.take(mine)
    answer = await liar.say("settle", {**other, "token": token, "outcome": "accepted"})
    assert answer["answer"]["job"] == "gone"
    assert liar.untouched(other)


@pytest.mark.parametrize(("queue", "agency"), [("mast", "pekalongan"), ("foot", "purbalingga")])
async def test_a_job_of_another_queue_or_agency_is_gone(liar: Liar, queue: str, agency: str) -> None:
    which = await liar.out()
    token = await liar.take(which)
    assert (await liar.say("take", which, queue, agency))["answer"]["job"] == "gone"
    said = {**which, "token": token, "outcome": "accepted"}
    assert (await liar.say("settle", said, queue, agency))["answer"]["job"] == "gone"
    assert liar.untouched(which)
    assert liar.office.facts(ErrandDone) == []


async def test_settled_twice_is_recorded_once_also_with_another_outcome(liar: Liar) -> None:
    which = await liar.out()
    said = {**which, "token": await liar.take(which), "outcome": "temporary"}
    assert (await liar.say("settle", said))["answer"]["job"] == "settled"
    for outcome in ("temporary", "accepted", "permanent"):
        again = await liar.say("settle", {**said, "outcome": outcome})
        assert again["answer"]["job"] == "gone"
    assert len(liar.office.facts(ErrandTried)) == 1
    assert liar.office.facts(ErrandDone) == []


async def test_two_deliveries_of_one_sending_have_one_outcome(liar: Liar) -> None:
    which = await liar.out()
    twin = {**which, "delivered": 2}
    tokens = await liar.take(which), await liar.take(twin)
    said = [{**each, "token": token, "outcome": "accepted"} for each, token in zip((which, twin), tokens, strict=True)]
    answers = [(await liar.say("settle", each))["answer"]["job"] for each in said]
    assert answers == ["settled", "gone"]
    assert len(liar.office.facts(ErrandDone)) == 1


async def test_an_older_sending_is_gone(liar: Liar) -> None:
    which = await liar.out()
    old = {**which, "publication": which["publication"] - 1}
    assert (await liar.say("take", old))["answer"]["job"] == "gone"


NONSENSE = [
    b"",
    b"nonsense",
    b"\xff\xfe",
    b"[" * 100_000,
    {},
    {"job_id": "x", "publication": 1, "delivered": 1},
    {"job_id": str(UUID(int=0)), "publication": 2**63, "delivered": 1},
    {"job_id": str(UUID(int=0)), "publication": -1, "delivered": 1},
    {"job_id": str(UUID(int=0)), "publication": 1, "delivered": 1, "more": 1},
    b"x" * 100_000,
]


@pytest.mark.parametrize("said", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize("word", ["take", "settle"])
async def test_nonsense_is_refused(liar: Liar, word: str, said: Any) -> None:
    assert (await liar.say(word, said))["refusal"]["code"] == "bus.malformed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "splendid"},
        {"outcome": "accepted", "reason": "x" * 501},
        {"outcome": "accepted", "reason": "a\x00b"},
        {"outcome": "temporary", "retry_after": 86_401},
        {"outcome": "temporary", "retry_after": -1},
        {"outcome": "accepted", "result": "x"},
        {"outcome": "accepted", "result": {"proof": "x" * 70_000}},
    ],
)
async def test_an_outcome_that_is_none_is_refused_and_the_job_stays_out(liar: Liar, wrong: dict[str, Any]) -> None:
    which = await liar.out()
    said = {**which, "token": await liar.take(which), **wrong}
    assert (await liar.say("settle", said))["refusal"]["code"] == "bus.malformed"
    assert liar.untouched(which)


async def test_a_result_that_the_owner_cannot_read_is_refused_and_the_job_stays_out(liar: Liar) -> None:
    which = await liar.out()
    said = {**which, "token": await liar.take(which), "outcome": "accepted", "result": {"proof": [1, 2]}}
    assert (await liar.say("settle", said))["answer"] == {"job": "refused", "code": "kit.malformed"}
    assert liar.untouched(which)


async def test_what_the_case_refuses_is_parked_with_its_code(liar: Liar) -> None:
    which = await liar.out()
    said = {**which, "token": await liar.take(which), "outcome": "accepted", "result": {"proof": "forged"}}
    assert (await liar.say("settle", said))["answer"] == {"job": "refused", "code": "errands.forged"}
    (row,) = liar.office.rows()
    assert (row.state, row.reason) == ("parked", "errands.forged")


async def test_a_job_that_nobody_has_is_gone_like_any_other(liar: Liar) -> None:
    unknown = {"job_id": str(uuid4()), "publication": 1, "delivered": 1}
    assert (await liar.say("take", unknown))["answer"]["job"] == "gone"
