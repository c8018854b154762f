"""Statements that travel together are prepared once per connection: whatever else is done on it, they stay so."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.database.statements import transaction
from services.kit.settings import Settings

pytestmark = pytest.mark.usefixtures("way")


def test_what_is_prepared_outlives_the_driver_s_own_statements_and_a_rollback(pg_url: str, tmp_path: Path) -> None:
    place = place_of(Settings(data_dir=tmp_path, database_url=SecretStr(pg_url)), "projections")
    make_schema(place)
    engine = engine_of(place, pool_size=1)
    numbers = sa.table("numbers", sa.column("n", sa.BigInteger))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE numbers (n BIGINT)"))
    for n in range(3):
        with transaction(engine, piped=True) as (_, said):
            said.tell("INSERT INTO numbers (n) VALUES (:n)", n=n)
        for _ in range(8):  # as the beats of a lease
            with engine.begin() as connection:
                connection.execute(sa.update(numbers).values(n=numbers.c.n + 1))
        with engine.connect() as connection:  # a read, which ends with a rollback
            assert len(connection.execute(sa.select(numbers)).all()) == n + 1
    engine.dispose()
