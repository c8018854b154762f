"""Between facts and bytes: the stored state is the CloudEvent 1.0, written once, forwarded verbatim.

JSON with sorted keys, UTC times, no floats. Sealed fields are closed here and nowhere else.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from contracts import REGISTRY
from contracts.base import Ask, Event, Recorded, Sealed
from contracts.upcasts import newest
from services.kit.ids import event_id
from services.kit.sealing import places, put

OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
Close = Callable[[str, Sealed, str], dict[str, str]]
"""``(agency, sealed, place) -> stored form`` (`Keys.close`)."""


class Undecodable(Exception):
    """The bytes are no event that this version can read; ``reason``: not-json, unknown-kind, future-version,
    invalid.
    """

    def __init__(self, reason: str, kind: str = "") -> None:
        super().__init__(f"{reason} {kind}".strip())
        self.reason = reason
        self.kind = kind


def encode(  # noqa: PLR0913 - these are the attributes of an event, all of them needed
    event: Event,
    number: int,
    *,
    ask: Ask,
    stream: str,
    version: int,
    at: datetime,
    fingerprint: str,
    close: Close,
) -> tuple[UUID, bytes]:
    """The bytes of the ``number``-th event that a command gave, and its id."""
    identity = event_id(ask.command_id, number)
    data = event.model_dump()
    for path, sealed in places(event):
        put(data, path, close(ask.agency, sealed, f"{identity}/{path}"))
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": identity,
        "source": f"/caraka/{ask.agency}/{event.service()}",
        "type": event.kind(),
        "subject": stream,
        "time": at,
        "datacontenttype": "application/json",
        "agency": ask.agency,
        "streamversion": version,
        "commandid": ask.command_id,
        "correlationid": ask.correlation_id,
        "fingerprint": fingerprint,
        "actor": ask.actor.id,
        "data": data,
    }
    if ask.causation_id is not None:
        attributes["causationid"] = ask.causation_id
    if ask.traceparent is not None:
        attributes["traceparent"] = ask.traceparent
    return identity, orjson.dumps(attributes, option=OPTIONS)


def decode(position: int, data: bytes) -> Recorded:
    """Reads an event back, upcast to its newest version. Raises `Undecodable`."""
    try:
        raw = orjson.loads(data)
        kind, body = newest(raw["type"], raw["data"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Undecodable("not-json") from error
    if kind not in REGISTRY:
        raise Undecodable(_unknown(kind), kind)
    cls = REGISTRY[kind]
    try:
        event = cls.model_validate(body)
        causation = raw.get("causationid")
        recorded = Recorded(
            event_id=UUID(raw["id"]),
            agency=raw["agency"],
            service=cls.service(),
            stream=raw["subject"],
            version=raw["streamversion"],
            position=position,
            at=datetime.fromisoformat(raw["time"]).astimezone(UTC),
            command_id=UUID(raw["commandid"]),
            correlation_id=UUID(raw["correlationid"]),
            causation_id=UUID(causation) if causation else None,
            kind=kind,
            event=event,  # type: ignore[arg-type]  # the registry holds it under a kind of the event family
        )
    except (ValidationError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise Undecodable("invalid", kind) from error
    if not isinstance(event, Event):
        raise Undecodable("unknown-kind", kind)
    for path, sealed in places(event):
        sealed._place = f"{raw['id']}/{path}"  # noqa: SLF001 - a sealed field learns where it stands only here
    return recorded


def _unknown(kind: str) -> str:
    stem, _, _ = kind.rpartition(".v")
    return "future-version" if any(known.kind().rpartition(".v")[0] == stem for known in REGISTRY) else "unknown-kind"
