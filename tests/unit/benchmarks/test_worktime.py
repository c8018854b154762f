"""The bench of working time asks the real calendar, at moments that are the same in every run."""

from benchmarks.worktime import FLOOR, SPANS, figures, moments


def test_every_span_has_its_two_figures_with_the_floor_and_the_longest_its_ratio() -> None:
    found = figures(rounds=1, seconds=0.01)
    assert [each.name for each in found[:-1]] == [f"{what}, {span}" for what in ("due", "remaining") for span in SPANS]
    assert {each.limit for each in found[:-1]} == {FLOOR}
    assert all(each.value > 0 for each in found)
    assert found[-1].ratio_to == "1 service hour"


def test_moments_fall_all_over_the_year_and_the_clock() -> None:
    found = moments()
    assert found == moments()
    assert len({(each.month, each.hour) for each in found}) > 200
