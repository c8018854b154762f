"""What a person asks of a service's jobs: what waits and why, once more, never, told again, a queue stopped or let go.

What he does to jobs he does in one agency (``agency``; the console: in all), under his name (``by``), and it has been
noted in the history before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.kit.jobs.owner import JobOwner
from services.kit.jobs.rows import EVERY_AGENCY, JobRow, JobRows
from services.kit.operations.health import OperationHandler, noted
from services.kit.service import carried_by
from services.kit.store.jobtable import DISCARDED, PARKED, SENT, WAITING

Said = Mapping[str, Any]
EVERY_STATE = (PARKED, DISCARDED, SENT, WAITING)
MOST = 200
"""Jobs in one answer: a message of the bus has a limit."""


def operations(
    queues: Sequence[str],
    rows: JobRows,
    owner: JobOwner,
    ring: Callable[[], None],
    retell: Callable[[], int],
) -> Mapping[str, OperationHandler]:
    """``jobs``, ``jobs-page`` (of `JobRows.listed`), ``job-retry``, ``job-discard``, ``job-pause``, ``job-resume``,
    ``retell-jobs``. ``ring`` wakes the dispatcher.
    """

    async def listed(said: Said) -> Any:
        agency = _agency(said)
        states = await asyncio.to_thread(rows.states, queues, agency)
        jobs = await asyncio.to_thread(rows.listed, _wanted(said), agency)
        return {"queues": [asdict(each) for each in states], "jobs": [_shown(each) for each in jobs]}

    async def retry(said: Said) -> Any:
        done = await asyncio.to_thread(rows.retry, str(said["job"]), _agency(said))
        ring()
        return int(done)

    async def discard(said: Said) -> Any:
        if not str(said["reason"]).strip():
            raise ValueError("a reason is needed")
        return int(await owner.discard(str(said["job"]), _agency(said), str(said["reason"])))

    async def pause(said: Said) -> Any:
        queue = _queue(said)
        await asyncio.to_thread(rows.pause, queue, _agency(said) or EVERY_AGENCY, str(said["by"]))
        return 1

    async def resume(said: Said) -> Any:
        queue = _queue(said)
        done = await asyncio.to_thread(rows.resume, queue, _agency(said) or EVERY_AGENCY)
        ring()
        return int(done)

    async def told(_: Said) -> Any:
        count = await asyncio.to_thread(retell)
        ring()
        return count

    def _queue(said: Said) -> str:
        if carried_by(str(said["queue"])) not in queues:
            raise LookupError("no such queue")
        return str(said["queue"])

    deeds = {"job-retry": retry, "job-discard": discard, "job-pause": pause, "job-resume": resume, "retell-jobs": told}
    return {"jobs": listed, "jobs-page": _pages(rows)} | {name: noted(deed) for name, deed in deeds.items()}


def _pages(rows: JobRows) -> OperationHandler:
    async def page(said: Said) -> Any:
        """``after``: [moment in µs, id] of the last job known; ``job``: only this one."""
        after = said.get("after")
        found = await asyncio.to_thread(
            rows.listed,
            _wanted(said),
            _agency(said),
            min(int(said.get("limit", MOST)), MOST),
            job_id=str(said.get("job", "")),
            queue=str(said.get("queue", "")),
            after=(int(after[0]), str(after[1])) if after else None,
        )
        return [_shown(each) for each in found]

    return page


def _agency(said: Said) -> str | None:
    return str(said["agency"]) if said.get("agency") else None


def _wanted(said: Said) -> tuple[str, ...]:
    """``states``: of these; ``all``: of every; else what is parked."""
    if said.get("states"):
        return tuple(str(state) for state in said["states"])
    return EVERY_STATE if said.get("all") else (PARKED,)


def _shown(row: JobRow) -> dict[str, Any]:
    told = asdict(row)
    for inner in ("body", "correlation_id", "causation_id", "traceparent"):
        told.pop(inner)
    return told
