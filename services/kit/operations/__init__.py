"""What a person asks of a running service: health, metrics, housekeeping."""

from services.kit.operations.health import HealthReport, ask_health, request_operation
from services.kit.operations.metrics_collect import PartRows, instance_name, process_rows
from services.kit.operations.metrics_over_bus import ask_metrics

__all__ = [
    "HealthReport",
    "PartRows",
    "ask_health",
    "ask_metrics",
    "instance_name",
    "process_rows",
    "request_operation",
]
