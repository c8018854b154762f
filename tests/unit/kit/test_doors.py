"""A door looks once, says why it is shut, and what goes the public way then is the same."""

from collections.abc import Iterator

import pytest
import structlog

from services.kit.codec import slots
from services.kit.codec.slots import PYDANTIC
from services.kit.database import libpq
from services.kit.database.pipeline import PSYCOPG
from services.kit.door import Door, expect
from services.kit.runtime import libraries


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As when nobody has looked yet."""
    for door in libraries.DOORS:
        monkeypatch.setattr(door, "_why_shut", None)
    return


def other() -> None:
    expect("known", "other")


def test_a_door_looks_once() -> None:
    looks: list[int] = []
    door = Door("pytest", lambda: looks.append(1))
    assert (door.is_open, door.is_open, looks) == (True, True, [1])


def test_a_door_to_a_library_that_is_other_is_shut_and_says_why() -> None:
    door = Door("pytest", other)
    assert (door.is_open, door.why_shut) == (False, "ValueError: 'other' where 'known' was known")


def test_a_door_that_is_shut_for_a_while_is_as_before_afterwards() -> None:
    for door, before in ((Door("pytest", lambda: None), True), (Door("pytest", other), False)):
        with door.shut_within():
            assert not door.is_open
        assert door.is_open == before


@pytest.mark.usefixtures("unseen")
def test_all_libraries_are_as_we_know_them_and_the_log_has_nothing_to_say() -> None:
    with structlog.testing.capture_logs() as logs:
        libraries.look(public_ways=False)
    assert logs == []


def test_the_start_warns_once_of_each_door_that_is_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "DOORS", (Door("pytest", lambda: None), Door("structlog", other)))
    with structlog.testing.capture_logs() as logs:
        libraries.look(public_ways=False)
    (said,) = logs
    assert (said["log_level"], said["library"], said["version"]) == ("warning", "structlog", structlog.__version__)
    assert "known" in said["reason"]


@pytest.mark.usefixtures("unseen")
def test_who_wants_the_public_ways_gets_them_all() -> None:
    with structlog.testing.capture_logs() as logs:
        libraries.look(public_ways=True)
    assert [said["library"] for said in logs] == [door.library for door in libraries.DOORS]
    assert not any(door.is_open for door in libraries.DOORS)


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize(
    ("door", "where", "name", "instead"),
    [
        (PSYCOPG, libpq, "Transformer", object),
        (PSYCOPG, libpq, "USED", ("no_such_function",)),
        (PSYCOPG, libpq, "FORMS", {str: (26, 1009, str.encode)}),
        (PYDANTIC, slots, "set_given", lambda _made, _names: None),
        (PYDANTIC, slots, "set_private", lambda _made, _values: None),
        (PYDANTIC, slots, "has_own_form", lambda _cls: False),
    ],
)
def test_a_library_that_is_other_shuts_its_door(
    monkeypatch: pytest.MonkeyPatch, door: Door, where: object, name: str, instead: object
) -> None:
    monkeypatch.setattr(where, name, instead)
    assert not door.is_open, f"{door.library}: nobody looks at {name}"


@pytest.mark.usefixtures("unseen")
def test_a_slot_that_is_gone_shuts_the_door_to_pydantic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "set_extra", slots._setter("__pydantic_no_such_slot__"))
    assert PYDANTIC.why_shut == "TypeError: a slot that was known is not there"
