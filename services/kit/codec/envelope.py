"""Between facts and bytes: the stored state is the CloudEvent 1.0, written once, forwarded verbatim.

JSON with sorted keys, UTC times, no floats. Sealed fields are closed here and nowhere else.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from contracts import REGISTRY
from contracts.base import Ask, Event, Recorded
from contracts.upcasts import newest
from services.kit.codec.decoder import UNUSUAL, Odd, known_uuid, reader_of, uuid_of
from services.kit.codec.encoder import stored_form
from services.kit.codec.slots import PYDANTIC
from services.kit.sealing.fields import Close, is_empty, places

OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


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
    identity: UUID,
    *,
    ask: Ask,
    stream: str,
    version: int,
    at: datetime,
    fingerprint: str,
    close: Close,
) -> bytes:
    """The bytes of an event; ``identity`` is its id."""
    cls = type(event)
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": identity,
        "source": f"/caraka/{ask.agency}/{cls.service()}",
        "type": cls.kind(),
        "subject": stream,
        "time": at,
        "datacontenttype": "application/json",
        "agency": ask.agency,
        "streamversion": version,
        "commandid": ask.command_id,
        "correlationid": ask.correlation_id,
        "fingerprint": fingerprint,
        "actor": ask.actor.id,
        "data": stored_form(event, f"{identity}/", close),
    }
    if ask.causation_id is not None:
        attributes["causationid"] = ask.causation_id
    if ask.traceparent is not None:
        attributes["traceparent"] = ask.traceparent
    return orjson.dumps(attributes, option=OPTIONS)


def decode(position: int, data: bytes) -> Recorded:
    """Reads an event back, upcast to its newest version. Raises `Undecodable`."""
    try:
        raw = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Undecodable("not-json") from error
    return recorded_of(position, raw)


def recorded_of(position: int, raw: Any) -> Recorded:
    """The same of the envelope as it was parsed already. Raises `Undecodable`."""
    try:
        kind, body = newest(raw["type"], raw["data"])
    except (KeyError, TypeError) as error:
        raise Undecodable("not-json") from error
    known = _FACTS.get(kind)
    if known is None:
        raise Undecodable(_unknown(kind), kind)
    cls, service = known
    try:
        identity, causation, time = raw["id"], raw.get("causationid"), datetime.fromisoformat(raw["time"])
        return Recorded(
            uuid_of(identity),
            raw["agency"],
            service,
            raw["subject"],
            raw["streamversion"],
            position,
            time if time.tzinfo is UTC else time.astimezone(UTC),
            known_uuid(raw["commandid"]),
            known_uuid(raw["correlationid"]),
            known_uuid(causation) if causation else None,
            kind,
            _fact(cls, body, identity),
        )
    except (ValidationError, KeyError, ValueError, TypeError, AttributeError, Odd) as error:
        raise Undecodable("invalid", kind) from error


def _fact(cls: type[Event], body: Any, identity: str) -> Event:
    if PYDANTIC.is_open:
        try:
            quick: Event = reader_of(cls)(body, f"{identity}/")
        except UNUSUAL:  # unusual, or wrong: the class itself decides
            pass
        else:
            return quick
    fact = cls.model_validate(body)
    for path, sealed in places(fact):
        if not is_empty(sealed):
            sealed.put_at(f"{identity}/{path}")
    return fact


_FACTS: dict[str, tuple[type[Event], str]] = {
    cls.kind(): (cls, cls.service()) for cls in REGISTRY if issubclass(cls, Event)
}


def _unknown(kind: str) -> str:
    stem, _, _ = str(kind).rpartition(".v")
    return "future-version" if any(known.kind().rpartition(".v")[0] == stem for known in REGISTRY) else "unknown-kind"
