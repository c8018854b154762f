"""No regular expression takes more than its share: a text four times as long takes about four times as long."""

import time

import pytest

from tests.attacks.patterns import Pattern, calls, patterns, unkind

ALL = list(patterns())
SHORT, LONG = (26, 500), 16_000
HANGS = 0.1
"""Seconds of processor time that no text of `SHORT` signs may take: who needs so many is worse than quadratic."""
NOTICED = 0.003
"""Of one of `LONG` signs; a quadratic pattern below that is not noticed at 256,000 signs either."""
STEEP = 8.0
"""A text four times as long makes a linear pattern take four times as long, a quadratic one sixteen times."""

PUT_TOGETHER = (
    "services/kit/projections/search_texts.py: a run of signs of one class, sixty at the most",
    "services/intake/adapters/mail_markings.py: the office's words, escaped, one beside the other",
    "services/cli/usage_words.py: sentences of the console's library, with the names that it quotes",
    "services/notifications/adapters/bounces.py: the office's return path, escaped, around a token of fixed length",
)


def test_all_are_found() -> None:
    """Those that are put together by a library, or by Python, cannot be read from the source: name them here."""
    assert len(ALL) + len(PUT_TOGETHER) == calls()


@pytest.mark.parametrize("pattern", ALL, ids=lambda pattern: pattern.place)
def test_a_pattern_takes_time_in_proportion_to_its_text(pattern: Pattern) -> None:
    for begin, repeated, end in unkind(pattern):
        for way in pattern.ways:
            steep = steepness(pattern, way, begin, repeated, end)
            if steep >= STEEP:  # what the machine did beside it is no fault of the pattern: that one is steep each time
                steep = min(steepness(pattern, way, begin, repeated, end) for _ in range(5))
            assert steep < STEEP, f"{way} on {begin!r} + {repeated!r} * n + {end!r} is {steep:.1f} times slower"


def steepness(pattern: Pattern, way: str, begin: str, repeated: str, end: str) -> float:
    """How much longer a text takes than one of a quarter of its length; 0 where both are done at once."""

    def of(length: int) -> float:
        return seconds(pattern, way, begin + repeated * (length // len(repeated)) + end)

    for length in SHORT:
        if of(length) > HANGS and of(length) > HANGS:
            return float("inf")
    if of(LONG) < NOTICED:
        return 0.0
    return min(of(2 * LONG) for _ in range(3)) / min(of(LONG // 2) for _ in range(3))


def seconds(pattern: Pattern, way: str, text: str) -> float:
    subject = text.encode("latin-1", "replace") if isinstance(pattern.text, bytes) else text
    empty = subject[:0]
    began = time.process_time()
    match way:
        case "sub" | "subn":
            pattern.compiled.sub(empty, subject)
        case "finditer" | "findall":
            pattern.compiled.findall(subject)
        case _:
            getattr(pattern.compiled, way)(subject)
    return time.process_time() - began
