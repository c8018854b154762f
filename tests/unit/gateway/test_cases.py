"""At the door to the cases: who asks for a part that is not his is told no, before anybody is asked for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from contracts import intake
from contracts import projections as p
from contracts.base import Query
from contracts.words import BlobRef
from gateway.edge import cases, parts
from gateway.edge.parts import Part
from gateway.edge.problems import Problem
from tests.unit.gateway.test_case_routes import in_parts
from tests.unit.gateway.web_letters import copy_id, letter, letter_id
from tests.unit.gateway.web_office import AGENCY, visitor
from tests.unit.gateway.web_rules import RulesDesk


class Shelf:
    """Says which bytes it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def stream(self, _agency: str, ref: BlobRef) -> AsyncIterator[bytes]:
        self.asked.append(ref.sha256[0])
        return in_parts(b"by", b"tes")


class Desk(RulesDesk):
    async def ask_for(self, agency: str, query: Query, answer: type[Any], **_: float) -> Any:
        if isinstance(query, intake.InitialsSheet):
            return intake.InitialsSheetAnswer(blob=BlobRef(sha256="e" * 64, size=1, media_type="application/pdf"))
        return await super().ask_for(agency, query, answer)


@pytest.fixture
def desk() -> Any:
    return Desk({letter_id(9): letter(9, "assigned")})


@pytest.fixture
def shelf() -> Any:
    return Shelf()


GIVEN = intake.GivenInitials(revision=1)
INSPECTOR = visitor("inspector")
Door = Callable[[Any, Any], Awaitable[object]]
DOORS: dict[Part, Door] = {
    Part.RAW: lambda desk, shelf: cases.raw_of(desk, shelf, INSPECTOR, letter(9, "assigned"), despite_quarantine=True),
    Part.PRINT_PACK: lambda _, shelf: cases.print_pack_of(shelf, INSPECTOR, letter(9, "assigned")),
    Part.INITIALS_SHEET: lambda desk, shelf: cases.initials_sheet_of(
        desk, shelf, INSPECTOR, letter(9, "assigned"), GIVEN
    ),
    Part.HISTORY: lambda desk, _: cases.history_of(desk, INSPECTOR, letter(9, "assigned")),
    Part.DEADLINE: lambda desk, _: cases.deadline_of(desk, INSPECTOR, letter(9, "assigned")),
    Part.STOP: lambda desk, _: cases.stops_of(desk, INSPECTOR, "caraka-1"),
}


@pytest.mark.parametrize("part", DOORS, ids=lambda part: part.name)
async def test_each_door_asks_for_its_own_part(
    part: Part, desk: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await DOORS[part](desk, shelf) is not None
    monkeypatch.setattr(parts, "TABLE", {each: row for each, row in parts.TABLE.items() if each is not part})
    desk.asked.clear()
    shelf.asked.clear()
    with pytest.raises(Problem) as refused:
        await DOORS[part](desk, shelf)
    assert (refused.value.code, refused.value.status) == ("gateway.forbidden", 403)
    assert (desk.asked, shelf.asked) == ([], [])


async def test_without_its_part_a_copy_on_paper_is_unknown(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = p.CopyDetail(copy_id=copy_id(9, 0))
    found = await cases.genuine(desk, AGENCY, asked)
    assert found is not None
    assert (found.copy_id, found.state, found.copy_kind) == (asked.copy_id, "assigned", "asli")
    monkeypatch.setattr(parts, "TABLE", {each: row for each, row in parts.TABLE.items() if each is not Part.GENUINE})
    assert await cases.genuine(desk, AGENCY, asked) is None


HIS_TO_SEE = (
    ("courier", None),
    ("courier", "caraka-1"),
    ("operator", None),
    ("operator", "caraka-2"),
    ("kasi", "caraka-2"),
)
NOT_HIS = (("courier", "caraka-2"), ("admin", None), ("secretary", "caraka-1"), ("stand-in", "caraka-1"))


@pytest.mark.parametrize(("role", "asked"), HIS_TO_SEE)
async def test_a_courier_sees_his_own_stops_and_who_reads_letters_everybodys(
    desk: Any, role: str, asked: str | None
) -> None:
    await cases.stops_of(desk, visitor(role), asked)
    assert desk.asked[-1].courier_id == (asked or visitor(role).actor.id)


@pytest.mark.parametrize(("role", "asked"), NOT_HIS)
async def test_the_stops_of_others_are_not_his_to_see(desk: Any, role: str, asked: str | None) -> None:
    with pytest.raises(Problem, match=r"gateway\.forbidden"):
        await cases.stops_of(desk, visitor(role), asked)
    assert desk.asked == []


@pytest.mark.parametrize("role", ["courier", "admin", "secretary", "stand-in"])
async def test_live_changes_are_for_those_who_read_letters(desk: Any, role: str) -> None:
    with pytest.raises(Problem, match=r"gateway\.forbidden"):
        await cases.changes_since(desk, visitor(role), "letters", "1.0")


def in_quarantine(reason: str) -> Any:
    found = letter(2, "quarantined")
    return found.model_copy(update={"row": found.row.model_copy(update={"quarantine": reason})})


async def test_out_of_quarantine_a_message_leaves_closed_and_only_to_who_has_read_the_warning(
    desk: Any, shelf: Any
) -> None:
    operator = visitor("operator")
    with pytest.raises(Problem) as warned:
        await cases.raw_of(desk, shelf, operator, in_quarantine("unparsable"), despite_quarantine=False)
    assert (warned.value.code, warned.value.status) == ("gateway.quarantine-warning", 403)
    assert shelf.asked == []
    taken = await cases.raw_of(desk, shelf, operator, in_quarantine("unparsable"), despite_quarantine=True)
    assert (taken.media_type, taken.name) == ("application/octet-stream", f"karantina-{letter_id(2)}.bin")
    assert b"".join([part async for part in taken.parts]) == b"bytes"
    assert [command for command, _, _ in desk.done] == [intake.TakeMessage(letter_id=letter_id(2))]


@pytest.mark.parametrize("reason", ["classified", "malware", "archive-bomb", "a-reason-of-next-year"])
async def test_what_is_classified_or_does_harm_leaves_to_nobody(desk: Any, shelf: Any, reason: str) -> None:
    for who in (visitor("operator"), INSPECTOR, visitor("kasi")):
        with pytest.raises(Problem) as refused:
            await cases.raw_of(desk, shelf, who, in_quarantine(reason), despite_quarantine=True)
        assert (refused.value.code, refused.value.detail) == ("gateway.shut-away", {"reason": reason})
    assert shelf.asked == []
