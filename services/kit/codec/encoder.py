"""Facts become stored data: a writer per class, generated once from its fields; sealed fields are closed on the way.

The mirror of `services.kit.codec.decoder`: one walk instead of pydantic's dump, a second walk for the sealed fields and
a third to put them in. What a writer does not know (rules, numbers of a kind of their own) pydantic dumps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from contracts.base import Sealed
from services.kit.codec.slots import PYDANTIC, has_own_form
from services.kit.sealing.fields import Close, places

PLAIN = (str, int, bool, UUID, datetime, AwareDatetime, date, type(None))
Write = Callable[[Any, str, Close], Any]
"""``(value, place, close) -> data`` for orjson; ``place`` is ``<event id>/<path so far>``."""


def stored_form(value: BaseModel, place: str, close: Close) -> Any:
    """What ``model_dump`` gives, with sealed fields closed; ``place`` is ``<event id>/``."""
    if PYDANTIC.is_open:
        return writer_of(type(value))(value, place, close)
    data: Any = value.model_dump()
    for path, sealed in places(value):
        data = _with(data, path.split("."), close(sealed, place + path))
    return data


def _with(data: Any, path: Sequence[str], value: Any) -> Any:
    """The same data, with a value at a path of names and numbers."""
    step, *rest = path
    if isinstance(data, dict):
        return data | {step: _with(data[step], rest, value) if rest else value}
    parts = list(data)
    parts[int(step)] = _with(parts[int(step)], rest, value) if rest else value
    return parts


@cache
def writer_of(cls: type[BaseModel]) -> Write:
    """The writer of an event class or of a shape within one: what ``model_dump`` gives, with sealed fields closed."""
    if has_own_form(cls):
        return lambda value, _place, _close: value.model_dump()
    if _is_as_written(cls):
        return lambda value, _place, _close: value.__dict__
    names: dict[str, Any] = {}
    fields = ", ".join(
        f"{name!r}: {_write(names, field.annotation, f'told[{name!r}]', f'place + {name!r}')}"
        for name, field in cls.model_fields.items()
    )
    text = f"def write(value, place, close):\n  told = value.__dict__\n  return {{{fields}}}"
    exec(text, names)  # noqa: S102 - our own field names, at the first use of a class
    write: Write = names["write"]
    return write


def _is_as_written(cls: type[BaseModel]) -> bool:
    """Whether orjson writes its fields as they are; nobody changes what a writer gives."""
    return all(_is_plain(field.annotation) for field in cls.model_fields.values())


def _write(names: dict[str, Any], annotation: Any, value: str, place: str) -> str:
    """An expression for the data of ``value``."""
    annotation = _bare(annotation)
    if annotation is Sealed:
        return f"close({value}, {place})"
    if _is_shape(annotation):
        whole = _is_as_written(annotation) and not has_own_form(annotation)
        return f"{value}.__dict__" if whole else f"{_kept(names, writer_of(annotation))}({value}, {place} + '.', close)"
    if _is_plain(annotation):
        return value
    inner = _optional(annotation)
    if inner is not None:
        return f"None if {value} is None else {_write(names, inner, value, place)}"
    if get_origin(annotation) is tuple and get_args(annotation)[1:] == (...,):
        each = _bare(get_args(annotation)[0])
        if _is_shape(each):
            item = _write(names, each, "y", f"{place} + f'.{{n}}'")
            return f"[{item} for n, y in enumerate({value})]" if "{n}" in item else f"[{item} for y in {value}]"
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    return f"{_kept(names, adapter.dump_python)}({value})"


def _is_shape(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_plain(annotation: Any) -> bool:
    """What orjson writes as it is."""
    annotation = _bare(annotation)
    if annotation in PLAIN or get_origin(annotation) is Literal:
        return True
    if get_origin(annotation) is tuple:
        return all(each is ... or _is_plain(each) for each in get_args(annotation))
    inner = _optional(annotation)
    return inner is not None and _is_plain(inner)


def _optional(annotation: Any) -> Any:
    """``X`` of ``X | None``."""
    rest = [each for each in get_args(annotation) if each is not type(None)]
    is_union = type(None) in get_args(annotation) and get_origin(annotation) is not Literal
    return rest[0] if is_union and len(rest) == 1 else None


def _kept(names: dict[str, Any], value: Any) -> str:
    """A name for a value within the generated function."""
    name = f"v{len(names)}"
    names[name] = value
    return name
