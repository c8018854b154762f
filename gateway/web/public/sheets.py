"""Public sheets as PDF. A crowd costs what one reader costs: who asks for the same sheet at the same time shares one
question, what has been read from the disk is kept, and few questions are open at once, so that others have their turn.
"""

import asyncio
from collections import OrderedDict

from contracts import organisation as o
from contracts.offices import StandardSheetAnswer
from contracts.words import BlobRef
from gateway.edge.client import ServiceClient
from gateway.edge.problems import Problem
from services.kit.blobs import BlobLost, Blobs

SECONDS = 30.0
MOST_ASKED = 8
KEPT_BYTES = 16 * 1024 * 1024
Wanted = tuple[str, str | None]


class Sheets:
    def __init__(self, client: ServiceClient, blobs: Blobs) -> None:
        self._client = client
        self._blobs = blobs
        self._asking: dict[Wanted, asyncio.Task[bytes]] = {}
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    async def of(self, agency: str, standard: str | None) -> bytes:
        """The PDF of a standard in force; None: of the pledge. Raises Problem 404, 503."""
        wanted = (agency, standard)
        asking = self._asking.get(wanted)
        if asking is None:
            if len(self._asking) >= MOST_ASKED:
                raise Problem("gateway.busy", 503, seconds=3)
            asking = self._asking[wanted] = asyncio.create_task(self._asked(*wanted))
            asking.add_done_callback(lambda _: self._asking.pop(wanted, None))
        return await asyncio.shield(asking)

    async def _asked(self, agency: str, standard: str | None) -> bytes:
        query = o.StandardSheet(standard=standard)
        blob = (await self._client.ask_for(agency, query, StandardSheetAnswer, seconds=SECONDS)).blob
        if blob is None:
            raise Problem("gateway.not-found", 404)
        return await self._read(agency, blob)

    async def _read(self, agency: str, blob: BlobRef) -> bytes:
        name = (agency, blob.sha256)
        found = self._kept.get(name)
        if found is None:
            try:
                found = await self._blobs.get(agency, blob)
            except BlobLost as error:
                raise Problem("gateway.blob-lost", 500) from error
            self._kept[name] = found
            while sum(map(len, self._kept.values())) > KEPT_BYTES and len(self._kept) > 1:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return found
