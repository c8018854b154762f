"""Work in a process of its own, beside this one: an interpreter uses one core. It ends when its caller does, however.

Where its caller is killed, it is told so by the kernel and takes away what it was building; so it does where the person
at the console stops both.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from services.cli.console import log_beside
from services.cli.invariants.ground import Step, Tell

LEAVE_SECONDS = 10.0
WORTH = 20_000
"""Events: below that, the start of an interpreter costs more than it saves."""


T = TypeVar("T")


class EndedOutside(Exception):
    """The process was ended by somebody else; ``args``: how."""


def is_worth(events: int) -> bool:
    return events >= WORTH and len(os.sched_getaffinity(0)) > 1


async def apart(work: Callable[[Tell], T], tell: Tell) -> T:
    """``work`` and what it returns can be pickled. Raises what it raises, or EndedOutside."""
    context = multiprocessing.get_context("spawn")
    answers, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, work), daemon=True)
    await asyncio.to_thread(process.start)
    theirs.close()
    try:
        found: T = await asyncio.to_thread(_answer, answers, tell)
    except EOFError:
        await asyncio.to_thread(process.join)
        raise EndedOutside(f"status keluar {process.exitcode}") from None
    else:
        await asyncio.to_thread(process.join, LEAVE_SECONDS)  # it ends by itself
        return found
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, LEAVE_SECONDS)
        process.kill()
        answers.close()


def _answer(answers: Connection, tell: Tell) -> Any:
    """Blocks until the work is done."""
    while True:
        what, said = answers.recv()
        if what == "step":
            tell(said)
        elif what == "done":
            return said
        else:
            raise said


def _work(answers: Connection, work: Callable[[Tell], object]) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller hears it too, and ends us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_end_with_caller, daemon=True).start()
    log_beside()
    try:
        answer: tuple[str, object] = ("done", work(partial(_step, answers)))
    except Exception as error:  # noqa: BLE001 - raised again where the work was asked for
        answer = ("failed", error)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nothing is left to take away
    try:
        answers.send(answer)
    except (TypeError, AttributeError):  # an error that cannot travel
        answers.send(("failed", RuntimeError(f"{type(answer[1]).__name__}: {answer[1]}")))


def _step(answers: Connection, step: Step) -> None:
    answers.send(("step", step))


def _end_with_caller() -> None:
    caller = multiprocessing.parent_process()
    if caller is not None:
        caller.join()
    with suppress(ProcessLookupError):
        os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(LEAVE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
