"""Whom machines alone may tell: a reporter who has not told the office who he is. Whom nobody tells: the barred."""

from contracts.notices import REPORTERS
from contracts.notifications import CaseKnown, NoticePlanned
from services.kit.access import NEAR, OWN, Access, listed
from services.kit.deciding import Given


def case_of(planned: NoticePlanned) -> str:
    """The stream of what is known of its case."""
    return f"case:{planned.event_kind.partition('.')[0]}:{planned.case_id}"


def hides(audience: str, known: CaseKnown) -> bool:
    """Where nothing was said of it he is hidden."""
    return audience in REPORTERS and known.named is not True


def access(known: CaseKnown) -> Access:
    """To whom the case is shut, as its own service and the views have it: who stands near to a barred person yields
    where it is his by a position of his own.
    """
    his = [known.positions.get(part) for part in ("handler", "sorter")]
    own = [f"{OWN}position:{each}" for each in his if each is not None and not shut(each, known)]
    near = [each if each.startswith("person:") else NEAR + each for each in known.barred]
    return Access(barred=listed(near), readers=listed(own))


def shut(position: str, known: CaseKnown) -> bool:
    """Whoever acts for it: it is one of a barred person's."""
    return f"position:{position}" in known.barred


def hidden(planned: NoticePlanned | None, given: Given) -> bool:
    """As it stands now: he may have chosen to be more secret since it was planned."""
    if planned is None or not planned.by_contact:
        return False
    return hides(planned.audience, given.load(case_of(planned)).known)
