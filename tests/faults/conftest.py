"""Two products for all faults: one process on SQLite, and every service apart on PostgreSQL, behind wires of ours."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import pytest

from tests.faults.frames import Disorder, Frames
from tests.faults.trial import SEED, Trial
from tests.faults.wire import Wire
from tests.parts.nats import Nats, start_nats
from tests.parts.postgres import Postgres, discard_postgres, start_postgres
from tests.parts.product import Product, start_product

OUTCOME = pytest.StashKey[str]()


@dataclass
class Ground:
    """What the services apart stand on, and the wires that lead there. The test itself goes there directly."""

    nats: Nats
    postgres: Postgres
    to_nats: Wire
    to_postgres: Wire
    disorder: Disorder


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(name): which fault of the plan a test provokes")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" or report.outcome != "passed":
        item.stash[OUTCOME] = report.outcome
    return report


@pytest.fixture(autouse=True)
def trial(request: pytest.FixtureRequest) -> Iterator[Trial]:
    """Dice for this test, and its line on the page of results."""
    marked = request.node.get_closest_marker("fault")
    words = request.node.name.removeprefix("test_").replace("_", " ").replace("[", " (").replace("]", ")")
    trial = Trial(marked.args[0] if marked else "", words)
    yield trial
    if trial.fault:
        trial.keep(request.node.stash.get(OUTCOME, "not run"))


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """``caraka up`` on embedded defaults; each fault heals what it broke."""
    product = start_product(tmp_path_factory.mktemp("one"))
    yield product
    product.discard()


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A broker and a PostgreSQL of the faults' own, since they are killed."""
    disorder = Disorder(Trial("", "", SEED).dice)
    nats = start_nats(tmp_path_factory.mktemp("bus") / "nats")
    postgres = start_postgres()
    to_nats, to_postgres = Wire(nats.port, changing=lambda: Frames(disorder)), Wire(postgres.port)
    to_nats.start()
    to_postgres.start()
    yield Ground(nats, postgres, to_nats, to_postgres, disorder)
    to_nats.close()
    to_postgres.close()
    nats.kill()
    discard_postgres(postgres)


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory, ground: Ground) -> Iterator[Product]:
    """Every service in a process of its own; each fault heals what it broke."""
    url = ground.postgres.fresh_database()
    through = {
        "CARAKA_NATS_URL": f"nats://127.0.0.1:{ground.to_nats.port}",
        "CARAKA_DATABASE_URL": url.replace(f":{ground.postgres.port}/", f":{ground.to_postgres.port}/"),
    }
    home = tmp_path_factory.mktemp("apart")
    product = start_product(home / "product", apart=True, pg_url=url, nats=ground.nats, env=through)
    yield product
    product.discard()
    ground.postgres.drop_database(url)
