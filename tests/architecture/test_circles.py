"""The rooms of the gateway and of the views stand on each other without a circle (those of the kit: `test_imports`)."""

from graphlib import TopologicalSorter

import pytest

from tests.architecture.tree import modules, own, within

HOUSES = ("gateway", "gateway.web", "services.projections.views")


def stands(house: str) -> dict[str, set[str]]:
    """Room → rooms of the same house that it imports; a module at the top of the house is a room of its own."""
    depth = house.count(".") + 2
    found: dict[str, set[str]] = {}
    for module in modules().values():
        if not within(module.name, house) or module.name == house:
            continue
        targets = (own(imported) for imported in module.imports)
        below = {target for target in targets if target and within(target, house) and target != house}
        room = ".".join(module.name.split(".")[:depth])
        found.setdefault(room, set()).update(".".join(target.split(".")[:depth]) for target in below)
    return {room: targets - {room} for room, targets in found.items()}


@pytest.mark.parametrize("house", HOUSES)
def test_rooms_stand_on_each_other_without_a_circle(house: str) -> None:
    assert len(list(TopologicalSorter(stands(house)).static_order())) > 1
