"""``caraka store adopt``: a person goes on from a store that is behind what others have heard of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.console import settings_or_exit

if TYPE_CHECKING:
    from services.kit.settings import Settings

NOTING = "organisation"  # it writes no note before it writes again

store_app = typer.Typer(name="store", help="The services' event stores.", no_args_is_help=True)


@store_app.callback()
def store() -> None:
    """The services' event stores."""


@store_app.command("adopt")
def adopt(
    service: Annotated[
        str, typer.Argument(help="organisation, intake, approval or dispatch; `caraka doctor` says which")
    ],
    reason: Annotated[str, typer.Option(help="what happened, and why it may go on")],
    by: Annotated[str, typer.Option(help="who decides this")],
) -> None:
    """Lets a held service write again, from what its store holds. What it has lost stays lost; the decision is kept.

    Example: caraka store adopt intake --by budi --reason "disk rusak, dipulihkan dari salinan kemarin"
    """
    from services.cli.catalogue import WITH_STREAMS

    if service not in WITH_STREAMS:
        sys.stderr.write(f"Layanan tanpa catatan peristiwa: {service}. Yang punya: {', '.join(WITH_STREAMS)}\n")
        raise typer.Exit(2)
    told, done = asyncio.run(adopted(settings_or_exit(), service, by, reason))
    sys.stdout.write(f"{told}\n")
    if not done:
        raise typer.Exit(1)


async def adopted(settings: Settings, service: str, by: str, reason: str) -> tuple[str, bool]:
    """What was done, in sentences, and whether the service writes again. Noted first, where that can be written."""
    from contracts.organisation import NoteOperation
    from contracts.words import DEPLOYMENT
    from services.cli.noting import NotNoted, noted
    from services.cli.parking import REACTING, operation

    named = NoteOperation(operation="adopt-store", of_service=service, reason=f"{reason} ({by})"[:500])
    try:
        note = "" if service == NOTING else await noted(settings, DEPLOYMENT, named)
        body = {"service": service, "by": by, "reason": reason, "note": note}
        answer = await operation(settings, service, "adopt-store", body)
        found = _read(answer)
        if found is None:
            return answer, False
        body["note"] = note or await noted(settings, DEPLOYMENT, named)
    except NotNoted as why:
        return f"Tidak dapat dicatat di riwayat organisasi: {why}", False
    lost = ", ".join(found["lacked"])
    lines = [f"{service} menulis lagi dari posisi {found['head']}, epoch {found['epoch']}. Yang hilang: sampai {lost}."]
    chained = _read(audit := await operation(settings, "audit", "adopt", body))
    if chained is not None:
        lines.append(f"Rantai bukti dilanjutkan dari posisi {chained['common']}; {chained['lost']} peristiwa hilang.")
    else:
        lines.append(f"Rantai bukti belum dilanjutkan ({audit}): jalankan `caraka audit adopt {service}`.")
    others = [each for each in REACTING if each != service]
    answers = [await operation(settings, each, "follow-anew", {"source": service}) for each in others]
    late = [each for each, answer in zip(others, answers, strict=True) if _read(answer) is None]
    if late:
        lines.append(f"Belum mengikuti yang baru: {', '.join(late)}. Jalankan perintah ini sekali lagi nanti.")
    lines.append("Papan masih menunjukkan yang hilang: catat dahulu apa yang diulang, lalu `caraka rebuild all`.")
    return "\n".join(lines), True


def _read(answer: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(answer)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
