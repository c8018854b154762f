"""Words with places: ``{number}`` and nothing cleverer. Which places a text has, what it says with values. Pure.

A place is a plain name: no attribute, no index, no format, so that a template written by an officer reaches nothing
but the values that it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from string import Formatter

from services.kit.worktime import moment_in_words


class ValueEmpty(ValueError):
    """A place has no value."""


def places_of(text: str) -> frozenset[str]:
    """The names between braces. Raises ValueError (Indonesian) for what is no plain name."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise ValueError("kurung kurawal tidak berpasangan") from None
    found = set()
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if form or conversion or not (name.isascii() and name.isidentifier()):
            raise ValueError(f"{{{name}}} bukan nama isian")
        found.add(name)
    return frozenset(found)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Raises `ValueEmpty` with the name of the first place that has no value."""
    said = []
    for literal, name, _, _ in Formatter().parse(text):
        said.append(literal)
        if name is not None:
            value = values.get(name, "")
            if not value:
                raise ValueEmpty(name)
            said.append(value)
    return "".join(said)


def said(values: Mapping[str, str], moments: Collection[str], zone: str, language: str) -> dict[str, str]:
    """The values as words. ``moments``: the names of those that are moments (ISO 8601, aware)."""
    return {
        name: moment_in_words(datetime.fromisoformat(value), zone, language) if name in moments and value else value
        for name, value in values.items()
    }
