"""The initials of a letter's round as the views tell them, for the sheets that intake draws.

Intake does not hear of initials and approval knows no subject: who sees both is the reader at the edge (record 0033).
"""

from http import HTTPStatus

from contracts.intake import GivenInitial, GivenInitials, ProducePrintPack
from contracts.projections import Letter
from gateway.edge.cases import letter_of
from gateway.edge.client import ServiceClient
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem

SAID = frozenset({"initialled", "returned"})


def given_in(letter: Letter) -> GivenInitials:
    """What the tiers of the present round have said; a tier whose turn has come again has said nothing."""
    return GivenInitials(
        revision=letter.round,
        initials=tuple(
            GivenInitial(
                tier=row.tier, state=row.state, name=row.by_name, nip=row.by_nip, title=row.by_title,
                capacity=row.capacity or "holder", passed=row.passed, note=row.note, at=row.at,
            )
            for row in letter.initials
            if row.state in SAID and row.at is not None
        ),
    )  # fmt: skip


async def with_initials(client: ServiceClient, visitor: Visitor, command: ProducePrintPack) -> ProducePrintPack:
    """Only a reprint can meet initials, and it has its reason: a first print costs no question. Raises Problem."""
    if not command.reason:
        return command
    try:
        letter = await letter_of(client, visitor, command.letter_id)
    except Problem as problem:
        if problem.status == HTTPStatus.NOT_FOUND:
            return command  # its service says what is wrong
        raise
    return command.model_copy(update={"given": given_in(letter)}) if letter.initials else command
