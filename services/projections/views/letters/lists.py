"""The register of letters."""

from sqlalchemy import Connection

from contracts.projections import LetterList, LetterListAnswer
from services.kit.projections import Generation
from services.projections.views.letters.kind import LETTERS
from services.projections.views.letters.rows import letter_row
from services.projections.views.shared.lists import counts, page


def letters(connection: Connection, generation: Generation, agency: str, query: LetterList) -> LetterListAnswer:
    found = page(connection, generation, agency, LETTERS, query)
    return LetterListAnswer.model_construct(
        letters=tuple(letter_row(row) for row in found.rows),
        cursor=found.cursor,
        counts=counts(connection, generation, agency, LETTERS, query.reader),
    )
