"""Who may be told by machines alone: a reporter who has not told the office who he is."""

from contracts.notifications import CaseKnown, NoticePlanned
from services.kit.deciding import Given
from services.notifications.policy import REPORTERS


def case_of(planned: NoticePlanned) -> str:
    """The stream of what is known of its case."""
    return f"case:{planned.event_kind.partition('.')[0]}:{planned.case_id}"


def hides(audience: str, known: CaseKnown) -> bool:
    """Where nothing was said of it he is hidden."""
    return audience in REPORTERS and known.named is not True


def hidden(planned: NoticePlanned | None, given: Given) -> bool:
    """As it stands now: he may have chosen to be more secret since it was planned."""
    if planned is None or not planned.by_contact:
        return False
    return hides(planned.audience, given.load(case_of(planned)).known)
