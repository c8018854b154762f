"""Alerts and dashboard speak only of metrics and labels that there are (`test_metrics` holds the table to a scrape)."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts import REGISTRY
from contracts.base import Command
from gateway.edge.rights import RIGHTS
from services.kit.observability.metrics import FAMILIES
from tests.architecture.tree import services

FOLDER = Path(__file__).parents[2] / "deploy" / "observability"
ENDINGS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
SAMPLES = {f"{name}{ending}": name for name, family in FAMILIES.items() for ending in ENDINGS[family.kind]}
OF_ALL = {"service", "instance", "le", "job"}


def rules() -> list[dict[str, Any]]:
    read = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    return [rule for group in read["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((FOLDER / "caraka.json").read_text())["panels"]
    return [panel for panel in read if panel["type"] != "row"]


def expressions() -> list[tuple[str, str]]:
    shown = [(panel["title"], target["expr"]) for panel in panels() for target in panel["targets"]]
    return [(rule["alert"], rule["expr"]) for rule in rules()] + shown


@pytest.mark.parametrize(("title", "expression"), expressions())
def test_an_expression_names_only_metrics_and_labels_that_there_are(title: str, expression: str) -> None:
    named = re.findall(r"\bcaraka_\w+", expression)
    assert set(named) <= SAMPLES.keys()
    assert named or expression.startswith("up{")
    labels = {label for name in named for label in FAMILIES[SAMPLES[name]].labels} | OF_ALL
    selected = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!=|=)", expression)
    grouped = [word.strip() for group in re.findall(r"\bby \(([^)]*)\)", expression) for word in group.split(",")]
    assert {*selected, *grouped} <= labels
    assert expression.count("(") == expression.count(")")


def test_a_rate_is_asked_of_counters_only_and_a_counter_is_never_shown_bare() -> None:
    for _, expression in expressions():
        for name in re.findall(r"(?:rate|increase)\((caraka_\w+)", expression):
            assert FAMILIES[SAMPLES[name]].kind != "gauge", expression
        for name in re.findall(r"(?<!rate\()(?<!increase\()\b(caraka_\w+)", expression):
            assert FAMILIES[SAMPLES[name]].kind == "gauge", expression


def test_every_alert_says_what_is_wrong_what_to_do_and_whom_to_wake() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["remedy"].endswith((".", ":"))
        told = re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))
        kept = {word.strip() for group in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for word in group.split(",")}
        assert set(told) <= kept | ({"service"} if "absent(" in rule["expr"] else set()), rule["alert"]


def test_a_service_that_is_silent_is_noticed_whichever_it_is() -> None:
    silent = next(rule["expr"] for rule in rules() if rule["alert"] == "CarakaServiceSilent")
    assert set(re.findall(r'service="(\w+)"', silent)) == set(services())


def test_every_metric_is_shown_or_watched() -> None:
    used = {SAMPLES[name] for _, expression in expressions() for name in re.findall(r"\bcaraka_\w+", expression)}
    assert used == set(FAMILIES)


def test_values_that_are_selected_exist() -> None:
    text = " ".join(expression for _, expression in expressions())
    assert set(re.findall(r'route!?="([^"]+)"', text)) <= set(RIGHTS)
    assert set(re.findall(r'kind="([^"]+)"', text)) <= {kind.kind() for kind in REGISTRY.of(Command)}
    assert set(re.findall(r'part="([^"]+)"', text)) <= {"relay"}


def test_labels_are_few_and_none_is_an_agency_a_person_or_a_letter() -> None:
    labels = {label for family in FAMILIES.values() for label in family.labels}
    assert labels == {
        "code", "endpoint", "kind", "loop", "mailbox", "outcome", "part", "pool", "queue", "reason", "route", "source",
        "status",
        "subscription",
    }  # fmt: skip


def test_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not taken & cells, panel["title"]
        taken |= cells
        assert at["x"] + at["w"] <= 24


@pytest.mark.skipif(
    not shutil.which("promtool"), reason="Debian's prometheus has promtool; what it finds is style here"
)
def test_prometheus_itself_takes_rules_and_configuration() -> None:
    checked = subprocess.run(
        ["promtool", "check", "config", str(FOLDER / "prometheus.yml")], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
