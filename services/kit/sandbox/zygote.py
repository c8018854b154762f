"""The warm process behind `sandbox.Sandbox`: it imports once, then forks one confined child per call.

Started as a script, by path, in Python's isolated mode; standard library only. The control socket's number is
the only argument. First message on it: JSON (length-prefixed) with `path`, `preload` and the limits. Answer:
`=` when ready, else `!` and the failing exception's class name. Then, per call, one byte with two descriptors: the
call's own socket (request and result) and the far end of a status pair, on which one line tells how the child ended.
"""

import ctypes
import errno
import gc
import importlib
import json
import os
import platform
import resource
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

LENGTH = struct.Struct("!Q")
_NOFILE = 64
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_ERRNO, _ALLOW = 0x0005_0000, 0x7FFF_0000
_CLONE_THREAD = 0x0001_0000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# System calls per machine: what may never happen in a child (it computes, it does not act).
# fork, vfork, execve, execveat, socket, socketpair, connect, kill, tkill, tgkill, ptrace, process_vm_writev, unlink,
# unlinkat, rename, renameat, renameat2, link, linkat, symlink, symlinkat, mkdir, mkdirat, chmod, fchmodat, chown,
# fchownat, truncate, mount, setns, unshare, bpf, io_uring_setup, creat, openat2, pidfd_send_signal
_FORBIDDEN = {
    "x86_64": (57, 58, 59, 322, 41, 53, 42, 62, 200, 234, 101, 311, 87, 263,
               82, 264, 316, 86, 265, 88, 266, 83, 258, 90, 268, 92, 260,
               76, 165, 308, 272, 321, 425, 85, 437, 424),
    "aarch64": (221, 281, 198, 199, 203, 129, 130, 131, 117, 271, 35,
                38, 276, 37, 36, 34, 53, 54,
                45, 40, 268, 97, 280, 425, 437, 424),
}  # fmt: skip
# Per machine: audit word, clone, clone3, open (or none), openat.
_SPECIAL: dict[str, tuple[int, int, int, int | None, int]] = {
    "x86_64": (0xC000_003E, 56, 435, 2, 257),
    "aarch64": (0xC000_00B7, 220, 435, None, 56),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def seccomp_program(machine: str, *, threads: bool) -> bytes:
    """The BPF program that answers EPERM to every act in the tables; empty for a machine that has no table."""
    if machine not in _FORBIDDEN or sys.byteorder != "little":
        return b""
    audit, clone, clone3, open_, openat = _SPECIAL[machine]
    load, equal, not_below, bits, answer = 0x20, 0x15, 0x35, 0x45, 0x06

    def step(code: int, jump_true: int, jump_false: int, k: int) -> bytes:
        return struct.pack("=HBBI", code, jump_true, jump_false, k)

    deny, allow = step(answer, 0, 0, _ERRNO | errno.EPERM), step(answer, 0, 0, _ALLOW)
    code = [step(load, 0, 0, 4), step(equal, 1, 0, audit), deny, step(load, 0, 0, 0)]
    if machine == "x86_64":
        code += [step(not_below, 0, 1, 0x4000_0000), deny]  # the same calls under their x32 numbers
    # glibc falls back from clone3 (whose flags a filter cannot see) to clone when it "does not exist"
    code += [step(equal, 0, 1, clone3), step(answer, 0, 0, _ERRNO | errno.ENOSYS)]
    for number in _FORBIDDEN[machine]:
        code += [step(equal, 0, 1, number), deny]
    code += [step(equal, 0, 4, clone), step(load, 0, 0, 16), step(bits, 0, 1, _CLONE_THREAD)]
    code += [allow if threads else deny, deny]
    for opening, argument in ((open_, 24), (openat, 32)):
        if opening is not None:
            code += [step(equal, 0, 4, opening), step(load, 0, 0, argument), step(bits, 0, 1, _WRITING), deny, allow]
    return b"".join([*code, allow])


@dataclass(slots=True)
class _Child:
    status: int
    deadline: float
    ended: str = field(default="")


class Zygote:
    """Forks, watches the clock and the caller's end of each status pipe, reaps."""

    def __init__(self, control: socket.socket, settings: dict[str, Any]) -> None:
        self._control = control
        self._settings = settings
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._program = seccomp_program(platform.machine(), threads=settings["threads"])
        self._children: dict[int, _Child] = {}
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the caller closes the control socket; then every child is killed."""
        while True:
            poll = select.poll()
            poll.register(self._control, select.POLLIN)
            poll.register(self._woken, select.POLLIN)
            statuses = {child.status: pid for pid, child in self._children.items()}
            for status in statuses:
                poll.register(status, 0)  # hang-up alone: the caller went away
            ready = {descriptor for descriptor, _ in poll.poll(self._patience())}
            if self._woken in ready:
                os.read(self._woken, 4096)
            if self._control.fileno() in ready and not self._accept():
                self._kill_all()
                return
            now = time.monotonic()
            for pid, child in self._children.items():
                if child.status in ready:
                    self._kill(pid, "abandoned")
                elif now >= child.deadline:
                    self._kill(pid, "timeout")
            self._reap()

    def _patience(self) -> float | None:
        if not self._children:
            return None
        first = min(child.deadline for child in self._children.values())
        return max(0.0, (first - time.monotonic()) * 1000 + 1)

    def _accept(self) -> bool:
        try:
            word, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
        except OSError:
            return False
        if not word or len(descriptors) != 2:  # noqa: PLR2004 - the call's socket and its status pipe
            return False
        call, status = descriptors
        try:
            pid = os.fork()
        except OSError:
            os.write(status, b"refused fork")
            os.close(call)
            os.close(status)
            return True
        if pid == 0:
            self._child(call)
        os.close(call)
        self._children[pid] = _Child(status, time.monotonic() + self._settings["wall_seconds"])
        return True

    def _kill(self, pid: int, why: str) -> None:
        self._children[pid].ended = self._children[pid].ended or why
        os.kill(pid, signal.SIGKILL)  # not reaped yet, so the number is still its own

    def _kill_all(self) -> None:
        for pid in self._children:
            self._kill(pid, "closed")
        for pid in self._children:
            os.waitpid(pid, 0)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            child = self._children.pop(pid)
            with suppress(OSError):  # nobody waits for it any more
                os.write(child.status, (child.ended or _ending(status)).encode())
            os.close(child.status)

    def _child(self, call: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._confine(call)
            _answer(self._settings["output_bytes"])
        finally:
            os._exit(3)

    def _confine(self, call: int) -> None:
        zygote = os.getppid()
        self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != zygote or zygote == 1:
            os._exit(3)
        os.dup2(call, 3)
        os.closerange(4, 65_536)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        cpu = self._settings["cpu_seconds"]
        limits = {
            resource.RLIMIT_AS: (_mapped() + self._settings["memory_bytes"],) * 2,
            resource.RLIMIT_CPU: (cpu, cpu + 1),
            resource.RLIMIT_FSIZE: (0, 0),
            resource.RLIMIT_NOFILE: (_NOFILE, _NOFILE),
            resource.RLIMIT_CORE: (0, 0),
        }
        if not (self._settings["threads"] and self._program):
            limits[resource.RLIMIT_NPROC] = (0, 0)
        for limit, values in limits.items():
            resource.setrlimit(limit, values)
        self._prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if self._program:
            program = _Program(len(self._program) // 8, self._program)
            if self._prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(program)):
                resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # a kernel without filters: at least no forks

    def _prctl(self, option: int, *values: int) -> int:
        words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
        return int(self._libc.prctl(option, *words))


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return "timeout"
        return f"crashed {signal.Signals(number).name}"
    return f"crashed exit {os.WEXITSTATUS(status)}" if os.WEXITSTATUS(status) else "ended"


def _mapped() -> int:
    """Bytes of address space that this process maps already."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - called in a forked child, kept to the bare call
        return int(statm.read().split()[0]) * resource.getpagesize()


def _exactly(connection: socket.socket, size: int) -> bytearray:
    into = bytearray(size)
    view, got = memoryview(into), 0
    while got < size:
        step = connection.recv_into(view[got:])
        if step == 0:
            os._exit(3)
        got += step
    return into


def _answer(output_bytes: int) -> NoReturn:
    """Read one request (target, payload) from descriptor 3, run it, write `=result` or `!reason detail`, and end."""
    connection = socket.socket(fileno=3)
    failed = b"!crashed"
    try:
        target = _exactly(connection, LENGTH.unpack(_exactly(connection, LENGTH.size))[0]).decode()
        payload = bytes(_exactly(connection, LENGTH.unpack(_exactly(connection, LENGTH.size))[0]))
        module, _, name = target.partition(":")
        result = getattr(importlib.import_module(module), name)(payload)
        if not isinstance(result, bytes):
            failed = b"!crashed TypeError"
        elif len(result) > output_bytes:
            failed = b"!refused output"
        else:
            connection.sendall(b"=" + LENGTH.pack(len(result)) + result)
            os._exit(0)
    except MemoryError:
        failed = b"!memory"
    except BaseException as error:  # noqa: BLE001 - whatever it is, only its class may leave the child
        failed = b"!crashed " + type(error).__name__.encode()
    connection.sendall(failed[:1] + LENGTH.pack(len(failed) - 1) + failed[1:])
    os._exit(0)


def main() -> None:
    """Callback the settings, import, report, serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(_exactly(control, LENGTH.unpack(_exactly(control, LENGTH.size))[0]))
    sys.path[:] = settings["path"]
    try:
        for module in settings["preload"]:
            importlib.import_module(module)
        zygote = Zygote(control, settings)
    except BaseException as error:  # noqa: BLE001 - the caller learns the class and decides
        control.sendall(b"!" + type(error).__name__.encode())
        return
    gc.collect()
    gc.freeze()
    control.sendall(b"=")
    zygote.serve()


if __name__ == "__main__":
    main()
