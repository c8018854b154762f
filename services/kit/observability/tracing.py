"""Traces through OpenTelemetry, carried over the bus and in the events; off unless ``CARAKA_OTLP_URL`` is set.

HTTP request → ask → decision and commit → (in the event) → relay → reactions and views: one trace. Off, nothing of the
SDK is imported and a span costs one look at ``on``. Spans say kinds, routes and codes; never paths, queries or people.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from services.kit.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor

TRACES = "/v1/traces"
MOST_IN_A_BATCH = 100
_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_MARK = b'"traceparent":"'
_LENGTH = 55
Kind = Literal["server", "client", "consumer", "producer", "internal"]


def traceparent_of(event: bytes) -> str | None:
    """Of an event as it is stored. The key stands behind the data (sorted); inside a text its quotes are escaped."""
    begins = event.rfind(_MARK)
    if begins < 0:
        return None
    begins += len(_MARK)
    return valid(event[begins : begins + _LENGTH].decode("ascii", "replace"))


def valid(traceparent: str | None) -> str | None:
    """What has the form of version 00 of the W3C's header; anything else is no trace."""
    return traceparent if traceparent and _FORM.fullmatch(traceparent) else None


class Span:
    """A span that is open. ``traceparent`` is what goes on to the next one."""

    def __init__(self, span: Any = None, traceparent: str | None = None) -> None:
        self._span = span
        self.traceparent = traceparent

    def say(self, **attributes: str | int | bool) -> None:
        """Dots in the names are written as two underscores."""
        if self._span is not None:
            self._span.set_attributes({name.replace("__", "."): value for name, value in attributes.items()})

    def name(self, name: str) -> None:
        if self._span is not None:
            self._span.update_name(name)

    def failed(self, what: str) -> None:
        """``what``: a class or a code, nothing else."""
        if self._span is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_status(Status(StatusCode.ERROR, what))


class Tracing:
    """One service's tracer. Without a processor it is off."""

    def __init__(self, service: str = "", processor: SpanProcessor | None = None) -> None:
        self.on = processor is not None
        if processor is None:
            return
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        self._provider = TracerProvider(
            resource=Resource.create({"service.name": f"caraka-{service}"}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("caraka")

    @contextmanager
    def span(self, name: str, kind: Kind, parent: str | None = None, **attributes: str | int | bool) -> Iterator[Span]:
        """A span around the body; below ``parent``, or below the span that is open here."""
        if not self.on:
            yield Span()
            return
        from opentelemetry.trace import SpanKind

        context = _context(parent)
        started = self._tracer.start_as_current_span(
            name, context, SpanKind[kind.upper()], record_exception=False, set_status_on_exception=False
        )
        with started as opened:
            span = Span(opened, _header(opened))
            span.say(**attributes)
            try:
                yield span
            except Exception as error:
                span.failed(type(error).__name__)
                raise

    def carried(self, name: str, events: Iterable[bytes], began: int) -> None:
        """A batch of events was carried somewhere since ``began`` (`time.time_ns`): a span in each of their traces."""
        if not self.on:
            return
        from opentelemetry.trace import SpanKind

        parents: dict[str, int] = {}
        for event in events:
            parent = traceparent_of(event)
            if parent is not None:
                parents[parent] = parents.get(parent, 0) + 1
        for parent, count in list(parents.items())[:MOST_IN_A_BATCH]:
            span = self._tracer.start_span(
                name, _context(parent), SpanKind.CONSUMER, attributes={"caraka.events": count}, start_time=began
            )
            span.end(time.time_ns())

    def close(self) -> None:
        """Sends what waits; may block for a moment."""
        if self.on:
            self._provider.shutdown()


OFF = Tracing()


def tracing_of(settings: Settings, service: str) -> Tracing:
    """To the collector that the settings name, by OTLP over HTTP; `OFF` where they name none."""
    if not settings.otlp_url:
        return OFF
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    url = settings.otlp_url.rstrip("/")
    exporter = OTLPSpanExporter(endpoint=url if url.endswith(TRACES) else url + TRACES, timeout=5)
    return Tracing(service, BatchSpanProcessor(exporter))


def _context(parent: str | None) -> Context | None:
    """None: whatever is open here."""
    if valid(parent) is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent or ""})


def _header(span: Any) -> str | None:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
