"""Official letters that a service issues, on the agency's letterhead, with the number that they will have."""

from services.kit.letters.setting import (
    CAPACITIES,
    MODULE,
    Confined,
    Letter,
    day,
    letter_pdf,
    letter_sandbox,
    letterhead,
)

__all__ = ["CAPACITIES", "MODULE", "Confined", "Letter", "day", "letter_pdf", "letter_sandbox", "letterhead"]
