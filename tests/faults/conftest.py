"""Two products for all faults: one process on SQLite, and every service apart on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.parts.nats import start_nats
from tests.parts.postgres import Postgres
from tests.parts.product import Product, start_product


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """``caraka up`` on embedded defaults; each fault heals what it broke."""
    product = start_product(tmp_path_factory.mktemp("one"))
    yield product
    product.discard()


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Product]:
    """Every service in a process of its own; each fault heals what it broke."""
    home, url = tmp_path_factory.mktemp("apart"), postgres.fresh_database()
    nats = start_nats(home / "nats")
    product = start_product(home / "product", apart=True, pg_url=url, nats=nats)
    yield product
    product.discard()
    nats.kill()
    postgres.drop_database(url)
