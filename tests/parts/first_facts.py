"""Waiting for what organisation states of the files when it starts: before, nobody has a role yet."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager

from services.kit.bus.connection import Bus
from services.kit.operations.health import ask_health
from tests.parts.ports import wait_until


def until_brought_in(
    bus: Callable[[], AbstractAsyncContextManager[Bus]], *, seconds: float, log: Callable[[], str]
) -> None:
    """``bus`` opens a connection; TimeoutError with the product's ``log``. A test may have a loop in this thread."""

    async def brought_in() -> bool:
        async with bus() as opened:
            reports = await ask_health(opened, seconds=1.0, enough=("organisation",))
        told = [report.parts["standards"]["state"] for report in reports if report.service == "organisation"]
        return any(state != "importing" for state in told)

    with ThreadPoolExecutor(1) as apart:
        wait_until(
            lambda: apart.submit(asyncio.run, brought_in()).result(),
            seconds=seconds,
            what="what the files say",
            log=log,
        )
