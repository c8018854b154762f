"""``caraka jobs``: effects on the outside world that wait, are out, or are parked; asked of the running services."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.clock import told_at
from services.cli.console import AsJson, say, say_json, settings_or_exit

if TYPE_CHECKING:
    from services.kit.settings import Settings

jobs_app = typer.Typer(name="jobs", help="Effects on the outside world: what waits, and why.", no_args_is_help=True)
Service = Annotated[str, typer.Option(help="the service that owns it; where only one has jobs it need not be named")]
Agency = Annotated[str, typer.Option(help="only jobs of this agency")]


@jobs_app.callback()
def jobs() -> None:
    """Effects on the outside world, as they stand in the stores."""


@jobs_app.command("list")
def listed(
    service: Service = "",
    agency: Agency = "",
    whole: Annotated[bool, typer.Option("--all", help="also what only waits or is out")] = False,  # noqa: FBT002 - typer's way
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Tells of each queue what waits, and of each parked job why.

    Example: caraka jobs list --all
    """
    settings = settings_or_exit()
    answers = asyncio.run(looked(settings, service, {"agency": agency, "all": whole}))
    answered = any(_did(answer) for answer in answers.values())
    if as_json:
        read = {name: json.loads(answer) if _did(answer) else {"problem": answer} for name, answer in answers.items()}
        say_json({"services": read}, ok=answered)
    else:
        when = partial(told_at, settings=settings)
        say("\n".join(listed_words(name, answer, when) for name, answer in answers.items()))
    raise typer.Exit(0 if answered else 1)


@jobs_app.command("retry")
def retry(
    job: Annotated[str, typer.Argument(help="its id, from the list")], service: Service = "", agency: Agency = ""
) -> None:
    """Sends a parked job once more, now.

    Example: caraka jobs retry 2f0d…
    """
    _told(service, "job-retry", {"job": job, "agency": agency})


@jobs_app.command("discard")
def discard(
    job: Annotated[str, typer.Argument(help="its id, from the list")],
    reason: Annotated[str, typer.Option(help="why it will not be done")],
    service: Service = "",
    agency: Agency = "",
) -> None:
    """Says that a job will never be done; the case hears of it as a permanent failure.

    Example: caraka jobs discard 2f0d… --reason "kotak surat dihapus"
    """
    _told(service, "job-discard", {"job": job, "agency": agency, "reason": reason})


@jobs_app.command("pause")
def pause(queue: str, service: Service = "", agency: Agency = "") -> None:
    """Sends nothing of a queue until it is resumed, also after a restart.

    Example: caraka jobs pause mail --agency pekalongan
    """
    _told(service, "job-pause", {"queue": queue, "agency": agency})


@jobs_app.command("resume")
def resume(queue: str, service: Service = "", agency: Agency = "") -> None:
    """Lets a paused queue go on.

    Example: caraka jobs resume email
    """
    _told(service, "job-resume", {"queue": queue, "agency": agency})


@jobs_app.command("retell")
def retell(service: Service = "") -> None:
    """Writes the table of jobs anew from the events, after a loss. What is known of a job stays.

    Example: caraka jobs retell --service notifications
    """
    _told(service, "retell-jobs", {})


def _told(service: str, operation: str, said: dict[str, Any]) -> None:
    told, whole = asyncio.run(asked(settings_or_exit(), service, operation, said))
    sys.stdout.write(f"{told}\n")
    if not whole:
        raise typer.Exit(1)


async def looked(settings: Settings, service: str, said: dict[str, Any]) -> Mapping[str, str]:
    """What each service answers: its list in JSON, or a sentence why there is none."""
    return {name: await _looked(settings, name, "jobs", said) for name in _services(service)}


def _services(service: str) -> list[str]:
    """Those that have queues. Ends with status 2 where the one named has none."""
    from services.cli.catalogue import JOBS

    if service and service not in JOBS:
        sys.stderr.write(f"Layanan tanpa antrean: {service}. Yang punya: {', '.join(JOBS)}\n")
        raise typer.Exit(2)
    return [service] if service else list(JOBS)


async def asked(settings: Settings, service: str, operation: str, said: dict[str, Any]) -> tuple[str, bool]:
    """A line for each service, and whether one of them did what was asked."""
    answers = [(name, await _done(settings, name, operation, said)) for name in _services(service)]
    lines = [f"{name}: {answer}" for name, answer in answers]
    if operation != "retell-jobs" and all(answer == "0" for _, answer in answers):
        lines = ["Tidak ada tugas atau antrean dengan nama itu: lihat `caraka jobs list`."]
    return "\n".join(lines), any(_did(answer) for _, answer in answers)


STATES = {"waiting": "menunggu", "sent": "sedang dikerjakan", "parked": "terparkir", "discarded": "dikesampingkan"}


def listed_words(service: str, answer: str, when: Callable[[str], str]) -> str:
    """A line a queue and a line a job; what is no list is a sentence already."""
    try:
        found = json.loads(answer)
    except json.JSONDecodeError:
        return f"{service}: {answer}"
    lines = []
    for each in found["queues"]:
        said = [f"{words} {each[name]}" for name, words in STATES.items()]
        if each["oldest_at"] and each["waiting"]:
            said.append(f"yang tertua sejak {when(each['oldest_at'])}")
        if each["broken_since"]:
            said.append(f"gagal sejak {when(each['broken_since'])}")
        if each["paused"]:
            said.append("dijeda" if "*" in each["paused"] else f"dijeda untuk {', '.join(each['paused'])}")
        lines.append(f"{service} {each['queue']}: {', '.join(said)}")
    lines += [
        f"  {job['job_id']} ({job['queue']}, {job['agency']}): {STATES.get(job['state'], job['state'])}, "
        f"dicoba {job['tries']} kali{': ' if job['reason'] else ''}{job['reason']}"
        for job in found["jobs"]
    ]
    return "\n".join(lines)


async def _looked(settings: Settings, service: str, operation: str, said: dict[str, Any]) -> str:
    from services.cli.parking import operation as ask

    return await ask(settings, service, operation, {**said, "by": "console"})


async def _done(settings: Settings, service: str, operation: str, said: dict[str, Any]) -> str:
    """Noted first, in the history of the agency whose job it is; what is done to a whole queue or table of all agencies
    in the deployment's.
    """
    from contracts.organisation import NoteOperation
    from contracts.words import DEPLOYMENT
    from services.cli.noting import NotNoted, noted

    said = {**said, "agency": said.get("agency", "")}
    queue = str(said.get("queue", ""))
    if job := str(said.get("job", "")):
        listed = await _looked(settings, service, "jobs", {"agency": said["agency"], "all": True})
        if not _did(listed):
            return listed
        known = [each for each in json.loads(listed)["jobs"] if each["job_id"] == job]
        if not known:
            return "0"
        said["agency"], queue = known[0]["agency"], known[0]["queue"]
    agency = str(said["agency"]) or DEPLOYMENT
    what = f"job:{job}" if job else f"queue:{queue}" if queue else "jobs"
    named = NoteOperation(
        operation=operation, of_service=service, parked=f"{agency}/{what}", case_kind=queue,
        reason=str(said.get("reason", ""))[:500],
    )  # fmt: skip
    try:
        note = await noted(settings, agency, named)
    except NotNoted as why:
        return f"Tidak dilakukan, karena tidak dapat dicatat di riwayat organisasi: {why}"
    return await _looked(settings, service, operation, {**said, "note": note})


def _did(answer: str) -> bool:
    """A number says how many; anything else that is JSON is an answer; a sentence says why there is none."""
    try:
        found = json.loads(answer)
    except json.JSONDecodeError:
        return False
    return not isinstance(found, int) or found > 0
