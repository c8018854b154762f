"""What every form of Pengaturan does: one command, then back to the page that shows its effect; or the form again."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts.base import Command
from gateway.api.commands import visitor_of
from gateway.edge.i18n import mark as _
from gateway.edge.problems import Problem
from gateway.web.forms import form_of, key
from gateway.web.page import Pages, onward, told

Made = Callable[[FormData], Command]
Again = Callable[..., Awaitable[Response]]
C = TypeVar("C", bound=Command)

NEEDED = _("Wajib diisi.")
NOT_A_SLUG = _("Hanya huruf kecil, angka, dan tanda hubung; diawali huruf atau angka.")
NOT_A_DATE = _("Tanggal belum benar. Tulis seperti 2026-03-13.")
UNFIT = _("Isian ini belum benar.")
SLUGS = frozenset({"person_id", "token_id", "position", "role", "substitute", "qualification", "standard"})
WAITING = {"tunggu": "1"}
"""In an address: what was asked waits for a leader (decision 0051)."""


class WrongFields(Exception):
    """What was entered cannot become a command; ``errors``: field → a sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def command_of(kind: type[C], needed: tuple[str, ...] = (), **fields: Any) -> C:
    """Raises WrongFields with each field that is wrong."""
    empty = {name: NEEDED for name in needed if not fields.get(name)}
    if empty:
        raise WrongFields(empty)
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise WrongFields(
            {str(one["loc"][0]): _reason(str(one["loc"][0]), one["type"]) for one in error.errors()}
        ) from None


def _reason(field: str, kind: str) -> str:
    if kind == "string_too_short":
        return NEEDED
    if field in SLUGS:
        return NOT_A_SLUG
    return NOT_A_DATE if field.endswith("on") else UNFIT


async def carried_out(  # noqa: PLR0913 - a action and its surroundings
    pages: Pages, request: Request, action: str, make: Made, onto: str | Callable[[FormData], str], again: Again
) -> Response:
    """``again(request, status=, problem=, action=, values=, errors=)`` shows the page with what was entered."""
    form = await form_of(request)
    values = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    try:
        command = make(form)
        accepted = await pages.client.do(visitor_of(request), command, key=key(form, action))
    except WrongFields as wrong:
        said = told(request, Problem("gateway.malformed", 422))
        return await again(request, status=422, problem=said, action=action, values=values, errors=wrong.errors)
    except Problem as problem:
        detail = mistakes_in(problem)
        said = told(request, problem)
        return await again(
            request, status=problem.status, problem=said, action=action, values=values, errors={}, mistakes=detail
        )
    place, _sign, query = (onto(form) if callable(onto) else onto).partition("?")
    waits = WAITING if accepted.result.get("waits_until") else {}
    return onward(place, accepted.after, baru=action, **waits, **dict(parse_qsl(query)))


def mistakes_in(problem: Problem) -> list[dict[str, str]]:
    """``{place, reason}`` of each mistake that a refusal names."""
    found = problem.detail.get("mistakes") or ()
    return [{"place": str(one.get("place", "")), "reason": str(one.get("reason", ""))} for one in found]
