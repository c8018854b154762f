"""Letters as the kit counts and guards them, and which of them a reader sees."""

import sqlalchemy as sa

from contracts.base import Reader
from contracts.projections import READERS
from services.kit.projections import Cases, Generation
from services.projections.views.letters import computed, tables
from services.projections.views.shared.kinds import mine

CASES = Cases("letters", "letter_id", "stage", tables.STREAMS, computed.PASSES)
ROLES = READERS["letters"]


def seen(generation: Generation, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
    """The letters of an agency that this reader sees."""
    return mine(CASES, ROLES, generation, agency, reader)
