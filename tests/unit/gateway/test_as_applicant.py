"""Under which subject an officer himself applies: asked of its owner once, and never waited for long."""

from typing import Any

from contracts.account_provisioning import SubjectOf, SubjectOfAnswer
from contracts.base import Actor, Holding
from gateway.edge.client import SUBJECT_SECONDS, ServiceClient
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem

STAFF = Holding(position="staf-informatika-1", title="Staf", role="operator")


class Answering(ServiceClient):
    """``away``: account provisioning does not answer."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]  # nothing leaves
        self.asked: list[Any] = []
        self.away = False

    async def ask_for(self, agency: str, query: Any, _answer: Any, *, seconds: float = 0.0) -> Any:
        self.asked.append((agency, query, seconds))
        if self.away:
            raise Problem("gateway.timeout", 504)
        return SubjectOfAnswer(subject_id="s1")


def officer(nip: str = "199206102018011911", *held: Holding) -> Visitor:
    actor = Actor(id="galih", name="Galih", nip=nip, roles=("operator",), holdings=held or (STAFF,))
    return Visitor("purbalingga", actor, frozenset({"operator"}), machine=False, csrf="", secret_sha256="0" * 64)


async def test_its_owner_is_asked_once_for_each_person() -> None:
    client = Answering()
    for _ in range(3):
        assert (await client.as_applicant(officer())).subject_id == "s1"
    assert client.asked == [("purbalingga", SubjectOf(nip="199206102018011911"), SUBJECT_SECONDS)]


async def test_an_owner_who_is_away_hinders_nobody_and_is_asked_again() -> None:
    client = Answering()
    client.away = True
    reader = await client.as_applicant(officer())
    assert (reader.subject_id, reader.positions) == ("", ("staf-informatika-1",))
    client.away = False
    assert (await client.as_applicant(officer())).subject_id == "s1"


async def test_who_has_no_number_is_asked_about_by_nobody() -> None:
    client = Answering()
    assert (await client.as_applicant(officer(nip=""))).subject_id == ""
    assert client.asked == []
