"""Pages of a cleaned upload as pictures, drawn in the sandbox whenever somebody looks: a picture that is kept would
outlive the person whose file it is.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from services.kit.sandbox import Sandbox, SandboxFailure

DRAWING = "services.kit.drawing"
HEAD_BYTES = 128
IN_MEMORY = 256 * 1024
MOST_PAGE = 65_535


@dataclass(frozen=True, slots=True)
class Drawn:
    """``form``: pages, picture, file. ``pages``: how many there are; 0: it cannot be shown. ``why``: why not, a slug.

    ``picture``: a JPEG; empty where there is no such page.
    """

    form: str = "file"
    pages: int = 0
    why: str = ""
    picture: bytes = b""


class UploadDrawer:
    """``sandbox``: `drawing_sandbox`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def draw(self, parts: AsyncIterator[bytes], page: int) -> Drawn:
        """One page, counted from 1. Raises what reading the parts raises."""
        with SpooledTemporaryFile(IN_MEMORY) as source, SpooledTemporaryFile(IN_MEMORY) as sink:
            source.write(min(max(page, 0), MOST_PAGE).to_bytes(2, "big"))
            async for part in parts:
                source.write(part)
            size, into = source.tell(), cast("BinaryIO", sink)
            try:
                head = await self._sandbox.call_file(
                    f"{DRAWING}:draw", cast("BinaryIO", source), size, into, HEAD_BYTES
                )
            except SandboxFailure as failure:
                heavy = failure.reason in {"memory", "timeout"}
                return Drawn(why="too-heavy" if heavy else "unreadable")
            told = json.loads(head)
            sink.seek(0)
            return Drawn(told["form"], told["pages"], told.get("why", ""), sink.read())


def drawing_sandbox() -> Sandbox:
    """A page of a scan takes about 100 MB, a photo of 50 megapixels about 700."""
    return Sandbox(
        preload=(DRAWING,), memory_bytes=1_000_000_000, cpu_seconds=20, wall_seconds=25, output_bytes=60_000_000
    )
