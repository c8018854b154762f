"""One example of any message, made from its shape alone: every field filled, the same one each time.

With it the corpus of stored events is extended when a kind is new; what is in the corpus is never made again.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from contracts.base import Message, Sealed
from contracts.notices import NotifyRoute
from contracts.words import BlobUpload, PersonBlob, Season, TimeLimit

M = TypeVar("M", bound=Message)
MOMENT = datetime(2026, 3, 12, 7, 0, tzinfo=UTC)

PLAIN: dict[Any, Callable[[str], Any]] = {
    UUID: lambda _name: UUID("6a0e3c56-40f5-5b1c-9d3e-5a3f2f6c1e01"),
    AwareDatetime: lambda _name: MOMENT,
    bool: lambda _name: True,
    int: lambda name: 2026 if name == "year" else 1,
    NoneType: lambda _name: None,
}

# Text whose form matters, by the name of its field; all other text is a slug, which fits everywhere.
WORDS = {
    "sha256": "ab" * 32,
    "content_sha256": "ab" * 32,
    "message_id_sha256": "cd" * 32,
    "content_mac": "ab" * 32,
    "message_id_mac": "cd" * 32,
    "letter_on": "2026-03-10",
    "on": "2026-03-19",
}
WORDS |= {
    "zone": "Asia/Jakarta",
    "event_kind": "approval.RoundOpened",
    "closed": "2026-03-19",
    "valid_from": "2022-03-01",
    "urgency": "segera",
    "copy_kind": "asli",
    "capacity": "plh",
    "secret_sha256": "ef" * 32,
    "read_back": "ab" * 32,
    "code_mac": "ab" * 32,
    "network": "10.20.0.0/16",
}
COMPLAINTS = {"complaints": [{"class": "ringan"}], "answers": {"officer": "pejabat"}}
TABLES: dict[str, dict[str, Any]] = {
    "rules": {"books": {"masuk": {"pattern": "{number}"}}, "accounts": {"connector": "ldap"}, **COMPLAINTS},
    "components": {"fee": "Gratis"},
    "hour": {"days": ["mon"], "open": "08:00", "close": "15:45"},
    "season": {
        "days": ["mon"],
        "open": "08:00",
        "close": "15:00",
        "season": "Ramadan",
        "season_from": "2026-02-18",
        "season_until": "2026-03-19",
    },
}
SEALED = {"class": "archive", "subject_id": "agency", "key_id": "k1", "nonce": "bm9uY2U=", "ciphertext": "Y2lwaGVy"}

# Shapes that mean something only in part.
RAMADAN = {
    "season": "ramadan-2026",
    "name": "Ramadan 1447 H",
    "from_on": "2026-02-18",
    "until_on": "2026-03-19",
    "hours": [{"days": ["mon", "tue"], "open": "08:00", "close": "15:00", "breaks": [["12:00", "12:30"]]}],
    "number": "SE-1",
    "decreed_on": "2026-02-10",
}
UPLOAD = {"name": "ab" * 32, "size": 1, "media_type": "image/jpeg", "key_id": "cd" * 16}
SHAPES: dict[type[BaseModel], dict[str, Any]] = {
    BlobUpload: {**UPLOAD, "sha256": "ef" * 32},
    PersonBlob: {**UPLOAD, "sha256": SEALED, "file_name": SEALED},
    Sealed: SEALED, TimeLimit: {"service_minutes": 60}, Season: RAMADAN,
    NotifyRoute: {
        "kind": "approval.RoundOpened", "audience": "tier", "channels": ["inbox", "email"], "template": "turn",
        "purpose": "case", "urgent": True,
    },
}  # fmt: skip


def specimen(cls: type[M]) -> M:
    """A valid message of this class."""
    return cls.model_validate(body(cls))


def body(cls: type[BaseModel]) -> dict[str, Any]:
    return {name: _value(name, field.annotation) for name, field in cls.model_fields.items()}


def _value(name: str, annotation: Any) -> Any:  # noqa: PLR0911 - a table: one row per form
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Annotated, Union, UnionType}:
        return _value(name, inner[0])
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        return [_value(name.removesuffix("s"), inner[0])]
    if dict in {origin, annotation}:
        if inner and isinstance(inner[1], type) and issubclass(inner[1], BaseModel):
            return {"kunci": body(inner[1])}
        return TABLES.get(name, {"kunci": "nilai"})
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return SHAPES.get(annotation) or body(annotation)
    return PLAIN.get(annotation, lambda name: WORDS.get(name, name.replace("_", "-")))(name)
