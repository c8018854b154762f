"""What notifications is told: an agency's words, its calendar, and every fact that may concern somebody.

Of a fact only plain fields are taken on. Which of them a notice says is the routes' and templates' to tell.
"""

from contracts.base import Event
from services.kit.service import Reaction
from services.notifications.reactions import complaints, letters, office, requests

REACTIONS: dict[type[Event], Reaction] = {
    **office.REACTIONS,
    **letters.REACTIONS,
    **requests.REACTIONS,
    **complaints.REACTIONS,
}
