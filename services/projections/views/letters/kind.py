"""Letters as a kind of case."""

from services.projections import policy
from services.projections.views.letters import tables
from services.projections.views.letters.cases import CASES, ROLES
from services.projections.views.letters.risk import RISKY, risks
from services.projections.views.letters.rows import LISTED, letter_row
from services.projections.views.letters.tasks import tasks
from services.projections.views.shared.kinds import CaseKind

LETTERS = CaseKind(
    CASES,
    roles=ROLES,
    listed=LISTED,
    row=letter_row,
    orders={
        "changed": ("changed_at", True),
        "due": ("due_order", False),
        "received": ("received_at", True),
        "oldest": ("received_at", False),
    },
    searched=tables.LETTERS.searched,
    board=policy.BOARD,
    services=("intake", "approval", "dispatch"),
    tasks=tasks,
    work_order="work_order",
    limit="limit_at",
    risky=RISKY,
    risks=risks,
)
