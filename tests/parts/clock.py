"""The clock of a really running process, moved while it runs: Debian's libfaketime, loaded before everything else.

Only the wall clock is moved. The monotonic one stays as it is, as on a machine whose clock is set: what waits for
seconds goes on waiting for seconds. Children are moved too, except the broker (a static program), whose clock then
differs from everybody's; and files keep the times that the kernel gave them.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

LIBRARY = "libfaketimeMT.so.1"
NOTICED_SECONDS = 2.2  # the library counts whole seconds, and looks again after more than one of them


def library() -> Path | None:
    """Where Debian has put it; None: it is not installed."""
    return next(Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"), None)


class Clock:
    """Give `environment()` to a process; `set` moves it, and returns when the process has noticed."""

    def __init__(self, file: Path, now: datetime | None = None) -> None:
        """``file`` tells the process how far it is from the machine's clock."""
        self._file = file
        self._offset = timedelta()
        self._write(now or datetime.now(UTC))

    @property
    def now(self) -> datetime:
        """What the process believes."""
        return datetime.now(UTC) + self._offset

    def environment(self) -> dict[str, str]:
        found = library()
        if found is None:
            raise RuntimeError("libfaketime is missing: `make parts` installs it")
        return {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, now: datetime) -> None:
        """From this moment on the clock goes on running."""
        self._write(now)
        time.sleep(NOTICED_SECONDS)

    def move(self, **span: float) -> None:
        """Forward or backward by so much."""
        self.set(self.now + timedelta(**span))

    def _write(self, now: datetime) -> None:
        self._offset = now - datetime.now(UTC)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self._offset.total_seconds():+.3f}", encoding="ascii")
        os.replace(fresh, self._file)  # noqa: PTH105 - at once, for whoever reads
