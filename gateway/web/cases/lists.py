"""What a page's address says of a list, the same for every kind of case: stage, words, order, and where to go on."""

from typing import Any, TypeVar

from fastapi import Request

from contracts.projections import CaseList
from gateway.api.reads import after_of

PAGE = 50
ORDERS = ("changed", "due", "received")
Q = TypeVar("Q", bound=CaseList)


def asked_of(
    request: Request, kind: type[Q], stages: tuple[str, ...], orders: tuple[str, ...] = ORDERS
) -> tuple[Q, dict[str, Any]]:
    """The question, and what its page shows of it. What is unknown in the address is left out, not refused."""
    said = request.query_params
    stage, text, order = said.get("tahap", ""), said.get("cari", "")[:200], said.get("urut", orders[0])
    query = kind(
        stages=(stage,) if stage in stages else (),
        text=text,
        order=order if order in orders else orders[0],
        cursor=said.get("lanjut", "")[:400],
        limit=PAGE,
        after=after_of(request),
    )
    return query, {"stage": stage, "text": text, "order": query.order, "paged": bool(query.cursor)}
