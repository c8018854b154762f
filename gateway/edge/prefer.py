"""``Prefer: wait`` (RFC 7240) on a command: its answer comes when the views have what was written.

The other way beside ``?after=`` to read one's own write. What is committed is committed: when the views take longer, or
are away, the answer comes all the same, without ``Preference-Applied``, and its ``after`` serves as ever.
"""

import asyncio
import re
import time

from fastapi import Request, Response

from contracts.projections import ViewsCover, ViewsCoverAnswer
from gateway.edge.client import ServiceClient
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem

DEFAULT_SECONDS = 5
MOST_SECONDS = 30
AGAIN_SECONDS = 0.1  # the views may say no at once: only so many may wait there
WAIT = re.compile(r'wait(?:[ \t]{0,9}=[ \t]{0,9}"?([0-9]{1,9})"?)?')


def wait_of(request: Request) -> int | None:
    """Seconds; None: not asked for. A preference that nobody understands is ignored, as the RFC has it."""
    for said in ",".join(request.headers.getlist("prefer")).split(","):
        found = WAIT.fullmatch(said.partition(";")[0].strip().lower())
        if found is not None:
            return min(int(found[1]), MOST_SECONDS) if found[1] else DEFAULT_SECONDS
    return None


async def wait_as_preferred(
    client: ServiceClient, visitor: Visitor, request: Request, response: Response, after: str
) -> None:
    """``after``: what was written."""
    seconds = wait_of(request)
    if seconds is None:
        return
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        try:
            shown = await client.ask(visitor, ViewsCover(after=after), ViewsCoverAnswer, seconds=left)
        except Problem:
            return
        if shown.covered:
            response.headers["Preference-Applied"] = "wait"
            return
        await asyncio.sleep(min(AGAIN_SECONDS, left))
