"""What the organisation is told: that a reporter's time of being known is over, or that of an applicant's papers.
That key is destroyed, nothing else.
"""

from uuid import UUID

from contracts.account_provisioning import ApplicantRetentionEnded
from contracts.base import Command, Event, Recorded
from contracts.complaint import ReporterRetentionEnded
from contracts.organisation import EraseSubject
from services.kit.secrets import part_of
from services.kit.service import Reaction

REASONS = {"anonymous": "pelapor memilih tanpa nama"}
RETAINED = "masa simpan data pelapor berakhir"
PAPERS = "masa simpan surat permohonan berakhir"


def forget_reporter(recorded: Recorded) -> Command | None:
    """Subjects of cases only: never a person of the office, whatever the fact says."""
    event = recorded.event
    if not isinstance(event, ReporterRetentionEnded) or not _of_a_case(event):
        return None
    return EraseSubject(subject_id=event.subject_id, reason=REASONS.get(event.reason, RETAINED))


def _of_a_case(event: ReporterRetentionEnded) -> bool:
    """The complaint's own, or a message's by which it came."""
    if event.subject_id.startswith(str(event.complaint_id)):
        return True
    message = event.subject_id.removesuffix("-identity")
    try:
        return str(UUID(message)) == message
    except ValueError:
        return False


def forget_papers(recorded: Recorded) -> Command | None:
    """Of this one request alone: never a person's own key, whatever the fact says."""
    event = recorded.event
    if not isinstance(event, ApplicantRetentionEnded):
        return None
    person, _, _ = event.subject_id.partition(":")
    if not person or event.subject_id != part_of(person, event.request_id.hex):
        return None
    return EraseSubject(subject_id=event.subject_id, reason=PAPERS)


REACTIONS: dict[type[Event], Reaction] = {
    ReporterRetentionEnded: forget_reporter,
    ApplicantRetentionEnded: forget_papers,
}
