"""Positions travel in one header, and every stored kind has a subject."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as some

from contracts import REGISTRY, subjects
from contracts.base import Event
from services.kit.bus.wire import Arrival
from services.kit.codec.position import (
    HEADER,
    Checkpoint,
    checkpoint_in,
    checkpoint_of,
    header,
    header_prefix,
    numbers_in,
)

NUMBERS = some.integers(min_value=0, max_value=2**63)


@given(store=some.text("0123456789abcdef", min_size=1, max_size=12), epoch=NUMBERS, position=NUMBERS, previous=NUMBERS)
def test_a_position_is_read_as_it_was_written(store: str, epoch: int, position: int, previous: int) -> None:
    checkpoint = Checkpoint(store, epoch, position)
    assert checkpoint_of({HEADER: header(store, epoch, position, previous)}) == (checkpoint, previous)
    assert Checkpoint.parse(str(checkpoint)) == checkpoint


OURS = Checkpoint("0a1b", 2, 7)
HEADS = [
    (b"NATS/1.0\r\nCaraka-Position: 0a1b.2.9.8\r\nNats-Msg-Id: x\r\n\r\n", (9, 8)),
    (b"NATS/1.0\r\nNats-Msg-Id: x\r\nCaraka-Position: 0a1b.2.9.8\r\n\r\n", None),  # as relays wrote it before
    (b"NATS/1.0\r\nCaraka-Position: 0a1b.21.9.8\r\n\r\n", None),
    (b"NATS/1.0\r\nCaraka-Position: 0a1.2.9.8\r\n\r\n", None),
    (b"NATS/1.0\r\nCaraka-Position: 0a1b.2.9\r\n\r\n", None),
    (b"NATS/1.0\r\nCaraka-Position: 0a1b.2.9.x\r\n\r\n", None),
    (b"NATS/1.0\r\nCaraka-Position: 0a1b.2.9.8.7\r\n\r\n", None),
    (b"NATS/1.0 100 Idle Heartbeat\r\n\r\n", None),
    (b"", None),
]


@pytest.mark.parametrize(("head", "numbers"), HEADS)
def test_the_short_way_to_a_place_says_what_the_long_way_says_or_nothing(
    head: bytes, numbers: tuple[int, int] | None
) -> None:
    assert numbers_in(head, header_prefix(OURS)) == numbers
    if numbers is not None:
        assert checkpoint_in(Arrival("evt", "", head, b"")) == (
            Checkpoint(OURS.store, OURS.epoch, numbers[0]),
            numbers[1],
        )


@pytest.mark.parametrize("text", ["", "a", "a.1.2", "a.1.2.x", "a.b.2.3", "a.1.2.3.4.5"])
def test_what_is_no_position_is_not_taken_for_one(text: str) -> None:
    assert checkpoint_of({HEADER: text}) is None
    assert checkpoint_of(None) is None


@pytest.mark.parametrize("event", REGISTRY.of(Event), ids=lambda event: event.kind())
def test_a_stored_kind_travels_where_its_class_says(event: type[Event]) -> None:
    assert subjects.event_subject(event.kind(), "demo", event.service()) == subjects.subject(event, "demo")


@pytest.mark.parametrize(
    ("kind", "agency", "expected"),
    [
        ("intake.LetterForgotten.v3", "demo", "evt.demo.intake.letter-forgotten.v3"),
        ("intake.Letter.Forgotten.v3", "demo", "evt.demo.intake.unknown.v0"),
        ("", "", "evt.unreadable.intake.unknown.v0"),
        ("intake.LetterForgotten.v3", "a.b>*", "evt.unreadable.intake.letter-forgotten.v3"),
    ],
)
def test_what_cannot_be_spelled_still_has_a_subject(kind: str, agency: str, expected: str) -> None:
    assert subjects.event_subject(kind, agency, "intake") == expected


def test_a_crash_point_kills_at_the_pass_that_is_named_and_at_no_other() -> None:
    program = (
        "from services.kit.crash import crash_point\n"
        "for number in range(5):\n    print(number, flush=True)\n    crash_point('other')\n    crash_point('here')\n"
    )
    crashed = subprocess.run(
        [sys.executable, "-c", program], check=False, env={"CARAKA_CRASH": "here:3"}, capture_output=True
    )
    assert (crashed.returncode, crashed.stdout) == (-9, b"0\n1\n2\n")
    unset = subprocess.run([sys.executable, "-c", program], check=False, env={}, capture_output=True)
    assert (unset.returncode, unset.stdout) == (0, b"0\n1\n2\n3\n4\n")
