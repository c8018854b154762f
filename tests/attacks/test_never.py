"""The product's own tables against what must never be; and the running product, every door tried by everybody."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.base import Actor, Holding, StandIn
from contracts.projections import InitialRow, Letter
from gateway.edge import parts
from gateway.edge.parts import Matter, Part
from gateway.edge.principals import Visitor
from gateway.edge.rights import PUBLIC, RIGHTS
from services.cli.demo import Person
from tests.attacks import never
from tests.attacks.never import DEED_OF, EVERYBODY, NEVER_DO
from tests.integration.test_api_rights import LEFT_OUT, knock
from tests.parts.product import Product
from tests.parts.routes import routes
from tests.unit.gateway.web_letters import letter

# Which roles the product gives to whom; the office knows them by their work.
ROLES = {
    "operator": {"operator"},
    never.WITHOUT_SANDI: {"operator"},
    "Kasi": {"kasi", "examiner", "assigner"},
    "Kabid": {"kabid", "examiner"},
    "Kadis": {"kadis", "leader", "examiner"},
    "complaint officer": {"complaint-officer"},
    "complaint handler": {"complaint-handler"},
    "unit admin": {"unit-admin"},
    "courier": {"courier"},
    never.CARRIER: {"courier"},
    never.STAND_IN: {"courier", "stand-in"},
    "administrator": {"admin"},
    "secretary": {"secretary"},
    "inspector": {"inspector"},
}
LOGINS = {
    "operator": "operator", "complaint officer": "pengaduan",
    "Kasi": "kasi", "Kabid": "kabid", "Kadis": "kadis", "courier": "caraka-1",
    "administrator": "admin", "secretary": "sekretaris", "inspector": "inspektorat",
}  # fmt: skip
MATTERS = {
    never.ORDINARY: Matter.ORDINARY, never.UNREADABLE: Matter.UNREADABLE, never.HARMFUL: Matter.HARMFUL,
    never.CLASSIFIED: Matter.CLASSIFIED,
}  # fmt: skip
PARTS = {
    never.ROW: Part.ROW, never.TITLE: Part.TITLE, never.SUMMARY: Part.CONTENTS, never.TEXT: Part.TEXT,
    never.ATTACHED: Part.ATTACHMENTS, never.RAW: Part.RAW, never.PRINT: Part.PRINT_PACK,
    never.SHEET: Part.INITIALS_SHEET, never.HISTORY: Part.HISTORY, never.STORED: Part.RAW_EVENT,
    never.DUE: Part.DEADLINE, never.CHANGE: Part.CHANGE,
}  # fmt: skip


def person_who(who: str) -> Visitor:
    sandi = ("sandi",) if who in {"operator", "Kasi"} else ()
    held = (Holding(position="kasi-persandian", title="Kasi", role="kasi"),) if who == "Kasi" else ()
    instead = StandIn(position="kabid-aplikasi-persandian", title="Kabid", role="kabid", instead_of="kabid")
    actor = Actor(
        id="seseorang", roles=tuple(sorted(ROLES[who])), holdings=held, qualifications=sandi,
        stand_ins=(instead,) if who == never.STAND_IN else (),
    )  # fmt: skip
    return Visitor("pekalongan", actor, frozenset(actor.roles), machine=False, csrf="", secret_sha256="")


def registered_by_the_kabid() -> Letter:
    tier = InitialRow(tier=1, position="kabid-aplikasi-persandian", title="Kabid", state="next")
    return letter(5, "forwarded").model_copy(update={"registrar_id": "kabid", "initials": (tier,)})


def test_the_lists_say_the_same_of_nobody_and_nothing_twice() -> None:
    for kind, by_whom in never.NEVER_READ.items():
        assert set(by_whom) == set(EVERYBODY), kind
        for who in EVERYBODY:
            assert by_whom[who] & never.ALWAYS_READ[kind].get(who, frozenset()) == frozenset(), (kind, who)


def test_every_door_of_the_product_stands_behind_one_of_the_offices_words(tmp_path: Path) -> None:
    named = [name for names in never.DOORS.values() for name in names.split()]
    assert sorted(named) == sorted(set(named))
    assert {route.name for route in routes(tmp_path)} == set(named)


@pytest.mark.parametrize("who", [who for who in NEVER_DO if who != "nobody"])
def test_the_table_of_rights_lets_nobody_knock_who_must_never(who: str) -> None:
    wrong = [name for name in RIGHTS if DEED_OF[name] in NEVER_DO[who] and RIGHTS[name].allows(frozenset(ROLES[who]))]
    assert wrong == []


def test_nothing_is_open_to_everybody_that_asks_for_somebody() -> None:
    assert {name for name in RIGHTS if RIGHTS[name].roles is PUBLIC} == {
        name for name, deed in DEED_OF.items() if deed not in NEVER_DO["nobody"]
    }


def test_what_was_set_aside_is_what_the_office_makes_of_it() -> None:
    made = {reason: MATTERS[kind] for kind, reasons in never.SET_ASIDE.items() for reason in reasons}
    assert made == {reason: matter for reason, matter in parts.MATTERS.items() if reason is not None}


def test_a_program_at_the_operators_desk_is_nobodys_certified_hands() -> None:
    """The product lends a token what the standard asks of its role; what is shut away is not for programs."""
    program = replace(person_who("operator"), machine=True)
    given = {thing for thing, part in PARTS.items() if parts.may(parts.relations(program), part, Matter.UNREADABLE)}
    assert given & never.NEVER_READ[never.UNREADABLE][never.WITHOUT_SANDI] == set()


@pytest.mark.parametrize("kind", MATTERS)
@pytest.mark.parametrize("who", [who for who in ROLES if who in EVERYBODY])
def test_the_table_of_parts_gives_nobody_what_he_must_never_have(who: str, kind: str) -> None:
    visitor = person_who(who)
    known = parts.relations(visitor, registered_by_the_kabid() if who == never.STAND_IN else None)
    if who == never.CARRIER:
        known |= parts.of_task(visitor, "deliver")
    given = {thing for thing, part in PARTS.items() if parts.may(known, part, MATTERS[kind])}
    if who == never.CARRIER and parts.may(known, Part.STOP, MATTERS[kind]):
        given.add(never.TITLE)
    assert given & never.NEVER_READ[kind][who] == set()
    assert never.ALWAYS_READ[kind].get(who, frozenset()) - given == set()


async def test_at_the_running_product_nobody_does_what_he_must_never_do(product: Product, tmp_path: Path) -> None:
    wrong: list[Any] = []
    async with product.client() as client:
        people: dict[str, Person | None] = {
            who: await product.session(client, login) for who, login in LOGINS.items()
        } | {"nobody": None}
        for method, path, name, _ in routes(tmp_path):
            if name in LEFT_OUT or name == "static":
                continue
            for who, person in people.items():
                if DEED_OF[name] not in NEVER_DO[who]:
                    continue
                status, code = await knock(client, person, method, path, name)
                if (status, code) != ((403, "gateway.forbidden") if person else (401, "gateway.login-needed")):
                    wrong.append((who, method, path, status, code))
    assert wrong == []
