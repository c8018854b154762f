"""The only place that spells subjects, streams and durables of the bus.

``cmd|evt|qry|req.<agency>.<service>.<kebab>.v<N>``; one stream per service for all agencies. A job travels on
``job.<agency>.<service>.<queue>``, its worker asks on ``take.…`` and ``settle.…``. ``live.<agency>.<topic>`` tells open
boards what has changed (core NATS: a lost one is found again by its change number); ``ops.…`` is housekeeping. Who may
say and hear which of them: `services/kit/bus/rights.py`.
"""

import re
from functools import lru_cache

from contracts.base import Command, Event, Message, Query, ServiceRequest

HEALTH = "ops.health"
METRICS = "ops.metrics"
LIVE = "live.>"
WAKE_STREAM = "WAKE"
MARKS_STREAM = "MARKS"
INBOX = "_INBOX"
FAMILIES: dict[type[Message], str] = {Command: "cmd", Event: "evt", Query: "qry", ServiceRequest: "req"}
_KIND = re.compile(r"[a-z0-9_]+\.([A-Za-z0-9]+)\.v([0-9]{1,4})")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_AGENCY = re.compile(r"[a-z0-9-]{2,32}")
UNREADABLE = "unreadable"
"""Stands for the agency in the subject of an event whose agency cannot be spelled; no agency is named so."""


@lru_cache(maxsize=4096)
def subject(cls: type[Message], agency: str) -> str:
    """The subject on which a message of this class travels for one agency."""
    family = next(word for base, word in FAMILIES.items() if issubclass(cls, base))
    return f"{family}.{agency}.{cls.service()}.{cls.kebab()}.v{cls.version}"


@lru_cache(maxsize=4096)
def event_subject(kind: str, agency: str, service: str) -> str:
    """Of a stored kind, also one that no class stands for any more; what cannot be spelled goes to ``unreadable``."""
    found = _KIND.fullmatch(kind)
    name = f"{_HUMP.sub('-', found[1]).lower()}.v{found[2]}" if found else "unknown.v0"
    return f"evt.{agency if _AGENCY.fullmatch(agency) else UNREADABLE}.{service}.{name}"


def commands_of(service: str) -> str:
    return f"cmd.*.{service}.>"


def queries_of(service: str) -> str:
    return f"qry.*.{service}.>"


def requests_of(service: str) -> str:
    return f"req.*.{service}.>"


def events_of(service: str) -> str:
    return f"evt.*.{service}.>"


def stream_of(service: str) -> str:
    """The JetStream stream that carries a service's events; its relay is the only writer."""
    return f"EVT_{service.upper().replace('-', '_')}"


def job(agency: str, service: str, queue: str) -> str:
    """Where a job travels to the workers of its queue; ``*`` for the agency: the filter of the queue's consumer."""
    return f"job.{agency}.{service}.{queue}"


def jobs_of(service: str) -> str:
    return f"job.*.{service}.>"


def job_stream_of(service: str) -> str:
    """The work-queue stream that carries a service's jobs; its dispatcher is the only writer."""
    return f"JOB_{service.upper().replace('-', '_')}"


def take(agency: str, service: str, queue: str) -> str:
    """Where a worker asks for what a job needs."""
    return f"take.{agency}.{service}.{queue}"


def settle(agency: str, service: str, queue: str) -> str:
    """Where a worker says what came of a job."""
    return f"settle.{agency}.{service}.{queue}"


def agency_of(subject_name: str) -> str:
    return subject_name.split(".", 2)[1]


@lru_cache(maxsize=4096)
def service_of(subject_name: str) -> str:
    """The service in a subject of the families above; empty where there is none."""
    return (subject_name.split(".", 3) + [""] * 3)[2]


def live(agency: str, topic: str) -> str:
    return f"live.{agency}.{topic}"


def live_of(agency: str) -> str:
    return f"live.{agency}.>"


def wake(service: str) -> str:
    """Processes of one service tell each other that they have committed (a lost one is made good)."""
    return f"wake.{service}"


def woken(service: str) -> str:
    """Where they hear it: the broker passes it on by the stream `WAKE_STREAM`, without the reply that came with it."""
    return f"woken.{service}"


def mark(service: str) -> str:
    """How far a service's history is kept elsewhere (`services/kit/operations/marks.py`)."""
    return f"mark.{service}"


def operations_of(service: str) -> str:
    return f"ops.{service}.>"


def operation(service: str, name: str) -> str:
    """Housekeeping that a person asks of a service."""
    return f"ops.{service}.{name}"


def renewal(service: str) -> str:
    """On which a relay asks for its stream to be made anew (`services/kit/operations/stream_keeper.py`)."""
    return operation("streams", service)


def inbox_of(user: str) -> str:
    """The beginning of all subjects on which a bus user is answered."""
    return f"{INBOX}_{user.replace('-', '_')}"


def consumer_of(service: str, source: str) -> str:
    """The one consumer by which a service reads another's stream."""
    return f"{service}-{source}"
