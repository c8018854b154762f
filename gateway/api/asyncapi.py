"""AsyncAPI 3 of everything that Caraka says on the bus, generated from the registry: for consumers with any NATS
client.
"""

from typing import Any

from contracts import REGISTRY, subjects
from contracts.base import Command, Event, Message, Query, ServiceRequest, Shape
from contracts.jobs import JobMessage, JobSettled, JobTaken, SettleJob, TakeJob

WORDS: dict[type[Message], str] = {Command: "command", Event: "event", Query: "query", ServiceRequest: "request"}


# What a worker of a queue hears, asks and says: word → message, and what is answered; whoever works is the other side.
WORK: dict[str, tuple[type[Shape], type[Shape] | None]] = {
    "job": (JobMessage, None), "take": (TakeJob, JobTaken), "settle": (SettleJob, JobSettled),
}  # fmt: skip
WORKERS = (
    "Jobs are effects on the outside world. A worker of a queue is a pull subscriber of the stream JOB_<SERVICE> and of"
    " the durable consumer named like the queue (both exist; it makes neither). For each message it asks `take`; only"
    " where the answer is *ready* it does the effect, within `seconds`, with `job_id` as the provider's key; then it"
    " says on `settle` what came of it, with the token. `delivered` is the number of deliveries that the message's"
    " metadata tells. Answers stand below the key `answer`; `refusal` is final, `fault` means later. It acknowledges"
    " as soon as it was answered, whatever was said, and gives the message back with a delay where nobody answered."
)


def document() -> dict[str, Any]:
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for cls in REGISTRY:
        kind, word = cls.kind(), next(name for base, name in WORDS.items() if issubclass(cls, base))
        messages[kind] = {
            "name": kind,
            "title": cls.__name__,
            "summary": (cls.__doc__ or "").strip().split("\n")[0],
            "contentType": "application/cloudevents+json" if word == "event" else "application/json",
            "payload": cls.model_json_schema(ref_template=f"#/components/messages/{kind}/payload/$defs/{{model}}"),
        }
        channels[kind] = {
            "address": subjects.subject(cls, "{agency}"),
            "parameters": {"agency": {"description": "The agency's slug, [a-z0-9-]{2,32}"}},
            "messages": {cls.__name__: {"$ref": f"#/components/messages/{kind}"}},
        }
        operations[f"{word}-{kind}"] = {
            "action": "send" if word == "event" else "receive",
            "channel": {"$ref": f"#/channels/{kind}"},
        }
    for word, (said, answered) in WORK.items():
        _work(word, said, answered, channels, operations, messages)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Caraka on the bus",
            "version": "1",
            "description": (
                "Events are CloudEvents 1.0 (structured JSON) in one JetStream stream per service "
                "(EVT_<SERVICE>); the header Caraka-Position is <store>.<epoch>.<position>.<previous>. "
                "The schemas below are of the event's `data`. " + WORKERS
            ),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _work(  # noqa: PLR0913 - a word of the workers, and what it is added to
    word: str,
    said: type[Shape],
    answered: type[Shape] | None,
    channels: dict[str, Any],
    operations: dict[str, Any],
    messages: dict[str, Any],
) -> None:
    named = ("agency", "service", "queue")
    channels[word] = {
        "address": ".".join((word, *(f"{{{each}}}" for each in named))),
        "parameters": {each: {"description": f"The {each}'s slug"} for each in named},
        "messages": {said.__name__: {"$ref": f"#/components/messages/{said.__name__}"}},
    }
    operations[word] = {
        "action": "send" if word == "job" else "receive",
        "channel": {"$ref": f"#/channels/{word}"},
    }
    for shape in (said, answered):
        if shape is not None:
            place = f"#/components/messages/{shape.__name__}/payload/$defs/{{model}}"
            schema = shape.model_json_schema(ref_template=place)
            messages[shape.__name__] = {
                "name": shape.__name__,
                "summary": (shape.__doc__ or "").strip().split("\n")[0],
                "contentType": "application/json",
                "payload": schema,
            }
    if answered is not None:
        reply = f"{word}-reply"
        answer = {"$ref": f"#/components/messages/{answered.__name__}"}
        channels[reply] = {"address": None, "messages": {answered.__name__: answer}}
        operations[word]["reply"] = {"channel": {"$ref": f"#/channels/{reply}"}}
