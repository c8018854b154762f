"""The letter, its agenda book, its standard: what they are (`state`), what is decided, and what follows (`evolve`)."""

from services.intake.domain.clock import evolve_years
from services.intake.domain.decide import decide
from services.intake.domain.evolve import evolve_book, evolve_letter, evolve_standard
from services.intake.domain.reminding import timers
from services.intake.domain.state import Absent, Book, Standard, Years

__all__ = (
    "Absent", "Book", "Standard", "Years", "decide", "evolve_book", "evolve_letter", "evolve_standard", "evolve_years",
    "timers",
)  # fmt: skip
