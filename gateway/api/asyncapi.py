"""AsyncAPI 3 of everything that Caraka says on the bus, generated from the registry: for consumers with any NATS
client.
"""

from typing import Any

from contracts import REGISTRY, subjects
from contracts.base import Command, Event, Message, Query, ServiceRequest

WORDS: dict[type[Message], str] = {Command: "command", Event: "event", Query: "query", ServiceRequest: "request"}


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
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Caraka on the bus",
            "version": "1",
            "description": (
                "Events are CloudEvents 1.0 (structured JSON) in one JetStream stream per service "
                "(EVT_<SERVICE>); the header Caraka-Position is <store>.<epoch>.<position>.<previous>. "
                "The schemas below are of the event's `data`."
            ),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }
