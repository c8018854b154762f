"""A civil servant's number says when he was born, since when he serves, and his sex; nonsense is told by its part."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account_provisioning.policy import nip

TODAY = date(2026, 3, 12)
PEOPLE = Path(__file__).parents[3] / "contracts" / "standards"


def test_every_demo_person_has_a_plausible_number() -> None:
    files = sorted(PEOPLE.glob("*/people.toml"))
    numbers = [person["nip"] for file in files for person in tomllib.loads(file.read_text())["people"]]
    assert len(numbers) > 8
    assert [nip.fault(number, TODAY) for number in numbers] == [None] * len(numbers)


@pytest.mark.parametrize(
    ("number", "part"),
    [
        ("", "length"),
        ("19920610201801191", "length"),
        ("1992061020180119111", "length"),
        ("19920610201801191x", "length"),
        ("１９９２０６１０２０１８０１１９１１", "length"),
        ("199202302018011911", "birth-date"),
        ("000001012018011911", "birth-date"),
        ("192006102018011911", "age"),
        ("201506102018011911", "age"),
        ("199206102018131911", "appointment"),
        ("199206102018001911", "appointment"),
        ("199206102018301911", "appointment"),
        ("199206102027011911", "appointment"),
        ("199206102026041911", "appointment"),
        ("199206102000011911", "appointment"),
        ("199206100000011911", "appointment"),
        ("199206102018013911", "sex"),
        ("199206102018011000", "order"),
    ],
)
def test_what_cannot_be_is_told_by_its_part(number: str, part: str) -> None:
    assert nip.fault(number, TODAY) == part


def test_groups_of_digits_are_one_number() -> None:
    assert nip.fault("19920610 201801 1 911", TODAY) is None
    assert nip.digits(" 19920610.201801-1\u00a0911 ") == "199206102018011911"


def test_a_contract_has_its_number_where_an_appointment_has_its_month() -> None:
    assert nip.fault("199206102024211001", TODAY) is None
    assert nip.employment("199206102024211001") == "pppk"
    assert nip.employment("199206102018011911") == "pns"


@given(
    born=st.dates(date(1955, 1, 1), date(2007, 12, 31)),
    later=st.integers(17, 45),
    month=st.integers(1, 12),
    sex=st.sampled_from("12"),
    order=st.integers(1, 999),
)
def test_whoever_serves_has_a_number_that_passes(born: date, later: int, month: int, sex: str, order: int) -> None:
    since = date(born.year + later, month, 1)
    number = f"{born:%Y%m%d}{since:%Y%m}{sex}{order:03d}"
    assert nip.fault(number, max(TODAY, since + timedelta(days=1))) in {None, "age"}
    assert (nip.fault(number, date(born.year + 60, 12, 31)) is None) is (since.year <= born.year + 60)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    assert nip.fault(text, TODAY) in {None, "length", "birth-date", "age", "appointment", "sex", "order"}
