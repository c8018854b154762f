"""The door to pydantic: objects of its classes made past their validation, from values that were validated before.

`model_construct`, its public way to that, looks at every field and costs more than validating a small shape. Every
private name of pydantic that we use stands in this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from contracts.base import Actor, Holding, Sealed
from services.kit.door import Door, expect

Set = Callable[[Any, Any], None]


def _setter(slot: str) -> Set:
    return getattr(BaseModel.__dict__.get(slot), "__set__", _no_slot)


def _no_slot(_made: object, _value: object) -> None:
    raise TypeError("a slot that was known is not there")


new = object.__new__

# What an object is made of: its fields' values, the names of those that were given, what was beyond them, and what is
# private. All four, or the object is none.
set_fields = _setter("__dict__")
set_given = _setter("__pydantic_fields_set__")
set_extra = _setter("__pydantic_extra__")
set_private = _setter("__pydantic_private__")


def has_own_form(cls: type[BaseModel]) -> bool:
    """Whether something of its own stands between its fields and their stored form."""
    known = cls.__pydantic_decorators__
    return bool(known.model_serializers or known.field_serializers or known.computed_fields)


def _look() -> None:
    """A shape, one that holds another, and one with private values: made here and by pydantic."""
    holding = Holding(position="kasi", title="Kepala Seksi", role="kasi")
    sealed = Sealed(seal_class="archive", subject_id="agency", key_id="k", nonce="n", ciphertext="c")
    sealed.put_at("e/f")
    for known, private in (
        (holding, None),
        (Actor(id="kasi", holdings=(holding,)), None),
        (sealed, {"_plain": None, "_place": "e/f"}),
    ):
        made = new(type(known))
        set_fields(made, dict(vars(known)))
        set_given(made, set(known.model_fields_set))
        set_extra(made, None)
        set_private(made, private)
        expect(known, made)
        for way in ("model_dump_json", "model_copy", "__repr__"):
            expect(getattr(known, way)(), getattr(made, way)())
        expect((known.model_fields_set, known.model_extra), (made.model_fields_set, made.model_extra))
        expect(getattr(known, "place", ""), getattr(made, "place", ""))
    expect([False, True], [has_own_form(cls) for cls in (Actor, Sealed)])


PYDANTIC = Door("pydantic", _look)
