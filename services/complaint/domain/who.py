"""Who may do what with a complaint. Whoever is barred from it, or may not know of a restricted one, hears that there is
none.
"""

from typing import Any

from contracts.base import Holding, Officer, Refusal
from services.complaint import policy
from services.complaint.domain.state import Absent, Case, Complaint, Known, phase, sorter
from services.complaint.policy import refuse
from services.kit.access import NEAR, OWN, Access, listed, reader_of
from services.kit.deciding import Given
from services.kit.policy import roles_of
from services.kit.secrets import proves


def unfit(state: Complaint) -> Refusal:  # noqa: PLR0911 - a table: one row per phase
    """Why a command does not suit the phase of a complaint."""
    match phase(state):
        case "absent":
            return refuse("unknown")
        case "filed" | "acknowledged":
            return refuse("not-classified")
        case "classified":
            return refuse("not-assigned")
        case "asked":
            return refuse("reporter-asked")
        case "proposed":
            return refuse("answer-proposed")
        case "answered":
            return refuse("answered")
        case "assigned":
            return refuse("not-answered")
        case _:
            return refuse("closed")


def barred(case: Case, given: Given) -> bool:
    return access_of(case).shuts(reader_of(given.actor))


def access_of(case: Case) -> Access:
    """As the views have it: he is complained about, is the substitute of who is, or acts for his position; its handler
    by a position of his own, or who sorts it in place of the officer, is barred by neither of the last two.
    """
    near = [f"{NEAR}substitute-of:{each}" for each in case.barred] + [
        f"{NEAR}position:{each}" for each in case.barred_at
    ]
    own = [f"{OWN}position:{each}" for each in (case.handler, case.desk) if each is not None and free(each, case)]
    return Access(barred=listed([*(f"person:{each}" for each in case.barred), *near]), readers=listed(own))


def sorts(case: Case, given: Given) -> bool:
    """The complaint officer; where he is complained about also whoever acts for the position above him."""
    above_him = case.desk is not None and given.actor.holding(case.desk) is not None
    return above_him or policy.OFFICER in roles_of(given.actor)


def positions(state: Known) -> frozenset[str]:
    """Whose it is by position."""
    case = state.case
    named = (case.handler, case.examiner, case.desk, getattr(state, "approver", None))
    return frozenset(each for each in named if each is not None)


def hidden(state: Complaint, given: Given) -> bool:
    """Whether this asker has to hear that there is no such complaint."""
    if isinstance(state, Absent):
        return True
    if policy.SERVICE in given.actor.roles or policy.PUBLIC in given.actor.roles:
        return False
    if barred(state.case, given):
        return True
    named = any(given.actor.holding(position) for position in positions(state))
    return state.case.restricted and not named and not sorts(state.case, given)


def worker(case: Case, given: Given) -> Officer | Refusal:
    """The complaint officer, or whoever acts for the position that handles it."""
    held: Holding | None = given.actor.holding(case.handler) if case.handler else None
    if held is not None:
        return given.officer(held)
    if sorts(case, given):
        return officer(case, given)
    return refuse("not-the-handler", position=case.handler or sorter(case))


def officer(case: Case, given: Given) -> Officer:
    """As the complaint officer, or in his place, in the capacity that he has."""
    above_him = given.actor.holding(case.desk) if case.desk else None
    own = next((held for held in given.actor.holdings if held.role == policy.OFFICER), None)
    return given.officer(above_him or own)


def is_reporter(given: Given) -> bool:
    """Else it is an officer to whom he says it."""
    return policy.PUBLIC in given.actor.roles


def wrong_code(command: Any, case: Case, given: Given) -> Refusal | None:
    """The reporter by his code; an officer writes down for him without one."""
    return refuse("wrong-code") if is_reporter(given) and not proves(command.code_mac, case.code_mac) else None


def speaking(given: Given) -> Officer | None:
    """The officer who writes down what the reporter says; None: he says it himself."""
    return None if is_reporter(given) else given.officer()


def free(position: str, case: Case) -> bool:
    return position not in case.barred_at
