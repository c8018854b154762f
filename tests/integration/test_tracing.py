"""A letter's walk is one connected trace over gateway, bus, events, relay, reactions and views; off, it is free."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.cli.demo import carry
from services.kit.observability.tracing import OFF, Tracing, traceparent_of, valid
from tests.parts.product import start_product

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(ThreadingHTTPServer):
    """Receives OTLP over HTTP on loopback, as a collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.spans: list[tuple[str, Any]] = []
        self.paths: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        self.server.paths.add(self.path)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.server.spans += [(names["service.name"], span) for span in scope.spans]
        self.send_response(HTTPStatus.OK)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_walk_is_one_connected_trace(tmp_path: Path, collector: Collector) -> None:
    product = start_product(tmp_path / "product", env={"CARAKA_OTLP_URL": collector.url})
    try:
        steps = await carry(product.settings, None)
        await product.until_quiet()
    finally:
        product.stop()  # what waits is sent before a process ends
    assert collector.paths == {"/v1/traces"}
    trace, _ = Counter(span.trace_id for _, span in collector.spans).most_common(1)[0]
    walk = [(service, span) for service, span in collector.spans if span.trace_id == trace]
    services = {service for service, _ in walk}
    road = ("gateway", "intake", "approval", "dispatch", "projections", "audit")
    assert services >= {f"caraka-{name}" for name in road}
    # every span hangs below another one of the walk, or below the walker's own
    known = {span.span_id for _, span in walk}
    above = {span.parent_span_id for _, span in walk if span.parent_span_id not in known}
    assert len(above) == 1
    names = Counter((service, span.name) for service, span in walk)
    assert names["caraka-gateway", "POST letters.register"] == 1
    assert names["caraka-intake", "intake.RegisterLetter.v1"] == 1
    assert names["caraka-approval", "approval.OpenRound.v1"] == 1
    assert names["caraka-dispatch", "dispatch.PlanDispatch.v1"] == 1
    assert names["caraka-intake", "relay intake"] >= 1
    assert names["caraka-projections", "projections-intake"] >= 1
    opened = next(span for _, span in walk if span.name == "approval.OpenRound.v1")
    forwarded = next(span for _, span in walk if span.name == "intake.ForwardLetter.v1")
    assert opened.parent_span_id == forwarded.span_id
    # and tells nothing of the letter or of people
    text = "".join(str(span) for _, span in walk)
    assert steps[0]["letter_id"] not in text
    assert "Biro Organisasi" not in text
    assert "kadis" not in text.replace("initial", "")


def test_off_nothing_of_the_sdk_is_loaded_and_a_span_has_no_traceparent() -> None:
    look = (
        "import sys, services.cli.running, gateway.app;"
        "sys.exit(any(name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", look], check=False, cwd=Path(__file__).parents[2]).returncode == 0
    with OFF.span("anything", "server", PARENT) as span:
        span.say(answer=42)
        span.failed("nothing")
        assert span.traceparent is None
    assert not OFF.on


def test_the_trace_of_an_event_is_read_from_its_bytes_and_not_from_what_somebody_wrote_in_it() -> None:
    forged = PARENT.replace("b7ad", "ffff")
    said = rb'{"data":{"text":"\"traceparent\":\"' + forged.encode() + rb'\""},"time":"x"'
    assert traceparent_of(said + b',"traceparent":"' + PARENT.encode() + b'","type":"intake.X.v1"}') == PARENT
    assert traceparent_of(said + b',"type":"intake.X.v1"}') is None
    assert traceparent_of(b'{"traceparent":"' + b"x" * 200) is None
    assert valid("00-short-01") is None


def test_a_batch_leaves_a_span_in_each_of_its_traces_and_at_most_a_hundred() -> None:
    kept = InMemorySpanExporter()
    tracing = Tracing("intake", SimpleSpanProcessor(kept))
    traces = [f"00-{n:032x}-{n:016x}-01" for n in range(1, 151)]
    events = [b'{"traceparent":"' + trace.encode() + b'"}' for trace in traces for _ in range(2)]
    tracing.carried("relay intake", [*events, b"{}"], 1)
    spans = kept.get_finished_spans()
    assert len(spans) == 100
    assert {span.attributes["caraka.events"] for span in spans if span.attributes} == {2}
    assert len({span.context.trace_id for span in spans if span.context}) == 100


def test_a_span_goes_below_the_one_that_it_was_handed_and_says_what_failed() -> None:
    kept = InMemorySpanExporter()
    tracing = Tracing("intake", SimpleSpanProcessor(kept))
    with tracing.span("outer", "server", PARENT) as outer, pytest.raises(KeyError), tracing.span("inner", "client"):
        raise KeyError("a name that must not be told")
    assert outer.traceparent is not None
    assert outer.traceparent[:35] == PARENT[:35]
    spans = {span.name: span for span in kept.get_finished_spans()}
    assert spans["inner"].parent is not None
    assert f"{spans['inner'].parent.trace_id:032x}" == PARENT[3:35]
    assert f"{spans['inner'].parent.span_id:016x}" == outer.traceparent[36:52]
    assert spans["inner"].status.description == "KeyError"
    assert not spans["inner"].events
