"""No code reaches a person without a sentence: the services' tables of refusals against the gateway's sentences."""

import importlib
import re
from pathlib import Path

import pytest

from gateway.edge.messages import SENTENCES, sentence

NO_REFUSALS = ("crash_point(", "log.")  # named crash points and log lines look alike
ROOT = Path(__file__).parents[3]
SERVICES = ("intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications", "organisation")


def codes_of(service: str) -> set[str]:
    """The table of refusals, and codes that are written out in the service."""
    policy = importlib.import_module(f"services.{service}.policy")
    table = {f"{service}.{reason}" for reason in getattr(policy, "REFUSALS", {})}
    return table | spelt(re.escape(service), ROOT / "services" / service)


def spelt(words: str, *places: Path) -> set[str]:
    """Codes that begin with one of the words and stand in the source of these places."""
    pattern = re.compile(rf'"((?:{words})\.[a-z][a-z-]+)"')
    lines = (line for place in places for path in place.rglob("*.py") for line in path.read_text("utf-8").splitlines())
    return {code for line in lines if not any(word in line for word in NO_REFUSALS) for code in pattern.findall(line)}


@pytest.mark.parametrize("service", SERVICES)
def test_each_refusal_of_a_service_has_a_sentence(service: str) -> None:
    assert sorted(codes_of(service) - set(SENTENCES)) == []


def test_each_code_of_the_gateway_and_the_kit_has_a_sentence() -> None:
    used = spelt("gateway|kit|bus", ROOT / "gateway", ROOT / "services" / "kit")
    assert sorted(used - set(SENTENCES)) == []


def test_a_sentence_with_a_missing_detail_still_reads() -> None:
    assert sentence("approval.not-your-turn", {}, "id") == "Belum giliran Anda. Berikutnya: …."
    assert "Kepala" in sentence("approval.not-your-turn", {"next_title": "Kepala Dinas"}, "id")
