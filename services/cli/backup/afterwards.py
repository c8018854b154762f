"""What is done to stores that came back, before anybody hears of them: the office goes on, and does nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import orjson
from sqlalchemy import Engine, inspect, text

from contracts.base import Ask, Command
from contracts.dispatch import CopyDelivered, CopyTransmitted, DispatchPlanned
from contracts.organisation import EraseSubject, NoteOperation
from contracts.words import DEPLOYMENT
from services.audit.views import Chains
from services.audit.views.adopting import adopt
from services.cli.backup.making import KEPT
from services.cli.catalogue import JOBS, WITH_STREAMS, build_of
from services.cli.clock import at_the_office
from services.cli.invariants.ground import Finding, Step
from services.cli.verify import verify
from services.kit.backup.cut import Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import Manifest
from services.kit.database import engine_of, place_of
from services.kit.runtime.hold import Judgement
from services.kit.runtime.run import on_the_spot
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.kit.store import open_log, open_store, schema
from services.kit.store.opening import Adoption
from services.kit.store.timetable import micros
from services.organisation.adapters.console import CONSOLE

PAUSED_BY = "restore"
WHY_PARKED = "restored"
SHOWN = 5
ERASED_SINCE = "Dihapus sesudah cadangan ini dibuat; dihapus lagi saat dipulihkan."

PARK = (
    "UPDATE jobs SET state = 'parked', reason = :why"
    " WHERE state = 'sent' OR (state = 'waiting' AND (not_before <= :now OR tries > 0))"
)
PAUSE = (
    "INSERT INTO job_pauses (queue, agency, paused_at, paused_by) VALUES (:queue, '*', :now, :by)"
    " ON CONFLICT DO NOTHING"
)
MARKS = "UPDATE reaction_marks SET epoch = :epoch WHERE source = :source AND store = :store AND position <= :head"
STRAY = "DELETE FROM reaction_marks WHERE source = :source AND epoch <> :epoch"


class Timed:
    """How many seconds each stage took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[stage] = round(time.monotonic() - began, 3)


@contextmanager
def _tables(settings: Settings, service: str) -> Iterator[Engine]:
    engine = engine_of(place_of(settings, service), pool_size=1)
    try:
        yield engine
    finally:
        engine.dispose()


def next_epoch(settings: Settings, manifest: Manifest, at: datetime, by: str) -> None:
    """Every store is another one from here on, and says from which backup it came.

    Whoever followed a store up to the cut goes on from there, under its new epoch: the cut has all of them at one
    moment. The evidence keeps its chain and closes the old epoch.
    """
    reason, moment = f"dipulihkan dari cadangan {manifest.name}", at.isoformat(timespec="seconds")
    heads = {}
    for service in KEPT:
        store = open_store(settings, service)
        try:
            if service in WITH_STREAMS:
                head = manifest.heads[service].head
                heads[service] = (store.adopt(Adoption(moment, by, reason, head, ())), head)
            with store.locked() as transaction:
                transaction.execute(schema.RESTORED, (manifest.name, manifest.cut_at.isoformat(), moment))
        finally:
            store.close()
    for service in KEPT:
        with _tables(settings, service) as engine:
            if not inspect(engine).has_table("reaction_marks"):
                continue
            with engine.begin() as connection:
                for source, (name, head) in heads.items():
                    told = {"epoch": name.epoch, "source": source}
                    connection.execute(text(MARKS), {**told, "store": name.store, "head": head})
                    connection.execute(text(STRAY), told)
    with _tables(settings, "organisation") as engine, engine.begin() as connection:
        connection.execute(text("DELETE FROM sessions"))
        connection.execute(text("DELETE FROM access_seals WHERE kind = 'session'"))
    with _tables(settings, "audit") as engine:
        for service in WITH_STREAMS:
            _chain_on(engine, settings, service, by=by, reason=reason, at=moment)


def _chain_on(engine: Engine, settings: Settings, service: str, **why: str) -> None:
    log = open_log(settings, service)
    try:
        adopt(engine, Chains(engine, _now), service, log, **why)
    except LookupError:
        return  # nothing was chained yet
    finally:
        log.close()


def hold_jobs(settings: Settings, at: datetime) -> int:
    """How many wait for a person now: what was out, or due, at the cut may have been done by the product that is gone.

    All queues are paused besides: what follows now from facts that had not been reacted to may have been done too.
    """
    count, now = 0, micros(at)
    for service, queues in JOBS.items():
        with _tables(settings, service) as engine, engine.begin() as connection:
            count += connection.execute(text(PARK), {"why": WHY_PARKED, "now": now}).rowcount
            for queue in queues:
                connection.execute(text(PAUSE), {"queue": queue, "now": now, "by": PAUSED_BY})
    return count


def erase_again(settings: Settings, key_ids: set[str], manifest: Manifest, at: datetime) -> int:
    """Who was erased after the backup stays erased: his keys are destroyed, and the history says so. How many."""
    keys = open_keys(settings)
    try:
        subjects = {
            (owner[0], owner[2])
            for key_id in sorted(key_ids - keys.destroyed(key_ids))
            if (owner := keys.owner_of(key_id)) is not None
        }
        for agency, subject_id in sorted(subjects):
            keys.destroy(agency, subject_id)
    finally:
        keys.dispose()
    asks = [
        asked(
            f"{manifest.name}/erase/{agency}/{subject}",
            agency,
            EraseSubject(subject_id=subject, reason=ERASED_SINCE),
            at,
        )
        for agency, subject in sorted(subjects)
    ]
    state(settings, "organisation", asks)
    return len(subjects)


def asked(name: str, agency: str, command: Command, at: datetime) -> Ask:
    """The same name is the same command: a restore that is made again says it once."""
    identity = uuid5(NAMESPACE_OID, name)
    return Ask(
        command_id=identity, agency=agency, kind=command.kind(), actor=CONSOLE, asked_at=at, correlation_id=identity,
        body=command.model_dump(mode="json"),
    )  # fmt: skip


def state(settings: Settings, service: str, asks: Sequence[Ask]) -> None:
    """The service's own writer takes them. Raises BackupFault where it refuses one."""
    if not asks:
        return

    async def work() -> None:
        async def standing(_log: object) -> Judgement:
            return Judgement(())  # nobody else has heard of this store

        async with on_the_spot(settings, build_of(service), service, standing) as kit:
            for ask in asks:
                outcome = await kit.execute(ask)
                if code := getattr(outcome, "code", ""):
                    raise BackupFault("refused", f"{service} menolak {ask.kind}: {code}")

    in_a_loop(work())


def in_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def note(settings: Settings, manifest: Manifest, by: str) -> None:
    """In the deployment's own history."""
    command = NoteOperation(operation="restore", of_service="organisation", reason=f"{manifest.name} ({by})"[:500])
    state(settings, "organisation", [asked(str(uuid4()), DEPLOYMENT, command, _now())])


def verified(settings: Settings, tell: Tell) -> list[Finding]:
    """All invariants on what came back, and the views built, side by side; mailboxes are not asked, they are others'
    machines.
    """
    return list(in_a_loop(verify(settings, progress=_steps(tell), mailboxes={}, patience=0.0, build_views=True)))


def _steps(tell: Tell) -> Callable[[Step], None]:
    return lambda step: tell(step.stage, step.done, step.total)


def last_delivered(settings: Settings) -> list[str]:
    """The last deliveries that it knows, the newest first: moment, number and addressee, as on their papers."""
    kinds = ", ".join(f"'{kind.kind()}'" for kind in (CopyDelivered, CopyTransmitted))
    store = open_store(settings, "dispatch", reader=True)
    column = "notification_id" if store.shared else "rowid"
    newest = f"FROM {{s}}stored_events WHERE topic IN ({kinds}) ORDER BY {column} DESC LIMIT {SHOWN}"
    planned = f"topic = '{DispatchPlanned.kind()}'"
    try:
        rows = store.read(f"SELECT state {newest}")
        of_them = f"originator_id IN (SELECT originator_id FROM (SELECT originator_id {newest}) AS newest)"  # noqa: S608 - words of ours
        plans = store.read(f"SELECT state FROM {{s}}stored_events WHERE {planned} AND {of_them}")  # noqa: S608 - same
    finally:
        store.close()
    papers = {
        copy["copy_id"]: f"nomor {plan['agenda']} untuk {copy['office']}"
        for plan in (orjson.loads(bytes(row[0]))["data"] for row in plans)
        for copy in plan["copies"]
    }
    said = [orjson.loads(bytes(row[0])) for row in rows]
    when = [at_the_office(datetime.fromisoformat(each["time"]), settings) for each in said]
    what = [papers.get(each["data"]["copy_id"], "tanpa nomor") for each in said]
    return [f"{moment}, {paper}" for moment, paper in zip(when, what, strict=True)]


def _now() -> datetime:
    from services.kit.runtime.kit import now

    return now()
