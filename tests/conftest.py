"""Real parts for every test that asks, and a clean environment for all."""

import contextlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from services.kit.runtime.libraries import DOORS
from tests.parts.nats import Nats, start_nats
from tests.parts.postgres import Postgres, discard_postgres, start_postgres
from tests.parts.product import Product, start_product
from tests.parts.ways import WAYS

hypothesis.settings.register_profile("caraka", deadline=None, print_blob=True)  # no timed assertions
hypothesis.settings.load_profile("caraka")


REAL = {"postgres", "pg_url", "nats", "nats_url", "dovecot", "product"}
"""And every fixture whose name ends in ``_product``."""
WHOLE, PATIENCE = ("real", "browser", "faults"), 900
"""Whoever starts whole products may take so many seconds: a machine that does other things too is no fault."""
LONG = (
    "attacks/test_lost_store.py", "attacks/test_generated.py", "attacks/test_parts_of_a_case.py",
    "journeys/test_notices.py", "attacks/test_connections.py", "journeys/test_mailboxes.py",
    "journeys/test_complaint_mail.py", "deploy/test_roles.py", "attacks/test_audit_gap.py", "integration/test_jobs.py",
    "journeys/test_moved_limits.py", "journeys/test_road.py",
    "faults/test_notices.py", "faults/test_death.py", "faults/test_ground.py", "faults/test_delivery.py",
)  # fmt: skip
"""Files that take minutes. They begin, so that no core waits for one of them at the end (``--dist loadfile``)."""
SHORT = ("integration", "unit")
"""Rooms of many short files: they come last and fill what is left."""
ROOMS = {
    "integration": pytest.mark.real,
    "journeys": pytest.mark.real,
    "browser": pytest.mark.browser,
    "faults": pytest.mark.faults,
}


# Plain: structlog's own default draws every variable of a traceback, which for a whole application takes minutes.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by what a test asks for and where it lies, so that `make check` never waits for a real part."""
    for item in items:
        asked = getattr(item, "fixturenames", ())
        if REAL.intersection(asked) or any(name.endswith("_product") for name in asked):
            item.add_marker(pytest.mark.real)
        for room, mark in ROOMS.items():
            if room in item.path.parts:
                item.add_marker(mark)
        if item.get_closest_marker("timeout") is None and any(map(item.get_closest_marker, WHOLE)):
            item.add_marker(pytest.mark.timeout(PATIENCE))
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """Of its file, which stays together."""
    file = "/".join(item.path.parts[-2:])
    return LONG.index(file) if file in LONG else len(LONG) + any(room in item.path.parts for room in SHORT)


@pytest.fixture(autouse=True)
def _settings_of_this_machine_are_no_settings_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CARAKA_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run (fsync on); a test that kills it starts its own by `start_postgres`."""
    server = start_postgres()
    yield server
    discard_postgres(server)


@pytest.fixture
def pg_url(postgres: Postgres) -> Iterator[str]:
    """An empty database of this test's own: `postgresql://…`."""
    url = postgres.fresh_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    """A NATS server of this test's own: `url`, `pid`, `kill()`, `restart()`, `forget()`, `pause()`, `resume()`."""
    server = start_nats(tmp_path / "nats")
    yield server
    server.kill()


@pytest.fixture
def nats_url(nats: Nats) -> str:
    return nats.url


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One running ``caraka up`` for all tests that share it: let nobody's letters and people be disturbed by yours."""
    running = start_product(tmp_path_factory.mktemp("product"), samples=True)
    yield running
    running.stop()


@pytest.fixture
def fresh_product(tmp_path: Path) -> Iterator[Product]:
    """A ``caraka up`` of this test's own, with an empty mailbox; it may be killed and started again."""
    running = start_product(tmp_path / "product")
    yield running
    running.discard()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """What the test does goes past the libraries' public ways where the kit does so, and then by these alone."""
    with contextlib.ExitStack() as stack:
        for door in DOORS:
            if request.param == "public ways":
                stack.enter_context(door.shut_within())
            else:
                assert door.is_open, f"{door.library}: {door.why_shut}"
        yield request.param


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what its real parts had to say."""
    report = yield
    if report.failed:
        for name, part in getattr(item, "funcargs", {}).items():
            if hasattr(part, "log_tail"):
                report.sections.append((f"log of {name}", part.log_tail()))
    return report
