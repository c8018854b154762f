"""What verify says, as people and machines read it; and who counts as behind."""

import json
import random

from services.cli.findings import as_json, as_table
from services.cli.invariants.blobs import references
from services.cli.invariants.bus import _late, _sample
from services.cli.invariants.ground import KEPT_SENTENCES, Breaches, Finding
from services.kit.operations.health import HealthReport

FINE = Finding("I2", ok=True, sentence="every stream is complete", figures={"events": 7})


def test_the_first_breach_is_named_and_the_others_are_counted_but_not_all_kept() -> None:
    breaches = Breaches()
    for number in range(50):
        breaches.add(f"intake/demo, position {number}", "changed")
    finding = breaches.finding("I6", "fine", {"links": 50})
    assert (finding.ok, finding.where, finding.sentence) == (False, "intake/demo, position 0", "changed (dan 49 lagi)")
    assert len(finding.breaches) == KEPT_SENTENCES
    shown = as_table([FINE, finding])
    assert "intake/demo, position 0: changed (dan 49 lagi)" in shown
    assert "· intake/demo, position 1: changed" in shown
    assert shown.endswith("Tidak utuh: I6.")
    assert json.loads(as_json([FINE, finding]))["ok"] is False


def test_where_nothing_is_broken_it_is_said_in_one_line() -> None:
    assert as_table([FINE]).splitlines()[-1] == "Semua pemeriksaan utuh."
    assert json.loads(as_json([FINE]))["findings"][0]["figures"] == {"events": 7}


def test_what_could_not_be_checked_is_not_said_to_hold() -> None:
    away = Finding("I7", ok=True, sentence="the bus cannot be reached", checked=False)
    partly = Finding("I6", ok=True, sentence="the history is whole", unchecked=("7 events that are not chained yet",))
    lines = as_table([FINE, partly, away]).splitlines()
    assert [line[0] for line in lines[:-1] if line[0] != " "] == ["✓", "✓", "–"]
    assert any("tidak diperiksa: 7 events" in line for line in lines)
    assert lines[-1] == "Tidak ada yang rusak. Tidak diperiksa, atau tidak semuanya: I6, I7."
    told = json.loads(as_json([FINE, partly, away]))
    assert (told["ok"], told["complete"]) == (True, False)
    assert [each["outcome"] for each in told["findings"]] == ["held", "held", "not checked"]
    assert json.loads(as_json([FINE]))["complete"] is True


def test_a_process_that_stands_by_is_not_behind_but_a_stopped_chain_is() -> None:
    def report(instance: str, **parts: dict[str, object]) -> HealthReport:
        return HealthReport("audit", instance, parts)

    ahead = {"source": "intake", "position": 9, "behind": 0, "state": "following"}
    standing_by = {"source": "intake", "position": 0, "behind": 0, "state": "starting"}
    assert _late([report("a", chain=standing_by), report("b", chain=ahead)], {"intake": 9}) == ()
    assert _late([report("b", chain=ahead)], {"intake": 10}) == ("audit chain di 9 dari 10",)
    stopped = {**ahead, "state": "stopped", "reason": "another store"}
    assert _late([report("b", chain=stopped, patrol={"position": 3})], {"intake": 9}) == ("audit chain: another store",)


def test_the_sample_of_a_stream_has_both_ends_and_no_sequence_twice() -> None:
    drawn = _sample(100_000, random.Random(1))  # noqa: S311 - a sample
    assert drawn == sorted(set(drawn))
    assert set(range(1, 101)) | set(range(99_901, 100_001)) <= set(drawn)
    assert 1_000 <= len(drawn) <= 1_200
    assert _sample(0, random.Random(1)) == []  # noqa: S311 - a sample
    assert _sample(3, random.Random(1)) == [1, 2, 3]  # noqa: S311 - a sample


def test_references_to_blobs_are_found_at_any_depth_and_attachments_are_none() -> None:
    blob = {"sha256": "a", "size": 1, "media_type": "x/y", "key_id": None}
    data = {"blob": blob, "proofs": [{"photo": blob}], "attachments": [{**blob, "name": "a.pdf"}], "none": None}
    assert list(references(data)) == [blob, blob]
