"""The letter, its agenda book, its standard: what they are (`state`), what is decided, and what follows (`evolve`)."""

from services.intake.domain.decide import decide
from services.intake.domain.evolve import evolve_book, evolve_letter, evolve_standard
from services.intake.domain.reminding import timers
from services.intake.domain.state import Absent, Book, Standard

__all__ = ["Absent", "Book", "Standard", "decide", "evolve_book", "evolve_letter", "evolve_standard", "timers"]
