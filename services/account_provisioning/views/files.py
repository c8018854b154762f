"""Under whose key the scan of an applicant's letter lies: its own, so that it goes at the end of the standard's
period, or with him when he is forgotten. And under which subject an officer himself applies.
"""

from collections.abc import Awaitable, Callable, Mapping

from contracts.account_provisioning import FilesOfRequest, SubjectOf, SubjectOfAnswer
from contracts.base import Query
from contracts.tracking import FilesOfAnswer
from services.account_provisioning.domain.filing import papers_of, request_id_of, subject_of
from services.account_provisioning.ports import History, papers_of_request
from services.kit.service import QueryHandler

PersonBy = Callable[[str, str], Awaitable[str]]
"""(agency, NIP) → the subject of whoever has it; empty where there is none."""


def files(history: History, person_by: PersonBy) -> Mapping[type[Query], QueryHandler]:
    async def of(agency: str, asked: FilesOfRequest) -> FilesOfAnswer:
        request_id = asked.case_id or request_id_of(asked.command_id)
        if asked.case_id is not None:
            subject = await papers_of_request(history, agency, request_id)
        else:
            subject = papers_of(subject_of(await person_by(agency, asked.nip), request_id), request_id)
        return FilesOfAnswer(case_id=request_id, seal_class="applicant", subject_id=subject)

    async def subject(agency: str, asked: SubjectOf) -> SubjectOfAnswer:
        return SubjectOfAnswer(subject_id=await person_by(agency, asked.nip))

    return {FilesOfRequest: of, SubjectOf: subject}
