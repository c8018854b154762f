"""A standard as people read it: components in their order, channels that exist, places in words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.edge.i18n import translate
from gateway.web.settings.words import BY_FOOT, COMPONENTS, PARTS, PUBLISHED, WEEKDAYS

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def components(said: Mapping[str, Any], *, published: bool = False) -> list[tuple[str, dict[str, Any]]]:
    """By key in the order of the regulation; ``published``: only the six that everybody may read."""
    keys = list(COMPONENTS)[:PUBLISHED] if published else list(COMPONENTS)
    return [(key, shown(said[key])) for key in keys if key in said]


def shown(part: Mapping[str, Any]) -> dict[str, Any]:
    """Without channels that lead nowhere; nothing else is left out. ``superseded`` stays for the office's own page."""
    made = dict(part)
    if "channels" in made:
        made["channels"] = [each for each in made["channels"] if each.get("address") or each.get("kind") in BY_FOOT]
    if "sections" in made:
        made["sections"] = [shown(each) for each in made["sections"]]
    if "superseded" in made:
        made["superseded"] = shown(made["superseded"])
    return made


def place_in_words(place: str, language: str) -> str:
    """``components.fee.items[1]`` → "Biaya atau tarif › butir 2"."""
    said: list[str] = []
    for name, number in STEP.findall(place):
        if number and said:
            said[-1] += f" {int(number) + 1}"
        elif name and name != "components":
            after = place.startswith("components.") and not said
            found = COMPONENTS.get(name) if after else PARTS.get(name)
            said.append(translate(found, language) if found else name)
    return " › ".join(said)


def value_in_words(value: Any) -> str:
    """A value of a standard, as one reads it: a list as lines, a table as ``key: value``."""
    match value:
        case None:
            return ""
        case bool():
            return "✓" if value else "–"
        case list() | tuple():
            return "\n".join(value_in_words(each) for each in value)
        case Mapping():
            return "; ".join(f"{key}: {value_in_words(each)}" for key, each in value.items())
    return str(value)


def hours_in_words(frames: Any, language: str) -> Iterator[tuple[str, str, str]]:
    """(days, "08.00–15.45, break") for each frame."""
    for frame in frames or ():
        days = [translate(WEEKDAYS.get(day, day), language) for day in frame.get("days", ())]
        named = f"{days[0]}–{days[-1]}" if len(days) > 2 else ", ".join(days)  # noqa: PLR2004 - a run of days
        season = f" ({frame['season']})" if frame.get("season") else ""
        rest = ", ".join(f"{begins}–{ends}" for begins, ends in frame.get("breaks", ()))
        yield f"{named}{season}", f"{frame['open']}–{frame['close']}".replace(":", "."), rest.replace(":", ".")
