"""Parked cases and other housekeeping from the console, over the bus. What changes something is noted first."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts import subjects
from contracts.organisation import NoteOperation
from contracts.words import DEPLOYMENT
from services.cli.noting import NotNoted, noted
from services.kit.bus.connection import Bus, BusError, NoResponder
from services.kit.operations.health import EVERYWHERE, request_operation
from services.kit.operations.stream_keeper import renew_stream
from services.kit.settings import Settings

REACTING = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")
NONE = "[]"
NOTHING_RUNS = "Tidak ada layanan yang berjalan."


async def operation(settings: Settings, service: str, name: str, body: Mapping[str, Any]) -> str:
    """The answer as JSON, or a sentence saying why there is none. It changes nothing, or has been noted."""
    try:
        bus = await Bus.connect(settings.broker_url, service="console", patience=3)
    except BusError:
        return NOTHING_RUNS
    try:
        return json.dumps(await request_operation(bus, service, name, body), indent=2, default=str)
    except BusError as error:
        return f"{service}: {error}"
    finally:
        await bus.close()


async def housekeeping(settings: Settings, doer: str, name: str, /, *, reason: str = "", **body: Any) -> str:
    """An operation that belongs to no agency: noted in the deployment's history, then done by a service."""
    of_service = str(body.get("service", doer))
    named = NoteOperation(operation=name, of_service=of_service, reason=reason[:500])
    try:
        note = await noted(settings, DEPLOYMENT, named)
    except NotNoted as why:
        return _not_noted(why)
    return await operation(settings, doer, name, {**body, "reason": reason, "note": note})


async def parked(settings: Settings, case: str, service: str, discard: str) -> str:
    """It is tried again, or set aside with the reason. The note stands in the history of the agency to which the case
    belongs.
    """
    if not service:
        return f"Sebutkan layanannya: --service {', '.join(REACTING[:-1])} atau {REACTING[-1]}."
    told = await operation(settings, service, "parked", {"agencies": EVERYWHERE})
    try:
        known = next((each for each in json.loads(told) if each["case_id"] == case), None)
    except json.JSONDecodeError:
        return told
    if known is None:
        return f"{service}: tidak ada kasus terparkir {case}."
    deed, agency = "discard" if discard else "replay", str(known["agency"])
    named = NoteOperation(
        operation=deed, of_service=service, parked=case, case_kind=str(known["kind"]), reason=discard[:500]
    )  # fmt: skip
    try:
        note = await noted(settings, DEPLOYMENT if agency == subjects.UNREADABLE else agency, named)
    except NotNoted as why:
        return _not_noted(why)
    body = {"agency": agency, "case": case, "reason": discard, "by": "console", "note": note}
    return await operation(settings, service, deed, body)


async def everything(settings: Settings) -> list[dict[str, Any]] | None:
    """All that is parked, each with the service where; one that has not answered says why. None: nothing runs."""
    told = {name: await operation(settings, name, "parked", {"agencies": EVERYWHERE}) for name in REACTING}
    if set(told.values()) == {NOTHING_RUNS}:
        return None
    found: list[dict[str, Any]] = []
    for name, said in told.items():
        try:
            found += [{"service": name, **each} for each in json.loads(said)]
        except json.JSONDecodeError:
            found.append({"service": name, "problem": said})
    return found


def in_words(cases: Sequence[Mapping[str, Any]], when: Callable[[str, str], str]) -> str:
    """A line a case; ``when``: the moment and the agency by whose clock it is told."""
    lines = [
        f"{each['service']}: {each['problem']}" if "problem" in each
        else f"{each['service']}: {each['case_id']} ({each['kind']}), {each['reason']}"
        f"{' ' if each['detail'] else ''}{each['detail']}, sejak {when(each['since'], each['agency'])},"
        f" {each['waiting']} peristiwa menunggu di belakangnya"
        for each in cases
    ]  # fmt: skip
    return "\n".join(lines) or "Tidak ada kasus terparkir."


async def refeed(settings: Settings, service: str) -> str:
    """Has a service's stream made anew; its relay, running or started later, feeds it from the store."""
    try:
        bus = await Bus.connect(settings.broker_url, service="console", patience=3)
    except BusError:
        return "Bus tidak dapat dihubungi."
    try:
        await noted(settings, DEPLOYMENT, NoteOperation(operation="refeed", of_service=service))
        await renew_stream(bus, service)
    except NotNoted as why:
        return _not_noted(why)
    except NoResponder:
        return "Tidak ada yang menjaga stream: jalankan `caraka streams`, lalu ulangi."
    except BusError as error:
        return f"Stream {subjects.stream_of(service)} tidak dapat dibuat ulang: {error}"
    finally:
        await bus.close()
    return f"Stream {subjects.stream_of(service)} dihapus; {service} mengisinya kembali dari catatannya."


def _not_noted(why: NotNoted) -> str:
    return f"Tidak dilakukan, karena tidak dapat dicatat di riwayat organisasi: {why}"
