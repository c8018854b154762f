"""Under whose key a complaint's photos and documents lie: one for the whole case, so that they go when it goes."""

from collections.abc import Mapping

from contracts.base import Query
from contracts.complaint import FilesOfComplaint
from contracts.tracking import FilesOfAnswer
from services.complaint.domain.filing import id_of, number_of
from services.complaint.domain.state import complaint_stream
from services.complaint.ports import History
from services.kit.service import QueryHandler


def files(history: History) -> Mapping[type[Query], QueryHandler]:
    async def of(agency: str, asked: FilesOfComplaint) -> FilesOfAnswer:
        """One that is going to be filed has its id already: its number follows from the command."""
        complaint_id = asked.case_id or id_of(agency, number_of(asked.command_id))
        known = asked.case_id is None or bool(await history(agency, complaint_stream(complaint_id)))
        subject = str(complaint_id) if known else ""
        return FilesOfAnswer(case_id=complaint_id, seal_class="reporter", subject_id=subject)

    return {FilesOfComplaint: of}
