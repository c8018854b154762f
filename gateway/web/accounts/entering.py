"""A request that somebody brings to the counter, entered by an officer on his behalf.

The answer to the form is the strip that the applicant takes home: number and code are shown once, the code is computed
and kept nowhere, and the same form sent again shows the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts.account_provisioning import Applicant, FileRequest
from contracts.organisation import Standards, StandardsAnswer
from gateway.api.commands import visitor_of
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import OPERATOR
from gateway.web import request_words as words
from gateway.web.accounts.actions import entered, letter_in, with_scans
from gateway.web.forms import NEEDED, NOT_A_MOMENT, TOO_LONG, closing, form_of, key, moment, wrong
from gateway.web.on_behalf import TO_REQUEST, Files, files_in, none_yet
from gateway.web.page import Pages, told
from gateway.web.public.receipts import tracking_qr
from gateway.web.public.strangers import Strangers

FIELDS = (
    "request_kind", "cause", "holder", "name", "nip", "unit", "contact", "address", "letter_number", "letter_on",
    "wishes", "received_at", "quota", "alias", "alias_ends",
)  # fmt: skip
MOST_WISHES = 3
CAUSE_NEEDED = _("Pilih sebabnya.")
ADDRESS_NEEDED = _("Tulis alamat akunnya.")


@dataclass
class RequestForm:
    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, "") | {"request_kind": "create"})
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def entered(cls, form: FormData) -> "RequestForm":
        said = entered(form)
        return cls({name: said.get(name, "").strip() for name in FIELDS})

    def checked(self, form: FormData, zone: str) -> FileRequest | None:
        """The command, or None with ``errors`` filled; whether the number can be one, the service says."""
        said, new, changes = self.values, *(self.values["request_kind"] == kind for kind in ("create", "change"))
        self.errors |= {name: NEEDED for name in ("name", "unit") if not said[name]}
        if said["request_kind"] == "reset" and not said["cause"]:
            self.errors["cause"] = CAUSE_NEEDED
        if not new and not said["address"]:
            self.errors["address"] = ADDRESS_NEEDED
        received = moment(said["received_at"], zone) if said["received_at"] else None
        if said["received_at"] and received is None:
            self.errors["received_at"] = NOT_A_MOMENT
        if self.errors:
            return None
        wishes = tuple(filter(None, map(str.strip, said["wishes"].replace(",", "\n").splitlines())))
        try:
            return FileRequest.model_validate({
                "request_kind": said["request_kind"],
                "cause": said["cause"] if said["request_kind"] == "reset" else "",
                "holder": said["holder"] or "pns",
                "applicant": Applicant(name=said["name"], nip=said["nip"], unit=said["unit"], contact=said["contact"]),
                "address": "" if new else said["address"],
                "letter": letter_in(form),
                "wishes": wishes[:MOST_WISHES] if new else (),
                "received_at": received,
                "quota": int(said["quota"]) if changes and said["quota"].isdecimal() else None,
                "alias": said["alias"] if changes else "",
                "alias_ends": said["alias_ends"] if changes else "",
            })  # fmt: skip
        except ValidationError as error:
            for one in error.errors():
                where = str(one["loc"][-1]) if one["loc"] else "name"
                self.errors[where if where in FIELDS else "name"] = TOO_LONG
            return None


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()

    @made.get("/akun/catat", name="requests.file")
    async def blank(request: Request) -> Response:
        return await _shown(pages, desk, request, RequestForm(), none_yet(TO_REQUEST))

    @made.post("/akun/catat", name="requests.file")
    async def file(request: Request) -> Response:
        visitor, files = visitor_of(request), none_yet(TO_REQUEST)
        office = await pages.offices.of(visitor.agency)
        async with closing(await form_of(request)) as form:
            said, deed = RequestForm.entered(form), key(form, "file") or str(uuid4())
            try:
                files = await files_in(desk, request, visitor, TO_REQUEST, form, deed, nip=said.values["nip"])
                files.told()
                command = said.checked(form, office.zone)
                if command is None:
                    wrong()
                letter = with_scans(command.letter, files.uploads)
                accepted = await pages.client.do(visitor, command.model_copy(update={"letter": letter}), key=deed)
            except Problem as problem:
                status, problem_said = problem.status, told(request, problem)
                return await _shown(pages, desk, request, said, files, status=status, problem=problem_said)
        told_back, address = accepted.result, f"{desk.base_url}/{visitor.agency}/lacak"
        code = await desk.codes.of(visitor.agency, accepted.command_id)
        return await pages.show(
            request, "accounts/tercatat.html", once=True, request_id=told_back["request_id"], after=accepted.after,
            number=str(told_back["number"]), code=code.shown, filed_on=datetime.fromisoformat(told_back["filed_at"]),
            lacks=told_back["missing"], said=words, address=address,
            qr=tracking_qr(address, str(told_back["number"])),
        )  # fmt: skip

    return made


async def _shown(
    pages: Pages, desk: Strangers, request: Request, form: RequestForm, files: Files, **context: Any
) -> Response:
    visitor = visitor_of(request)
    rules = await _rules(pages, visitor)
    units = {} if OPERATOR & visitor.roles else own_units(visitor, rules or {})
    return await pages.show(
        request, "accounts/catat.html", form=form, said=words, kinds=words.served(rules, "kinds", words.KINDS),
        holders=words.served(rules, "holders", words.HOLDERS), serves=rules is not None, units=units,
        quotas=((rules or {}).get("accounts") or {}).get("quotas") or (),
        aliases=words.keeps_aliases(rules), brought=files, uploads=desk.uploads, **context,
    )  # fmt: skip


def own_units(visitor: Visitor, rules: Mapping[str, Any]) -> dict[str, str]:
    """Those for which he files by the standard, as its form offers them."""
    rows = (rules.get("accounts") or {}).get("unit_admins") or ()
    return {str(row["unit"]): str(row["unit"]) for row in rows if visitor.actor.holding(str(row["position"]))}


async def _rules(pages: Pages, visitor: Visitor) -> Mapping[str, Any] | None:
    """What the standard of accounts in force says; an empty one where organisation does not answer."""
    try:
        answer = await pages.client.ask(visitor, Standards(), StandardsAnswer)
    except Problem:
        return {}
    return words.rules_of(answer.standards)
