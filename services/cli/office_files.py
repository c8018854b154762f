"""The agencies' files as the register would show them after their import: for the console, where nothing runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.base import Recorded, Refusal
from services.kit.deciding import Given
from services.organisation.adapters.standards_files import IMPORTER, Import
from services.organisation.handlers import COMMANDS, STREAMS
from services.organisation.views.directory import Directory, folded


@dataclass
class FileStreams:
    """The states of one agency's streams."""

    states: dict[str, Any] = field(default_factory=dict)

    def load(self, stream: str) -> Any:
        return self.states.get(stream, STREAMS[stream.partition(":")[0]].initial)

    def claimed(self, _kind: str, _key: str) -> str | None:
        return None


def imported(imports: Iterable[Import], at: datetime) -> tuple[Directory, list[str]]:
    """What the imports give, and a line for each that is refused. Nothing is stored."""
    agencies: dict[str, FileStreams] = {}
    told: list[Recorded] = []
    refused = []
    for wanted in imports:
        streams = agencies.setdefault(wanted.agency, FileStreams())
        handles = COMMANDS[type(wanted.command)]
        given = Given(wanted.agency, IMPORTER, at, wanted.command_id, streams)
        main = handles.stream(wanted.command, given)
        kind = STREAMS[main.partition(":")[0]]
        decision = handles.decision(wanted.command, streams.load(main), given, kind)
        if isinstance(decision, Refusal):
            refused.append(f"{wanted.agency}: {wanted.command.kebab()} ditolak ({decision.code}) {decision.detail}")
            continue
        for stream, event in decision.events:
            streams.states[stream] = STREAMS[stream.partition(":")[0]].evolve(streams.load(stream), event)
            told.append(
                Recorded(
                    event_id=wanted.command_id, agency=wanted.agency, service="organisation", stream=stream, version=1,
                    position=len(told) + 1, at=at, command_id=wanted.command_id, correlation_id=wanted.command_id,
                    causation_id=None, kind=event.kind(), event=event,
                )
            )  # fmt: skip
    return folded(Directory(), told), refused
