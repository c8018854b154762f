"""Has uploads cleaned in the sandbox. Neither the file nor what comes of it is ever whole in this process."""

from __future__ import annotations

from os import SEEK_END
from typing import BinaryIO, Literal

from services.kit.sandbox import Sandbox, SandboxFailure
from services.kit.uploads import images, office, pdf
from services.kit.uploads.cleaning import HEAD_BYTES

MOST_BYTES = 25 * 1024 * 1024
CLEANING = "services.kit.uploads.cleaning"
KINDS: tuple[str, ...] = (*images.FORMS, pdf.MEDIA_TYPE, *office.MEDIA_TYPES)
"""Every media type that can come of an upload."""
Reason = Literal["empty", "kind", "locked", "too-large", "unreadable"]
REASONS: dict[str, Reason] = {
    "UnknownKind": "kind",
    "TooLarge": "too-large",
    "Locked": "locked",
    "Unreadable": "unreadable",
}


class UploadRefused(Exception):
    """It is not taken; ``reason`` is a slug."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class UploadCleaner:
    """``sandbox``: `upload_sandbox`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def clean(self, source: BinaryIO, sink: BinaryIO) -> str:
        """Writes the clean file to ``sink``; its media type. Raises UploadRefused; SandboxFailure "refused" where no
        child can be had at all.
        """
        size = source.seek(0, SEEK_END)
        if not 0 < size <= MOST_BYTES:
            raise UploadRefused("too-large" if size else "empty")
        try:
            head = await self._sandbox.call_file(f"{CLEANING}:clean", source, size, sink, HEAD_BYTES)
        except SandboxFailure as failure:
            raise _refused(failure) from failure
        sink.seek(0)
        return head.decode("ascii").strip()


def _refused(failure: SandboxFailure) -> Exception:
    """A file that breaks its reader is unreadable; that nothing can be read at all is nobody's fault."""
    if failure.reason == "refused":
        return UploadRefused("too-large") if failure.detail == "output" else failure
    if failure.reason in {"memory", "timeout"}:
        return UploadRefused("too-large")
    return UploadRefused(REASONS.get(failure.detail, "unreadable"))


def upload_sandbox(*, at_once: int = 2) -> Sandbox:
    """The limits under which uploads are read: a photo of 50 megapixels takes about 500 MB."""
    return Sandbox(
        preload=(CLEANING,),
        memory_bytes=900_000_000,
        cpu_seconds=30,
        wall_seconds=40,
        output_bytes=2 * MOST_BYTES,
        at_once=at_once,
    )
