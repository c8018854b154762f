"""What a person asks of a running service: health, metrics, housekeeping."""

from services.kit.operations.health import EVERYWHERE, HealthReport, ask_health, noted, request_operation
from services.kit.operations.marks import Mark
from services.kit.operations.marks import tell as tell_mark
from services.kit.operations.metrics_collect import PartRows, instance_name, process_rows
from services.kit.operations.metrics_over_bus import ask_metrics
from services.kit.operations.stream_keeper import UNANSWERED

__all__ = [
    "EVERYWHERE",
    "UNANSWERED",
    "HealthReport",
    "Mark",
    "PartRows",
    "ask_health",
    "ask_metrics",
    "instance_name",
    "noted",
    "process_rows",
    "request_operation",
    "tell_mark",
]
