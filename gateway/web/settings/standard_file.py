"""A standard as its TOML file: read what an officer hands in, write what is published."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from gateway.edge.i18n import mark as _

# What the agency and the decrees add to a standard's own rules; they do not stand in its file.
ADDED = frozenset({"calendar", "holidays", "decreed_years", "decrees", "letterhead", "zone", "hours_stated"})
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
CLOCK = re.compile(r"\d{2}:\d{2}")
PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
NOT_TOML = _("Baris {line}, kolom {column}: bukan TOML yang benar.")
CUT_SHORT = _("Berkas terpotong atau bukan TOML yang benar.")
NOT_TEXT = _("Berkas ini bukan teks UTF-8.")


class NotAStandardError(ValueError):
    """``text`` is a marked sentence, ``places`` fills it."""

    def __init__(self, text: str, **places: str) -> None:
        super().__init__(text.format(**places))
        self.text = text
        self.places = places


def read(text: str) -> dict[str, Any]:
    """JSON words only. Raises NotAStandardError with line and column."""
    try:
        found = tomllib.loads(text.replace("\r\n", "\n"))
        plain: dict[str, Any] = _plain(found)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, tables in tables in tables
        if at := PLACE.search(str(error)):
            raise NotAStandardError(NOT_TOML, line=at[1], column=at[2]) from None
        raise NotAStandardError(CUT_SHORT) from None
    return plain


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case time():
            return value.strftime("%H:%M" if not value.second else "%H:%M:%S")
        case datetime() | date():
            return value.isoformat()
    return value


def own_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The standard's own rules, as they stand in its file."""
    own = {key: value for key, value in rules.items() if key not in ADDED}
    if not rules.get("hours_stated", True):
        own.pop("hours", None)
    own["books"] = list(rules.get("books") or ())
    return {key: value for key, value in own.items() if value not in ([], None)}


def written(standard: str, version: int, said: Mapping[str, Any]) -> str:
    """``said``: decree, name, valid_from, components, rules. What `read` gives back is the same again."""
    head = {"standard": standard, "version": version, **{k: said[k] for k in ("decree", "name", "valid_from")}}
    tables = {"components": said["components"], "rules": own_rules(said["rules"])}
    return "\n".join(_table("", {**head, **tables})).strip() + "\n"


def table(said: Mapping[str, Any]) -> str:
    """Tables as text; what `read` gives back is the same again."""
    return "\n".join(_table("", said)).strip() + "\n"


def _table(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    below = {key: value for key, value in table.items() if isinstance(value, Mapping) and not _flat(value)}
    rows = {key: value for key, value in table.items() if _rows(value)}
    for key, value in table.items():
        if key not in below and key not in rows:
            yield f"{_key(key)} = {_value(key, value)}"
    for key, value in below.items():
        full = f"{name}.{_key(key)}".lstrip(".")
        yield ""
        if any(not isinstance(each, Mapping) or _flat(each) for each in value.values()):
            yield f"[{full}]"
        yield from _table(full, value)
    for key, value in rows.items():
        full = f"{name}.{_key(key)}".lstrip(".")
        for each in value:
            yield ""
            yield f"[[{full}]]"
            yield from _table(full, each)


def _flat(value: Mapping[str, Any]) -> bool:
    """A table that reads well on one line."""
    return len(value) <= 3 and all(not isinstance(each, Mapping | list | tuple) for each in value.values())  # noqa: PLR2004


def _rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _text(key)


def _value(key: str, value: Any) -> str:  # noqa: PLR0911 - one row per form of a value
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() | tuple():
            inner = [_value(key, each) for each in value]
            line = f"[{', '.join(inner)}]"
            return line if len(line) < 100 else "[\n  " + ",\n  ".join(inner) + ",\n]"  # noqa: PLR2004 - a line
        case Mapping():
            return "{ " + ", ".join(f"{_key(name)} = {_value(name, each)}" for name, each in value.items()) + " }"
    text = str(value)
    if CLOCK.fullmatch(text) and key in {"open", "close", "breaks"}:
        return f"{text}:00"
    if key in {"valid_from", "season_from", "season_until"} and _is_date(text):
        return text
    return _text(text)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _text(text: str) -> str:
    signs = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(signs.get(sign, sign if sign.isprintable() else f"\\u{ord(sign):04x}") for sign in text) + '"'
