"""Durable jobs on both databases and a real broker: sent, taken, done and recorded, whatever stops, lies or is away."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import pytest_asyncio
import typer
from sqlalchemy import text

from contracts.base import Recorded
from contracts.jobs import JobMessage, JobSettled, SettleJob
from services.cli import catalogue
from services.cli import jobs as console
from services.cli.invariants.ground import Finding
from services.cli.invariants.jobs import Jobs
from services.kit.bus.connection import Bus
from services.kit.codec.envelope import decode
from services.kit.ids import job_id
from services.kit.jobs import Effect, EffectDone
from services.kit.jobs.owner import JobOwner
from services.kit.jobs.rows import JobRow
from services.kit.operations.health import request_operation
from services.kit.runtime.housekeeping import job_rows
from services.kit.runtime.kit import Kit
from services.kit.runtime.run import migrate_service
from services.kit.service import QueueTerms
from services.kit.settings import Settings
from services.kit.store import StoreUnavailable, jobtable
from tests.parts import errands
from tests.parts.errands import (
    CloseErrand,
    ErrandClosed,
    ErrandDone,
    ErrandTried,
    OrderErrand,
    do,
    serving,
    settings_of,
    working,
)
from tests.parts.nats import Nats


@dataclass
class Office:
    settings: Settings
    kit: Kit
    done: list[UUID] = field(default_factory=list)

    async def order(self, queue: str = "foot", agency: str = "pekalongan", **more: Any) -> UUID:
        command = OrderErrand(errand_id=uuid4(), queue=queue, **more)
        await do(self.kit, command, agency)
        return command.errand_id

    async def effect(self, _job: UUID, _agency: str, payload: Mapping[str, Any]) -> EffectDone:
        self.done.append(UUID(payload["errand_id"]))
        return EffectDone(result={"proof": "ran"})

    def working(self, effect: Effect | None = None, queue: str = "foot", at_once: int = 16) -> Any:
        return working(self.settings, {queue: effect or self.effect}, at_once)

    def facts(self, kind: type = object) -> list[Recorded]:
        found = [decode(row.position, row.data) for row in self.kit.log.read(0, 100_000)]
        return [fact for fact in found if isinstance(fact.event, kind)]

    def rows(self) -> list[JobRow]:
        return job_rows(self.kit).listed(("waiting", "sent", "parked", "discarded"), None, most=100_000)

    def row(self, errand: UUID) -> JobRow | None:
        return job_rows(self.kit).row(str(job_of(errand)))

    def follows(self) -> bool:
        """The table is what the events say."""
        told = jobtable.derived(self.facts(), "errands", errands.STREAMS)
        return {row.job_id for row in self.rows()} == {str(each) for each in told}

    async def operate(self, operation: str, **said: Any) -> Any:
        bus = await Bus.connect(self.settings.broker_url, service="console", patience=5)
        try:
            return await request_operation(bus, "errands", operation, {"by": "admin", "note": "a note", **said})
        finally:
            await bus.close()


def job_of(errand: UUID, agency: str = "pekalongan") -> UUID:
    return job_id(agency, "errands", f"errand:{errand}", "run")


@pytest.fixture(autouse=True)
def _known() -> Any:
    errands.SAID.clear()
    with errands.known():
        yield


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path, nats: Nats) -> AsyncIterator[Office]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    settings = settings_of(tmp_path / "data", nats.url, url)
    async with serving(settings) as kit:
        yield Office(settings, kit)
    await asyncio.get_running_loop().shutdown_default_executor()


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what other threads and processes do is waited for
            await asyncio.sleep(0.02)


async def test_a_job_is_done_once_and_its_row_goes_with_the_fact(office: Office) -> None:
    async with office.working():
        errand = await office.order()
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert office.done == [errand]
    assert office.rows() == []
    ordered, done = office.facts()
    assert (done.causation_id, done.correlation_id) == (ordered.event_id, ordered.correlation_id)


async def test_what_was_done_while_the_owner_was_away_is_only_said_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, settle = [], JobOwner.settle

    async def away(owner: JobOwner, agency: str, queue: str, said: SettleJob) -> JobSettled:
        asked.append(said.delivered)
        if len(asked) == 1:
            raise StoreUnavailable("errands")
        return await settle(owner, agency, queue, said)

    monkeypatch.setattr(JobOwner, "settle", away)
    monkeypatch.setattr("services.kit.jobs.worker.AGAIN_SECONDS", 0.1)
    async with office.working():
        errand = await office.order()
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert (office.done, asked) == ([errand], [1, 2])


async def test_a_hundred_jobs_by_two_workers_each_once(office: Office) -> None:
    async with office.working(), office.working():
        wanted = set(await asyncio.gather(*(office.order() for _ in range(100))))
        await until(lambda: len(office.facts(ErrandDone)) == 100)
    assert set(office.done) == wanted
    assert len(office.done) == 100
    assert office.rows() == []


async def test_a_lane_that_fails_delays_itself_alone_and_is_paused_by_itself(office: Office) -> None:
    """Lanes come with data: each is paced, broken and paused like a queue of its own."""
    dead: set[UUID] = set()

    async def effect(_job: UUID, _agency: str, payload: Mapping[str, Any]) -> EffectDone:
        errand = UUID(payload["errand_id"])
        if errand in dead:
            return EffectDone("temporary", "server-away")
        office.done.append(errand)
        return EffectDone()

    dead |= {await office.order("post:mati") for _ in range(20)}
    async with office.working(effect, "post"):
        await until(
            lambda: "post:mati" in {name for name, (_, since) in job_rows(office.kit).look()[0].items() if since}
        )
        living = {await office.order("post:hidup") for _ in range(20)}
        await until(lambda: set(office.done) == living)
        await until(lambda: len(office.rows()) == len(dead))
        await office.operate("job-pause", queue="post:hidup", agency="pekalongan")
        waits = await office.order("post:hidup")
        other = await office.order("post:lain")
        await until(lambda: other in office.done)
        assert waits not in office.done
        await office.operate("job-resume", queue="post:hidup", agency="pekalongan")
        await until(lambda: waits in office.done)
        await office.operate("job-pause", queue="post", agency="pekalongan")
        stopped = await office.order("post:hidup")
        await asyncio.sleep(0.5)
        assert stopped not in office.done, "the whole queue with all its lanes"
    states = {each.queue: each for each in job_rows(office.kit).states(["post"])}
    assert states["post:mati"].broken_since is not None
    assert states["post:hidup"].paused == ("pekalongan",)
    assert office.follows()


async def test_a_job_waits_for_its_moment(office: Office) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    async with office.working():
        await office.order(not_before=soon)
        while True:
            done = list(office.done)
            if datetime.now(UTC) >= soon:
                break
            assert done == []
            await asyncio.sleep(0.02)
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert datetime.now(UTC) >= soon


async def test_a_temporary_failure_is_recorded_and_tried_again_until_it_works(office: Office) -> None:
    seen: list[UUID] = []

    async def third_time(job: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        seen.append(job)
        return EffectDone() if len(seen) == 3 else EffectDone("temporary", "server away")

    async with office.working(third_time):
        errand = await office.order()
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert seen == [job_of(errand)] * 3, "one id for the provider, however often it is tried"
    assert [fact.event.reason for fact in office.facts(ErrandTried)] == ["server away"] * 2
    assert office.rows() == []


async def test_an_effect_that_breaks_or_hangs_is_temporary(office: Office) -> None:
    seen: list[UUID] = []

    async def clumsy(job: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        seen.append(job)
        if len(seen) == 1:
            raise OSError("secret words of a server")
        if len(seen) == 2:
            await asyncio.sleep(60)
        return EffectDone()

    async with office.working(clumsy):
        await office.order()
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert [fact.event.reason for fact in office.facts(ErrandTried)] == ["OSError", "timeout"]


async def test_a_permanent_failure_settles_and_an_unknown_one_waits_for_a_person(office: Office) -> None:
    said = [EffectDone("permanent", "no such street"), EffectDone("unknown", "no answer")]

    async def speak(job: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        return said.pop(0)

    async with office.working(speak):
        await office.order()
        await until(lambda: len(office.facts(ErrandTried)) == 1)
        errand = await office.order()
        await until(lambda: any(row.state == "parked" for row in office.rows()))
    (row,) = office.rows()
    assert (row.job_id, row.reason) == (str(job_of(errand)), "no answer")


async def test_a_case_that_was_closed_meanwhile_is_gone(office: Office) -> None:
    errand = await office.order()
    await until(lambda: office.row(errand) is not None and office.row(errand).state == "sent")
    await do(office.kit, CloseErrand(errand_id=errand))
    async with office.working() as worker:
        await until(lambda: worker.health()["gone"] == 1)
    assert office.done == []
    assert office.rows() == []
    assert len(office.facts(ErrandClosed)) == 1


async def test_who_knows_the_contact_is_away_and_no_attempt_is_counted(office: Office) -> None:
    errands.SAID["away"] = 0.3
    async with office.working() as worker:
        errand = await office.order()
        await until(lambda: worker.health()["gone"] >= 2)
        row = office.row(errand)
        assert row is not None
        assert (row.tries, row.reason) == (0, "owner-away")
        errands.SAID.clear()
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert office.done == [errand]


async def test_a_contact_that_was_erased_is_recorded_as_permanent(office: Office) -> None:
    errands.SAID["erased"] = 1
    async with office.working():
        await office.order()
        await until(lambda: len(office.facts(ErrandTried)) == 1)
    assert office.done == []
    assert office.rows() == []


async def test_a_broken_queue_is_probed_and_not_flooded_and_heals(office: Office) -> None:
    tried: list[UUID] = []
    up = asyncio.Event()

    async def server(job: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        tried.append(job)
        return EffectDone() if up.is_set() else EffectDone("temporary", "down")

    async with office.working(server):
        await asyncio.gather(*(office.order() for _ in range(5)))
        await until(lambda: len(tried) >= 5)
        await until(lambda: state_of(office).broken_since is not None)
        broken = time.monotonic()
        await asyncio.gather(*(office.order() for _ in range(40)))
        await asyncio.sleep(2)
        assert len(tried) < 12 + 1.5 * (time.monotonic() - broken), "one at a time, with seconds in between"
        up.set()
        await until(lambda: len(office.facts(ErrandDone)) == 45)
    assert state_of(office).broken_since is None


def state_of(office: Office) -> Any:
    return next(each for each in job_rows(office.kit).states(["foot"]) if each.queue == "foot")


async def test_a_provider_s_rate_is_kept(office: Office) -> None:
    async with office.working(queue="horse"):
        began = time.monotonic()
        await asyncio.gather(*(office.order("horse") for _ in range(50)))
        await asyncio.sleep(0.5)
        done = len(office.done)
        assert done <= 21 + 20 * (time.monotonic() - began)
        await until(lambda: len(office.facts(ErrandDone)) == 50)


async def test_one_at_a_time_where_the_queue_says_so(office: Office) -> None:
    busy, most = 0, 0

    async def slow(job: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.05)
        busy -= 1
        return EffectDone()

    async with office.working(slow, "mast"):
        await asyncio.gather(*(office.order("mast") for _ in range(8)))
        await until(lambda: len(office.facts(ErrandDone)) == 8)
    assert most == 1


async def test_a_pause_holds_one_agency_and_survives_a_restart(office: Office) -> None:
    assert await office.operate("job-pause", queue="foot", agency="pekalongan") == 1
    mine, other = await office.order(), await office.order(agency="purbalingga")
    async with office.working():
        await until(lambda: len(office.facts(ErrandDone)) == 1)
        await asyncio.sleep(0.3)
    assert set(office.done) == {other}, "an answer that came late may have it done once more"
    row = office.row(mine)
    assert row is not None
    assert row.state == "waiting"
    assert await office.operate("job-resume", queue="foot", agency="pekalongan") == 1
    async with office.working():
        await until(lambda: len(office.facts(ErrandDone)) == 2)


async def test_many_wait_and_only_so_many_are_out(office: Office) -> None:
    await asyncio.gather(*(office.order() for _ in range(600)))
    await until(lambda: sum(row.state == "sent" for row in office.rows()) == 256)
    await asyncio.sleep(0.5)
    assert sum(row.state == "sent" for row in office.rows()) == 256
    info = await office.kit.bus.js.stream_info("JOB_ERRANDS")
    assert info.state.messages == 256


async def test_the_table_is_told_again_and_what_is_known_of_a_job_stays(office: Office) -> None:
    async def no(job: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        return EffectDone("unknown", "no answer")

    async with office.working(no):
        parked = await office.order()
        await until(lambda: any(row.state == "parked" for row in office.rows()))
    lost = await office.order("mast")
    with office.kit.engine.begin() as connection:
        connection.execute(text("DELETE FROM jobs WHERE queue = 'mast'"))
    assert await office.operate("retell-jobs") == 2
    assert office.follows()
    assert office.row(parked).state == "parked"
    async with office.working(queue="mast"):
        await until(lambda: office.done == [lost])


async def test_a_parked_job_is_tried_again_or_set_aside_in_its_own_agency_only(office: Office) -> None:
    said = [EffectDone("unknown", "no answer"), EffectDone("unknown", "no answer")]

    async def speak(job: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        return said.pop(0) if said else EffectDone()

    async with office.working(speak):
        first, second = await office.order(), await office.order()
        await until(lambda: sum(row.state == "parked" for row in office.rows()) == 2)
        other = {"agency": "purbalingga"}
        assert await office.operate("job-retry", job=str(job_of(first)), **other) == 0
        assert await office.operate("job-discard", job=str(job_of(first)), reason="x", **other) == 0
        listed = await office.operate("jobs", agency="pekalongan")
        assert {row["job_id"] for row in listed["jobs"]} == {str(job_of(first)), str(job_of(second))}
        assert (await office.operate("jobs", **other))["jobs"] == []
        assert await office.operate("job-retry", job=str(job_of(first)), agency="pekalongan") == 1
        await until(lambda: len(office.facts(ErrandDone)) == 1)
        assert await office.operate("job-discard", job=str(job_of(second)), agency="pekalongan", reason="moved") == 1
    assert office.rows() == []
    assert [fact.event.outcome for fact in office.facts(ErrandTried)] == ["unknown", "unknown", "permanent"]


async def test_the_console_lists_tries_again_discards_pauses_and_tells_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "JOBS", {"errands": {"foot": QueueTerms()}})
    migrate_service(office.settings, catalogue.build_of("organisation"), "organisation", office.kit.bus)  # notes deeds

    async def no(_job: UUID, _agency: str, _payload: Mapping[str, Any]) -> EffectDone:
        return EffectDone("unknown", "no answer")

    async def ask(operation: str, service: str = "", **said: Any) -> tuple[str, bool]:
        return await console.asked(office.settings, service, operation, said)

    async with office.working(no):
        first, second = await office.order(), await office.order()
        await until(lambda: sum(row.state == "parked" for row in office.rows()) == 2)
    told, whole = await ask("jobs")
    assert whole
    assert str(job_of(first)) in told
    assert "no answer" in told
    assert (await ask("job-pause", queue="foot")) == ("errands: 1", True)
    assert (await ask("job-retry", job=str(job_of(first))))[1]
    assert not (await ask("job-retry", job=str(uuid4())))[1]
    assert (await ask("job-discard", job=str(job_of(second)), reason="moved"))[1]
    assert not (await ask("job-discard", job=str(job_of(first)), reason=" "))[1]
    assert not (await ask("job-pause", queue="strange"))[1]
    assert (await ask("retell-jobs")) == ("errands: 1", True)
    with pytest.raises(typer.Exit) as none:
        await ask("jobs", service="intake")
    assert none.value.exit_code == 2
    async with office.working():
        await asyncio.sleep(0.5)
        assert office.done == []
        assert (await ask("job-resume", queue="foot"))[1]
        await until(lambda: office.done == [first])


async def test_verify_names_a_row_that_nothing_wants_and_a_job_without_a_row(office: Office) -> None:
    def finding() -> Finding:
        return Jobs.alone(office.settings, "errands", errands.STREAMS, errands.QUEUES)

    await office.operate("job-pause", queue="foot")  # the reason why both wait
    lost, posing = await office.order(), await office.order()
    assert finding().ok
    with office.kit.engine.begin() as connection:
        connection.execute(text("DELETE FROM jobs WHERE job_id = :job"), {"job": str(job_of(lost))})
        connection.execute(text("UPDATE jobs SET job_id = 'posing'"))
    said = finding().breaches
    assert any(f"tugas {job_of(lost)} diperlukan dan tidak punya baris" in each for each in said)
    assert any("posing: tidak ada yang memerlukan tugas ini" in each for each in said)
    assert any(str(job_of(posing)) in each for each in said)


async def test_verify_names_what_waits_without_a_reason_and_an_outcome_that_settled_nothing(office: Office) -> None:
    async with office.working():
        await office.order()
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    await office.operate("job-pause", queue="mast")
    late = await office.order("mast")
    with office.kit.engine.begin() as connection:
        connection.execute(text("DELETE FROM job_outcomes"))
        connection.execute(text("UPDATE jobs SET look_at = 1"))
    said = Jobs.alone(office.settings, "errands", errands.STREAMS, errands.QUEUES).breaches
    assert ["kata pekerja tercatat, padahal tidak menyelesaikan tugas apa pun" in each for each in said] == [True]
    with office.kit.engine.begin() as connection:  # the pause was the reason
        connection.execute(text("DELETE FROM job_pauses"))
        connection.execute(text("UPDATE jobs SET look_at = 1, state = 'sent'"))
    said = Jobs.alone(office.settings, "errands", errands.STREAMS, errands.QUEUES).breaches
    assert any(f"{job_of(late)}: keadaannya sent, dan sejak waktunya tiba tidak ada" in each for each in said)


async def test_poison_on_a_queue_holds_nobody(office: Office) -> None:
    js = office.kit.bus.js
    for body in (b"", b"\xff\x00", b"{}", b"[" * 10_000, orjson.dumps({"job_id": "x"})):
        await js.publish("job.pekalongan.errands.foot", body)
    strange = JobMessage(job_id=uuid4(), agency="pekalongan", service="errands", queue="foot", publication=1)
    await js.publish("job.pekalongan.errands.foot", strange.model_dump_json().encode())
    async with office.working():
        errand = await office.order()
        await until(lambda: len(office.facts(ErrandDone)) == 1)
        async with asyncio.timeout(10):
            while (await js.stream_info("JOB_ERRANDS")).state.messages:  # noqa: ASYNC110 - the broker tells nobody
                await asyncio.sleep(0.05)
    assert office.done == [errand]


async def test_a_full_stream_holds_the_jobs_and_loses_none(office: Office) -> None:
    js = office.kit.bus.js
    found = (await js.stream_info("JOB_ERRANDS")).config
    found.max_msgs = 3
    await js.update_stream(found)
    await asyncio.gather(*(office.order() for _ in range(10)))
    await until(lambda: sum(row.state == "sent" for row in office.rows()) == 3)
    async with office.working():
        await until(lambda: len(office.facts(ErrandDone)) == 10)
    assert len(set(office.done)) == 10


async def test_a_broker_that_has_forgotten_everything_is_told_again(office: Office, nats: Nats) -> None:
    errand = await office.order()
    await until(lambda: office.row(errand) is not None and office.row(errand).state == "sent")
    await asyncio.to_thread(nats.forget)
    async with office.working():
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert office.rows() == []


async def test_a_worker_that_never_answers_costs_its_message_and_not_the_job(office: Office) -> None:
    errand = await office.order()
    js = office.kit.bus.js
    deaf = await js.pull_subscribe("job.*.errands.foot", durable="foot", stream="JOB_ERRANDS")
    for _ in range(3):  # taken, and never acknowledged: the broker gives up on it
        with contextlib.suppress(TimeoutError):
            await deaf.fetch(1, timeout=3)
    await deaf.unsubscribe()
    async with office.working():
        await until(lambda: len(office.facts(ErrandDone)) == 1)
    assert office.done == [errand]
