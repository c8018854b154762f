"""Ticks: whoever waits for the same one is woken at the same moment."""

import time

import pytest

from services.kit.runtime.aligned_timers import until_aligned


@pytest.mark.parametrize(
    ("now", "left"),
    [(100.0, 5.0), (101.0, 4.0), (104.0, 1.0), (104.999, 5.001), (99.9995, 5.0005)],
    ids=["on it", "behind it", "before the next", "a moment early", "rang a moment early"],
)
def test_the_next_tick_is_a_multiple_for_everybody(monkeypatch: pytest.MonkeyPatch, now: float, left: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert until_aligned(5.0) == pytest.approx(left)
