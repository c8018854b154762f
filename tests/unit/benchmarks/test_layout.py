"""The product that is measured is the whole product: readiness waits for every service."""

from benchmarks.product import APART, DECIDING, FOLLOWING, SPLIT
from services.cli.catalogue import SERVICES


def test_every_service_runs_in_each_layout() -> None:
    assert sorted((*DECIDING, *FOLLOWING)) == sorted(SERVICES)
    for layout in (SPLIT, APART):
        assert sorted(name for words in layout if words[0] == "run" for name in words[1:]) == sorted(SERVICES)
