"""Who may ask a command, and how a service refuses: one table each, read alike by all services. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.base import Actor, Command, Refusal


@dataclass(frozen=True, slots=True)
class Askers:
    """Who may ask a command: whoever has one of the ``roles``; or whom the decision finds in the case itself.

    ``relation`` says in words who that is. Neither: nobody.
    """

    roles: frozenset[str] = frozenset()
    relation: str = ""


NOBODY = Askers()


def roles(*names: str) -> Askers:
    return Askers(frozenset(names))


def related(words: str) -> Askers:
    """Decided on the case itself; no role is enough, and none is needed."""
    return Askers(relation=words)


def roles_of(actor: Actor) -> frozenset[str]:
    """Roles count whether they come with the person or with a position that he holds now."""
    return frozenset({*actor.roles, *(holding.role for holding in actor.holdings)})


def barred(kind: type[Command], askers: Askers, actor: Actor) -> Refusal | None:
    """``<service>.not-permitted`` for whoever is not in the row; None where the decision goes on."""
    if askers.relation or askers.roles & roles_of(actor):
        return None
    return Refusal(code=f"{kind.service()}.not-permitted", status=403, detail={"needs": sorted(askers.roles)})


@dataclass(frozen=True, slots=True)
class Refusals:
    """The refusals of a service: reason → HTTP status. Called with a reason and its detail it gives the refusal."""

    service: str
    statuses: Mapping[str, int]

    def __call__(self, reason: str, /, **detail: Any) -> Refusal:
        return Refusal(code=f"{self.service}.{reason}", status=self.statuses[reason], detail=detail)
