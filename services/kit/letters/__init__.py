"""Official letters that a service issues, on the agency's letterhead, with the number that they will have."""

from services.kit.letters.archival import archival_pdf
from services.kit.letters.issuing import Issuing, Wording
from services.kit.letters.setting import MODULE, Confined, day, letter_sandbox, letterhead

__all__ = ["MODULE", "Confined", "Issuing", "Wording", "archival_pdf", "day", "letter_sandbox", "letterhead"]
