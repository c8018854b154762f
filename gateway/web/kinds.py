"""Where a kind of case has its pages, and its words: a new kind is a row."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.projections import CaseRow, RiskRow, Task
from gateway.edge.i18n import mark as _
from gateway.web import complaint_words as complaints
from gateway.web import request_words as requests
from gateway.web import words
from gateway.web.words import Word


@dataclass(frozen=True, slots=True)
class CasePages:
    """``page``, ``deadline``: with the place ``{case_id}``. ``actions``: where an action is done, if not on its page.

    ``board``: the right of its board, its address and its heading. ``new``: what a case without a number is called.
    ``limits``: what its limits are called; ``case`` is its own deadline. ``untitled``: stands where
    nothing says yet what it is about.
    """

    page: str
    deadline: str
    board: str
    board_title: str
    stages: Mapping[str, Word]
    columns: Mapping[str, str]
    limits: Mapping[str, str]
    actions: Mapping[str, str]
    new: str
    untitled: str = _("(tanpa perihal)")

    def place(self, action: str, case_id: object, part_id: object) -> str:
        """The page on which this is done."""
        return self.actions.get(action, self.page).format(case_id=case_id, part_id=part_id)


CASES: Mapping[str, CasePages] = {
    "letters": CasePages(
        page="/surat/{case_id}",
        deadline="/surat/{case_id}/tenggat",
        board="/papan",
        board_title=_("Papan langsung"),
        stages=words.STAGES,
        columns=words.COLUMNS,
        limits={"case": _("Tenggat surat"), "tier": _("Batas paraf"), "delivery": _("Batas antar")},
        actions={
            "examine": "/kotak-masuk/{case_id}",
            "decide-twin": "/kotak-masuk/{case_id}",
            "register": "/kotak-masuk/{case_id}",
            "initial": "/paraf/{case_id}",
            "deliver": "/kurir/{part_id}",
        },
        new=_("baru"),
    ),
    "requests": CasePages(
        page="/akun/{case_id}",
        deadline="/akun/{case_id}/tenggat",
        board="/papan/akun",
        board_title=_("Papan permohonan surel"),
        stages=requests.STAGES,
        columns=requests.COLUMNS,
        limits={"case": _("Tenggat permohonan")},
        actions={},
        new=_("baru"),
    ),
    "complaints": CasePages(
        page="/pengaduan/{case_id}",
        deadline="/pengaduan/{case_id}/tenggat",
        board="/papan/pengaduan",
        board_title=_("Papan pengaduan"),
        stages=complaints.STAGES,
        columns=complaints.COLUMNS,
        limits={"case": _("Tenggat pengaduan"), "acknowledge": _("Batas mengakui penerimaan")},
        actions={},
        new=_("baru"),
        untitled=complaints.NEVER_CLASSIFIED,
    ),
}


PLACES: Mapping[str, str] = {"machine": "/operasi", "hooks": "/kanal"}
"""What is no case and has a page: notices of the machine itself."""


def case_page(kind: str, case_id: object) -> str:
    """Where a case of this kind is shown; of an unknown kind: the tasks."""
    return CASES[kind].page.format(case_id=case_id) if kind in CASES else PLACES.get(kind, "/tugas")


def page_of(row: CaseRow) -> str:
    return CASES[row.kind].page.format(case_id=row.case_id)


def handed_over(row: CaseRow) -> Word | None:
    """Of a request that is told: how far its way in is, which its stage does not say; None: there is nothing to say."""
    told = row.kind == "requests" and row.stage in {"notified", "received"}
    return requests.HAND_OVERS.get(row.step) if told else None


def deadline_of(row: CaseRow) -> str:
    return CASES[row.kind].deadline.format(case_id=row.case_id)


def place_of(task: Task) -> str:
    return CASES[task.case.kind].place(task.action, task.case.case_id, task.part_id)


def risk_place(row: RiskRow, mine: set[str]) -> str:
    """Where it can be done by this visitor, else the case."""
    his = row.position is None or not mine.isdisjoint({row.position, *row.positions})
    return CASES[row.case.kind].place(row.waits, row.case.case_id, row.part_id) if his else page_of(row.case)
