"""One process of a real part: started, killed, paused, started again on the same directory and port."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 20


class Server:
    """A process in a group of its own, so that `kill` takes its children along. Output goes to `log`."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        user: int | None = None,
        group: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Command and log file; `user` and `group` are numbers and need root; `environment`: whole, or our own."""
        self.command = list(command)
        self.log = log
        self.environment = environment
        self._user = user
        self._group = group
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process; RuntimeError when it is down."""
        if self._process is None:
            raise RuntimeError("the part is down")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Start the process; returns before it is ready."""
        extra_groups: list[int] | None = None if self._user is None else []
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.log.parent,
                start_new_session=True,
                env=self.environment,
                user=self._user,
                group=self._group,
                extra_groups=extra_groups,
            )

    def kill(self) -> None:
        """SIGKILL for the process and its children; nothing happens when it is down."""
        self._end(signal.SIGKILL, whole_group=True)

    def stop(self, gently: signal.Signals = signal.SIGTERM) -> None:
        """Ask the process to end, kill it after 20 s; nothing happens when it is down."""
        self._end(gently, whole_group=False)

    def wait(self, seconds: float) -> int:
        """Until it has ended by itself; its exit status. TimeoutExpired otherwise."""
        if self._process is None:
            raise RuntimeError("the part is down")
        return self._process.wait(seconds)

    def pause(self) -> None:
        """SIGSTOP: alive, and silent."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def log_tail(self, lines: int = 60) -> str:
        """The last lines that the process wrote."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _end(self, how: signal.Signals, *, whole_group: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            if process.poll() is None:
                if whole_group:
                    os.killpg(process.pid, how)
                else:
                    process.send_signal(how)
                    process.send_signal(signal.SIGCONT)
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_SECONDS)
