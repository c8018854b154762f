"""Numbers that tell nothing but which case it is."""

import re
from itertools import pairwise
from uuid import uuid4, uuid5

from services.kit.ids import NAMESPACE
from services.kit.public_numbers import public_case_id, public_number, read_public_number

FORM = re.compile(r"ADU-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}")


def test_the_same_command_has_the_same_number_and_no_other_has_it() -> None:
    commands = [uuid5(NAMESPACE, str(number)) for number in range(5_000)]
    numbers = [public_number("ADU", each) for each in commands]
    assert numbers == [public_number("ADU", each) for each in commands]
    assert len(set(numbers)) == len(numbers)
    assert all(FORM.fullmatch(each) for each in numbers)


def test_numbers_of_commands_in_a_row_are_in_no_order() -> None:
    numbers = [public_number("ADU", uuid5(NAMESPACE, str(number))) for number in range(200)]
    rising = sum(before < after for before, after in pairwise(numbers))
    assert 70 < rising < 130


def test_what_somebody_types_is_read_as_he_meant_it() -> None:
    assert read_public_number(" adu-7k3qm-9xtbo ") == "ADU-7K3QM-9XTB0"
    assert read_public_number("ADU-LLLLL-IOIOI") == "ADU-11111-10101"
    assert read_public_number("0007/2026") == "0007/2026"


def test_a_case_is_of_one_agency_and_one_service() -> None:
    number = public_number("ADU", uuid4())
    ids = {
        public_case_id(agency, service, number) for agency in ("a1", "b1") for service in ("complaint", "evaluation")
    }
    assert len(ids) == 4
