"""What a product in trouble says of it: readiness, the doctor, the log; and that no error of ours was shown."""

import httpx

from tests.faults.load import Load
from tests.parts.product import Product

BUGS = ('"event": "bus.bug"', '"event": "request.bug"', '"event": "loop.unhandled"')


async def readiness(product: Product) -> str:
    """What ``/readyz`` says; "" when it is ready."""
    async with product.client() as client:
        try:
            answer = await client.get("/readyz")
        except httpx.TransportError as error:
            return type(error).__name__
    return "" if answer.status_code == httpx.codes.OK else answer.text


def doctor(product: Product) -> str:
    """What it says; it must not find all well, nor fall."""
    status, said = product.try_command("doctor")
    assert status == 1, said
    assert "Traceback" not in said
    return said


def unfaulted(load: Load, since: int = 0) -> None:
    """Nobody was told of a bug, and none is in the log beyond what it said before (``since``: `bugs` of then)."""
    assert not load.said["500"], load.answered()
    found = bugs(load.product)[since:]
    assert not found, found[0]


def bugs(product: Product) -> list[str]:
    return [line for line in product.said().splitlines() if any(bug in line for bug in BUGS)]
