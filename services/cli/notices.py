"""``caraka why-notice``: of one fact, whom each route told by which way, and why nobody; the running service says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from services.cli.clock import at_the_office
from services.cli.console import AsJson, say, say_json, settings_or_exit

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.notifications import ToldOrNot, WhyNoticeAnswer
    from services.kit.settings import Settings

WHY = {
    "off": "rute ini dimatikan: tanpa cara kirim",
    "nobody": "kejadian ini tidak menyebut siapa pun",
    "no-seat": "belum ada jabatan yang ditunjuk untuk unit penerima ini (notify_units)",
    "told-already": "sudah diberi kabar oleh rute lain untuk kejadian yang sama",
    "hook-suspended": "webhook ini dihentikan lebih dari 30 hari",
    "value-empty": "templatnya memakai isian yang kosong",
    "lost": "pemberitahuannya tidak ditemukan",
}
FORM = "%Y-%m-%d %H.%M.%S"
NOTHING_RUNS = "Tidak ada layanan yang berjalan."


def why_notice(
    event: Annotated[UUID, typer.Argument(help="the fact's id, from a case's history or the log of notices")],
    agency: Annotated[str, typer.Option(help="whose fact it is")],
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Tells whom a fact was told to, by which way, and why somebody was not.

    Example: caraka why-notice 2f0d… --agency pekalongan
    """
    settings = settings_or_exit()
    answer = asyncio.run(asked(settings, agency, event))
    if isinstance(answer, str):
        say_json({"sentence": answer}, ok=False) if as_json else say(answer)
        raise typer.Exit(1)
    when = partial(at_the_office, settings=settings, agency=agency, form=FORM)
    say_json(answer.model_dump(mode="json"), ok=answer.known) if as_json else say(in_words(answer, when))
    raise typer.Exit(0 if answer.known else 1)


async def asked(settings: Settings, agency: str, event: UUID) -> WhyNoticeAnswer | str:
    """The answer, or why there is none."""
    from contracts.notifications import WhyNotice, WhyNoticeAnswer
    from services.kit.bus.connection import Bus, BusError

    try:
        bus = await Bus.connect(settings.broker_url, service="console", patience=3)
    except BusError:
        return NOTHING_RUNS
    try:
        return await bus.query(agency, WhyNotice(event_id=event), WhyNoticeAnswer, timeout=10)
    except BusError as error:
        return f"notifications: {error}"
    finally:
        await bus.close()


def in_words(answer: WhyNoticeAnswer, when: Callable[[datetime | None], str]) -> str:
    if not answer.known:
        return "Kejadian ini tidak diberitakan: tidak ada rute yang berlaku untuk jenisnya, atau belum terdengar."
    head = f"{answer.event_kind}, {when(answer.happened_at)}, rute versi {answer.rules}"
    return "\n".join([head, *(line for each in answer.told for line in _of(each, when))])


def _of(each: ToldOrNot, when: Callable[[datetime | None], str]) -> list[str]:
    if each.notice_id is None:
        return [f"  {each.audience} ({each.template}): {WHY.get(each.why, each.why)}"]
    whom = each.position or each.person_id or f"webhook {each.hook_id}"
    lines = [f"  {each.audience} ({each.template}): {whom}, cara {' → '.join(each.channels)}"]
    for step in each.steps:
        more = " ".join(filter(None, (step.channel, step.reason, step.by)))
        lines.append(f"    {when(step.at)} {step.what} {more}".rstrip())
    return lines
