"""Parked cases and other housekeeping from the console, over the bus."""

import json
from collections.abc import Mapping
from typing import Any

from contracts import subjects
from services.kit.bus.connection import Bus, BusError, NoResponder
from services.kit.operations.health import request_operation
from services.kit.operations.stream_keeper import renew_stream
from services.kit.settings import Settings

REACTING = ("intake", "approval", "dispatch")


async def operation(settings: Settings, service: str, name: str, body: Mapping[str, Any]) -> str:
    """The answer as JSON, or a sentence saying why there is none."""
    try:
        bus = await Bus.connect(settings.broker_url, service="console", patience=3)
    except BusError:
        return "Tidak ada layanan yang berjalan."
    try:
        return json.dumps(await request_operation(bus, service, name, body), indent=2, default=str)
    except BusError as error:
        return f"{service}: {error}"
    finally:
        await bus.close()


async def parked(settings: Settings, case: str, service: str, discard: str) -> str:
    """``case`` = ``list``: everything that is parked; else it is tried again, or set aside with the reason."""
    if case == "list":
        listed = [f"{name}: {await operation(settings, name, 'parked', {})}" for name in REACTING]
        return "\n".join(listed)
    if not service:
        return "Sebutkan layanannya: --service intake, approval atau dispatch."
    if discard:
        return await operation(settings, service, "discard", {"case": case, "reason": discard, "by": "console"})
    return await operation(settings, service, "replay", {"case": case})


async def refeed(settings: Settings, service: str) -> str:
    """Has a service's stream made anew; its relay, running or started later, feeds it from the store."""
    try:
        bus = await Bus.connect(settings.broker_url, service="console", patience=3)
    except BusError:
        return "Bus tidak dapat dihubungi."
    try:
        await renew_stream(bus, service)
    except NoResponder:
        return "Tidak ada yang menjaga stream: jalankan `caraka streams`, lalu ulangi."
    except BusError as error:
        return f"Stream {subjects.stream_of(service)} tidak dapat dibuat ulang: {error}"
    finally:
        await bus.close()
    return f"Stream {subjects.stream_of(service)} dihapus; {service} mengisinya kembali dari catatannya."
