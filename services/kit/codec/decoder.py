"""Stored facts read quickly: a reader per class, generated once from its fields, as strict as the class itself.

A reader takes what is exactly of the declared type (constrained words are checked by the class's own rule and
remembered) and refuses everything else with `Odd`; whoever reads then asks pydantic, which converts it or says why not.
So both ways give equal facts, and only the way differs: no validator runs for what was validated when it was written.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from contracts.base import EMPTY, Sealed
from services.kit.codec.slots import new, set_extra, set_fields, set_given, set_private

REMEMBERED = 10_000
UUID_LENGTH, UUID_DIGITS = 36, 32
PLAIN = (str, int, bool)
Reader = Callable[[Any, str], Any]
"""``(data, place)``: ``place`` is ``<event id>/<path so far>``, which the sealed fields keep. Whatever it raises, the
data is not exactly what the class declares.
"""


class Odd(Exception):
    """Not exactly what the class declares: the slow way decides."""


UNUSUAL = (Odd, ValueError, TypeError, LookupError, AttributeError)


@cache
def reader_of(cls: type[BaseModel]) -> Reader:
    """The reader of an event class or of a shape within one."""
    if cls is Sealed:
        return _sealed
    names: dict[str, Any] = {
        "cls": cls, "new": new, "Odd": Odd, "odd": _odd, "all": set(cls.model_fields),
        "set_fields": set_fields, "set_given": set_given, "set_extra": set_extra, "set_private": set_private,
        "uuid": known_uuid, "moment": moment_of,
    }  # fmt: skip
    fields = ", ".join(_field(names, name, field) for name, field in cls.model_fields.items())
    lines = (
        "def read(data, place):",
        f"  value = {{{fields}}}",
        "  made = new(cls)",
        "  set_fields(made, value)",
        "  set_given(made, all)",
        "  set_extra(made, None)",
        "  set_private(made, None)",
        "  return made",
    )
    exec("\n".join(lines), names)  # noqa: S102 - our own field names, at the first use of a class
    read: Reader = names["read"]
    return read


def _field(names: dict[str, Any], name: str, field: FieldInfo) -> str:
    """``'name': expression`` that reads one field of ``data``."""
    annotation: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    key = field.alias or name
    if field.is_required():
        return f"{name!r}: {_read(names, annotation, f'(x := data[{key!r}])', 'x', f'place + {name!r}')}"
    default = field.get_default(call_default_factory=True)
    otherwise = (
        repr(default)
        if default in (None, ()) or type(default) in PLAIN
        else f"{_kept(names, field.get_default)}(call_default_factory=True)"
    )
    taken = _read(names, annotation, "x", "x", f"place + {name!r}")
    return f"{name!r}: {otherwise} if (x := data.get({key!r}, Odd)) is Odd else {taken}"


def _read(names: dict[str, Any], annotation: Any, first: str, then: str, place: str) -> str:  # noqa: PLR0911 - one line per sort of annotation
    """An expression for the value of ``first``, which is written ``then`` when it is looked at again."""
    if annotation is Any:
        return first
    if annotation in PLAIN:
        return f"{then} if type({first}) is {annotation.__name__} else odd()"
    if annotation is UUID:
        return f"uuid({first})"
    if annotation is AwareDatetime or _is_moment(annotation):
        return f"moment({first})"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        path = place if annotation is Sealed else f"{place} + '.'"
        return f"{_kept(names, reader_of(annotation))}({first}, {path})"
    optional = _optional(annotation)
    if optional is not None:
        return f"None if {first} is None else ({_read(names, optional, then, then, place)})"
    if get_origin(annotation) is tuple and get_args(annotation)[1:] == (...,):
        inner = get_args(annotation)[0]
        each = _read(names, inner, "y", "y", f"{place} + f'.{{n}}'" if _holds(inner) else "place")
        every = f"for n, y in enumerate({then})" if _holds(inner) else f"for y in {then}"
        return f"tuple([{each} {every}]) if type({first}) is list else odd()"
    if get_origin(annotation) is Literal:
        words = frozenset(get_args(annotation))
        return f"{then} if {first} in {_kept(names, words)} else odd()"
    if get_origin(annotation) is Annotated and get_args(annotation)[0] is str:
        known, learn = (_kept(names, each) for each in _words(annotation))
        return f"{then} if type({first}) is str and ({then} in {known} or {learn}({then})) else odd()"
    return f"{_kept(names, _slow(annotation))}({first})"


def _kept(names: dict[str, Any], value: Any) -> str:
    """A name for a value within the generated function."""
    name = f"v{len(names)}"
    names[name] = value
    return name


def _odd() -> Any:
    raise Odd


def _slow(annotation: Any) -> Callable[[Any], Any]:
    """Anything else (rules, numbers of a kind of their own): pydantic reads this one field."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    return adapter.validate_python


@cache
def _words(annotation: Any) -> tuple[set[str], Callable[[str], bool]]:
    """For a constrained text: the words seen so far, and what learns a new one."""
    adapter: TypeAdapter[str] = TypeAdapter(annotation)
    known: set[str] = set()

    def learn(value: str) -> bool:
        if adapter.validate_python(value) != value:
            raise Odd
        if len(known) < REMEMBERED and len(value) <= UUID_LENGTH:
            known.add(value)
        return True

    return known, learn


def _optional(annotation: Any) -> Any:
    """``X`` of ``X | None``."""
    if get_origin(annotation) in {Union, types.UnionType}:
        rest = [each for each in get_args(annotation) if each is not type(None)]
        if len(rest) == 1 and len(get_args(annotation)) == 2:  # noqa: PLR2004 - X and None
            return rest[0]
    return None


def _is_moment(annotation: Any) -> bool:
    return get_origin(annotation) is Annotated and get_args(annotation)[0] is datetime


def _holds(annotation: Any) -> bool:
    """Whether a shape may stand in it, whose sealed fields need to know their place."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_holds(part) for part in get_args(annotation))


def uuid_of(text: Any) -> UUID:
    """``UUID(text)`` of the usual form, without its many ways."""
    if type(text) is not str or len(text) != UUID_LENGTH or text[8::5][:4] != "----":
        raise Odd
    digits = text.replace("-", "")
    if len(digits) != UUID_DIGITS or not digits.isalnum() or not digits.isascii():  # int() also takes "_", " " and "٣"
        raise Odd
    return UUID(int=int(digits, 16))


_UUIDS: dict[str, UUID] = {}


def known_uuid(text: Any) -> UUID:
    """The same, for ids that come again: a letter's stands in all its events."""
    found = _UUIDS.get(text)
    if found is None:
        found = uuid_of(text)
        if len(_UUIDS) >= REMEMBERED:
            _UUIDS.clear()
        _UUIDS[text] = found
    return found


def moment_of(text: Any) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise Odd
    return found


_SEALED = frozenset({"archive", "applicant", "reporter", "contact"})
_SEALED_FIELDS = set(Sealed.model_fields)


def _sealed(data: Any, place: str) -> Sealed:
    """The one shape that every event has, by hand: it also learns where it stands."""
    seal_class, subject, key_id = data["class"], data["subject_id"], data["key_id"]
    nonce, ciphertext = data["nonce"], data["ciphertext"]
    if not (
        type(subject) is type(key_id) is type(nonce) is type(ciphertext) is str and seal_class in _SEALED
    ):  # fmt: skip
        raise Odd
    empty = not (key_id or nonce or ciphertext)
    if empty and subject == "agency" and seal_class == "archive":
        return EMPTY
    made = new(Sealed)
    set_fields(made, {
        "seal_class": seal_class, "subject_id": subject, "key_id": key_id, "nonce": nonce, "ciphertext": ciphertext,
    })  # fmt: skip
    set_given(made, _SEALED_FIELDS)
    set_extra(made, None)
    set_private(made, {"_plain": None, "_place": None if empty else place})
    return made
