"""The tables of intake, approval and dispatch agree with the contracts, and no refusal is missing or idle."""

import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from contracts import REGISTRY, intake
from contracts.base import Command
from contracts.notifications import NoticeAccepted
from services.account_provisioning import policy as accounts_policy
from services.approval import policy as approval_policy
from services.complaint import policy as complaint_policy
from services.dispatch import policy as dispatch_policy
from services.intake import policy as intake_policy
from services.kit import deadlines
from services.kit.policy import NOBODY
from tests.unit.account_provisioning.desk import ACCOUNTS
from tests.unit.complaint.desk import COMPLAINTS
from tests.unit.contracts.specimens import specimen
from tests.unit.given_when_then import Tables, recorded_as
from tests.unit.office import APPROVAL, CITIZEN, DISPATCH, EVERYBODY, INTAKE, office

ROAD = [
    (INTAKE, intake_policy), (APPROVAL, approval_policy), (DISPATCH, dispatch_policy), (ACCOUNTS, accounts_policy),
    (COMPLAINTS, complaint_policy),
]  # fmt: skip
CONCERNING: dict[type[Any], dict[str, Any]] = {
    intake.PostReceived: {"purpose": "pengaduan"},
    NoticeAccepted: {"purpose": "reply", "case_kind": "requests", "case_id": UUID(int=1)},
}
"""What a fact of others says when it concerns a service at all."""
NAMES = [tables.name for tables, _ in ROAD]


@pytest.mark.parametrize(("tables", "policy"), ROAD, ids=NAMES)
def test_every_command_of_the_contract_is_decided_and_has_its_askers(tables: Tables, policy: Any) -> None:
    asked = set(REGISTRY.of(Command, tables.name))
    assert set(tables.commands) == asked
    assert all(row.askers != NOBODY for row in tables.commands.values())


@pytest.mark.parametrize(("tables", "policy"), ROAD, ids=NAMES)
def test_who_may_ask_is_one_table(tables: Tables, policy: Any) -> None:
    """Everybody whose role is not in the row is told so, whatever the state; whose role is, hears something else."""
    for kind in tables.commands:
        command = specimen(kind)
        for actor in EVERYBODY:
            desk = office((tables,)).when(command, actor)
            code = getattr(desk.decision, "code", "")
            row = tables.commands[kind].askers
            expected = not row.relation and not row.roles & set(actor.roles)
            assert (code == f"{tables.name}.not-permitted") is expected, (kind, actor.id, desk.decision)


@pytest.mark.parametrize(("tables", "policy"), ROAD, ids=NAMES)
def test_nothing_is_open_to_a_stranger(tables: Tables, policy: Any) -> None:
    for kind in tables.commands:
        desk = office((tables,)).when(specimen(kind), CITIZEN)
        assert getattr(desk.decision, "code", "").startswith(f"{tables.name}."), kind


@pytest.mark.parametrize(("tables", "policy"), ROAD, ids=NAMES)
def test_every_refusal_is_in_the_table_and_none_is_idle(tables: Tables, policy: ModuleType) -> None:
    file = Path(inspect.getfile(policy))
    homes = [file.parents[1] if file.stem == "__init__" else file.parent]
    if deadlines.CLOCK_REFUSALS.keys() <= policy.REFUSALS.keys():  # it has case clocks: the kit refuses in its name
        homes.append(Path(inspect.getfile(deadlines)).parent)
    written = "".join(path.read_text() for each in homes for path in each.rglob("*.py"))
    said = re.findall(r'refuse(?:\(|,)\s*"([a-z-]+)"', written)  # called, or handed over with its reason
    assert set(said) == set(policy.REFUSALS)
    assert set(policy.REFUSALS.values()) <= {403, 404, 409, 410, 422, 429, 503}


@pytest.mark.parametrize(("tables", "policy"), ROAD, ids=NAMES)
def test_every_reaction_asks_its_own_service_a_command_that_it_knows(tables: Tables, policy: Any) -> None:
    for kind, reaction in tables.reactions.items():
        assert kind.service() != tables.name
        asked = reaction(recorded_as(specimen(kind).model_copy(update=CONCERNING.get(kind, {}))))
        assert type(asked) in tables.commands, kind


@pytest.mark.parametrize(("tables", "policy"), ROAD, ids=NAMES)
def test_a_reaction_that_is_told_something_else_asks_nothing(tables: Tables, policy: Any) -> None:
    for reaction in tables.reactions.values():
        assert reaction(recorded_as(specimen(intake.BookOpened))) is None
