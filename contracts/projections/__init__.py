"""Projections: the questions that the screens and the API ask, and the shapes of the answers. Decides nothing.

The whole state of a case is a projection. `cases` has what every kind shares; a kind of case has a module of its own.
"""

from contracts.base import Message, Query, Shape
from contracts.projections import cases, complaints, letters, notices, requests
from contracts.projections.cases import (
    AtRisk,
    AtRiskAnswer,
    Board,
    BoardAnswer,
    BoardColumn,
    CaseAccess,
    CaseHistory,
    CaseHistoryAnswer,
    CaseList,
    CaseListAnswer,
    CaseRow,
    Change,
    ChangesSince,
    ChangesSinceAnswer,
    HistoryEntry,
    LiveChange,
    Operations,
    OperationsAnswer,
    ProjectionState,
    RiskRow,
    Task,
    TaskList,
    TaskListAnswer,
)  # fmt: skip
from contracts.projections.complaints import (
    COMPLAINT_STAGES,
    BookLine,
    ClassClock,
    Complaint,
    ComplaintBook,
    ComplaintBookAnswer,
    ComplaintClocks,
    ComplaintClocksAnswer,
    ComplaintDetail,
    ComplaintDetailAnswer,
    ComplaintList,
    ComplaintListAnswer,
    ComplaintRow,
)
from contracts.projections.letters import (
    STAGES,
    CopyByCode,
    CopyDetail,
    CopyDetailAnswer,
    CopyRow,
    CourierStops,
    CourierStopsAnswer,
    InitialRow,
    Letter,
    LetterDetail,
    LetterDetailAnswer,
    LetterList,
    LetterListAnswer,
    LetterRow,
)  # fmt: skip
from contracts.projections.notices import (
    ContactBlock,
    ContactBlocks,
    ContactBlocksAnswer,
    ContactStep,
    NoticeList,
    NoticeListAnswer,
    NoticeLog,
    NoticeLogAnswer,
    NoticeLogRow,
    NoticeRow,
)
from contracts.projections.requests import (
    REQUEST_STAGES,
    AccountRequest,
    RequestDetail,
    RequestDetailAnswer,
    RequestList,
    RequestListAnswer,
    RequestRow,
)

READERS: dict[str, frozenset[str]] = {
    "letters": frozenset({"operator", "kasi", "kabid", "kadis", "leader", "inspector", "examiner", "assigner"}),
    "requests": frozenset({"operator", "kasi", "kabid", "kadis", "leader", "inspector", "personnel"}),
    "complaints": frozenset({"complaint-officer", "kadis", "leader", "inspector"}),
    "notices": frozenset(),
}
"""Kind of case → the roles that see its ordinary cases; the others see those whose readers name them."""

QUERIES: tuple[type[Query], ...] = (
    *cases.QUERIES, *letters.QUERIES, *requests.QUERIES, *complaints.QUERIES, *notices.QUERIES,
)  # fmt: skip
ANSWERS: dict[type[Query], type[Shape]] = {
    **cases.ANSWERS, **letters.ANSWERS, **requests.ANSWERS, **complaints.ANSWERS, **notices.ANSWERS,
}  # fmt: skip
KINDS: tuple[type[Message], ...] = QUERIES

__all__ = (
    "ANSWERS", "COMPLAINT_STAGES", "KINDS", "QUERIES", "READERS", "REQUEST_STAGES", "STAGES", "AccountRequest",
    "AtRisk", "AtRiskAnswer", "Board", "BoardAnswer", "BoardColumn", "BookLine", "CaseAccess", "CaseHistory",
    "CaseHistoryAnswer", "CaseList", "CaseListAnswer", "CaseRow", "Change", "ChangesSince", "ChangesSinceAnswer",
    "ClassClock", "Complaint", "ComplaintBook", "ComplaintBookAnswer", "ComplaintClocks", "ComplaintClocksAnswer",
    "ComplaintDetail", "ComplaintDetailAnswer", "ComplaintList", "ComplaintListAnswer", "ComplaintRow", "ContactBlock",
    "ContactBlocks", "ContactBlocksAnswer", "ContactStep", "CopyByCode", "CopyDetail", "CopyDetailAnswer",
    "CopyRow", "CourierStops", "CourierStopsAnswer", "HistoryEntry", "InitialRow", "Letter", "LetterDetail",
    "LetterDetailAnswer", "LetterList", "LetterListAnswer", "LetterRow", "LiveChange", "NoticeList",
    "NoticeListAnswer", "NoticeLog", "NoticeLogAnswer", "NoticeLogRow", "NoticeRow", "Operations", "OperationsAnswer",
    "ProjectionState", "RequestDetail", "RequestDetailAnswer", "RequestList", "RequestListAnswer", "RequestRow",
    "RiskRow", "Task", "TaskList", "TaskListAnswer",
)  # fmt: skip
