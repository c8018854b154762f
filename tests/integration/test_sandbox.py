"""The limited child: it answers, it is bounded, it can do nothing else, and nothing of it stays."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.kit.sandbox.sandbox import Sandbox, SandboxFailure

DEEDS = "tests.integration.sandbox_deeds"


Make = Callable[..., Sandbox]


@pytest.fixture
async def make_sandbox() -> AsyncIterator[Make]:
    made: list[Sandbox] = []

    def make(**limits: object) -> Sandbox:
        usual = {
            "preload": (DEEDS,),
            "memory_bytes": 100_000_000,
            "cpu_seconds": 1,
            "wall_seconds": 1.5,
            "output_bytes": 1_000_000,
        }
        made.append(Sandbox(**{**usual, **limits}))  # type: ignore[arg-type] # one table of mixed limits
        return made[-1]

    yield make
    for sandbox in made:
        await sandbox.close()


@pytest.fixture
def sandbox(make_sandbox: Make) -> Sandbox:
    return make_sandbox()


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found.append(int(stat.parent.name))
    return found


async def no_children(pid: int) -> None:
    for _ in range(500):
        if not children_of(pid):
            return
        await asyncio.sleep(0.01)
    pytest.fail("a child stayed")


def exists(path: str) -> bool:
    return Path(path).exists()


def descriptors_of(process: str | int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def zygote_of(sandbox: Sandbox) -> int:
    assert sandbox._zygote is not None
    return sandbox._zygote.running.pid


async def test_bytes_go_in_and_bytes_come_out(sandbox: Sandbox) -> None:
    payload = os.urandom(900_000)
    assert await sandbox.call(f"{DEEDS}:echo", payload) == payload
    assert await sandbox.call(f"{DEEDS}:echo", b"") == b""


@pytest.mark.parametrize(
    ("deed", "reason", "detail"),
    [
        ("sleep", "timeout", ""),
        ("spin", "timeout", ""),
        ("hoard", "memory", ""),
        ("fail", "crashed", "ValueError"),
        ("fault", "crashed", "SIGSEGV"),
        ("leave", "crashed", "exit 7"),
        ("say_nothing_of_bytes", "crashed", "TypeError"),
        ("shout", "refused", "output"),
        ("there_is_no_such_deed", "crashed", "AttributeError"),
    ],
)
async def test_a_failure_has_a_reason_and_never_the_content(
    sandbox: Sandbox, deed: str, reason: str, detail: str
) -> None:
    with pytest.raises(SandboxFailure) as failure:
        await sandbox.call(f"{DEEDS}:{deed}", b"a secret")
    assert (failure.value.reason, failure.value.detail) == (reason, detail)
    assert await sandbox.call(f"{DEEDS}:echo", b"next") == b"next"


@pytest.mark.parametrize("deed", [b"fork", b"run", b"connect", b"write", b"unlink", b"kill", b"thread"])
async def test_a_child_computes_and_does_not_act(sandbox: Sandbox, deed: bytes) -> None:
    assert await sandbox.call(f"{DEEDS}:act", deed) != b"done"
    assert not exists("/tmp/caraka-sandbox-was-here")  # noqa: S108 - what the child tried to leave


async def test_a_renderer_may_have_threads_but_still_no_processes(make_sandbox: Make) -> None:
    sandbox = make_sandbox(threads=True)
    assert await sandbox.call(f"{DEEDS}:act", b"thread") == b"done"
    assert await sandbox.call(f"{DEEDS}:act", b"fork") == b"PermissionError"
    await sandbox.close()


async def test_no_secret_of_the_environment_and_no_descriptor_is_inherited(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARAKA_KEYRING", "secret")
    kept, _ = pipe = os.pipe()
    os.set_inheritable(kept, True)
    surroundings = (await sandbox.call(f"{DEEDS}:surroundings", b"")).decode()
    for end in pipe:
        os.close(end)
    assert "secret" not in surroundings
    assert surroundings.endswith(", 4)")  # nothing, nothing, nothing, the call's socket


async def test_calls_run_side_by_side_up_to_the_limit(make_sandbox: Make) -> None:
    sandbox = make_sandbox(at_once=2, wall_seconds=10)
    answers = await asyncio.gather(*(sandbox.call(f"{DEEDS}:presence", b"") for _ in range(6)))
    spans = [tuple(map(int, answer.split())) for answer in answers]
    assert max(sum(began <= moment < ended for began, ended in spans) for moment, _ in spans) == 2


async def test_the_loop_stays_free_while_a_child_works(make_sandbox: Make) -> None:
    sandbox = make_sandbox(wall_seconds=10)
    working = asyncio.create_task(sandbox.call(f"{DEEDS}:presence", b""))
    turns = 0
    while not working.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 5


async def test_a_killed_zygote_is_replaced_and_the_call_under_way_made_again(sandbox: Sandbox) -> None:
    await sandbox.call(f"{DEEDS}:echo", b"warm")
    first = zygote_of(sandbox)
    os.kill(first, signal.SIGKILL)
    assert await sandbox.call(f"{DEEDS}:echo", b"again") == b"again"
    second = zygote_of(sandbox)
    assert second != first
    under_way = asyncio.create_task(sandbox.call(f"{DEEDS}:slow_echo", b"still"))
    async with asyncio.timeout(10):
        while not (orphans := children_of(second)):  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.005)
    assert len(orphans) == 1
    os.kill(second, signal.SIGKILL)
    assert await under_way == b"still"
    assert not exists(f"/proc/{second}")
    assert not _alive(orphans[0])


async def test_a_stopped_zygote_is_given_up_after_the_time(make_sandbox: Make) -> None:
    sandbox = make_sandbox(wall_seconds=1)
    await sandbox.call(f"{DEEDS}:echo", b"warm")
    os.kill(zygote_of(sandbox), signal.SIGSTOP)
    with pytest.raises(SandboxFailure, match="timeout"):
        await sandbox.call(f"{DEEDS}:echo", b"x")
    assert await sandbox.call(f"{DEEDS}:echo", b"x") == b"x"
    await sandbox.close()


async def test_an_abandoned_call_ends_its_child(sandbox: Sandbox) -> None:
    await sandbox.call(f"{DEEDS}:echo", b"warm")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await sandbox.call(f"{DEEDS}:sleep", b"")
    await no_children(zygote_of(sandbox))


async def test_after_many_calls_no_process_and_no_descriptor_is_left_over(make_sandbox: Make) -> None:
    gc.collect()  # what earlier tests left is not closed meanwhile
    before = descriptors_of("self")
    sandbox = make_sandbox(wall_seconds=0.2)
    for deed in ("echo", "fail", "sleep", "leave", "echo") * 3:
        try:
            await sandbox.call(f"{DEEDS}:{deed}", b"x")
        except SandboxFailure:
            continue
    zygote = zygote_of(sandbox)
    await no_children(zygote)
    assert descriptors_of(zygote) < 10
    running = asyncio.create_task(sandbox.call(f"{DEEDS}:sleep", b""))
    await asyncio.sleep(0.05)
    await sandbox.close()
    with pytest.raises(SandboxFailure, match="refused"):
        await running
    assert not exists(f"/proc/{zygote}")
    assert descriptors_of("self") == before
    with pytest.raises(SandboxFailure, match="refused"):
        await sandbox.call(f"{DEEDS}:echo", b"x")


async def test_what_cannot_be_imported_is_refused_by_name(make_sandbox: Make) -> None:
    sandbox = make_sandbox(preload=("no_such_module_here",))
    with pytest.raises(SandboxFailure, match="refused: ModuleNotFoundError"):
        await sandbox.call(f"{DEEDS}:echo", b"x")
    await sandbox.close()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
