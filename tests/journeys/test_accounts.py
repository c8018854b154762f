"""Through the API of the running product: from the application at the counter to the account, within the hour."""

import asyncio
from typing import Any
from uuid import uuid4

from services.cli.demo import Person
from tests.parts.books import this_year
from tests.parts.product import Product

SITI = {
    "name": "Hj. Siti Nur'aini, S.Kom.",
    "nip": "19850410 201001 2 001",
    "unit": "Dinas Kesehatan",
    "contact": "0812",
}
LETTER = {"number": "800/123", "on": "2026-03-11"}
GALIH = {"name": "Galih Satria Wibisana", "nip": "199206102018011911", "unit": "Dinkominfo", "contact": "0813"}


def form(applicant: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {"request_kind": "create", "applicant": applicant, "letter": LETTER, **changes}


async def refused(person: Person, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
    answer = await person.send("POST", path, json=body or {})
    return answer.status_code, answer.json()["code"]


async def told(operator: Person, request: str) -> None:
    """As soon as the directory has it."""
    async with asyncio.timeout(30):
        while True:
            answer = await operator.send("POST", f"{request}/tell", json={"how": "phone"})
            if answer.status_code == 200:
                return
            assert answer.json()["code"] == "account_provisioning.being-provisioned", answer.text
            await asyncio.sleep(0.05)


async def test_a_civil_servant_gets_his_address_and_hears_of_it(product: Product) -> None:
    async with product.people("operator", "operator-2", "kadis", "admin", agency="purbalingga") as people:
        operator, colleague, kadis, admin = people
        filed = (await operator.do("/account-requests", form(SITI)))["result"]
        assert (filed["missing"], filed["number"].endswith(f"/{this_year()}")) == ([], True)
        request = f"/account-requests/{filed['request_id']}"
        assert await refused(admin, f"{request}/approve") == (403, "gateway.forbidden")
        assert await refused(kadis, f"{request}/approve") == (403, "account_provisioning.not-the-reviewer")
        approved = await colleague.do(f"{request}/approve")
        assert approved["result"]["address"] == "siti.nuraini@purbalinggakab.go.id"
        await told(operator, request)
        assert await refused(operator, f"{request}/receive") == (409, "account_provisioning.hand-over-open")
        assert await refused(operator, f"{request}/tell", {"how": "letter"}) == (
            409,
            "account_provisioning.already-decided",
        )
    his = [row for row in product.events("account_provisioning") if filed["request_id"] in str(row)]
    kinds = [row["type"].split(".")[1] for row in his]
    assert [kind for kind in kinds if kind.startswith(("Account", "Clock", "RequestNotified", "RequestR"))] == [
        "AccountProvisioned",
        "RequestNotified",
        "ClockStopped",
    ]


async def test_who_works_at_the_counter_does_not_decide_on_himself(product: Product) -> None:
    async with product.people("operator", "operator-2", agency="purbalingga") as (operator, colleague):
        accepted = await operator.do("/account-requests", form(GALIH))
        filed = accepted["result"]
        await colleague.see(f"/account-requests/{filed['request_id']}", after=accepted["after"])
        request = f"/account-requests/{filed['request_id']}"
        assert await refused(operator, f"{request}/approve") == (403, "account_provisioning.own-request")
        for person, his in ((colleague, True), (operator, False)):
            tasks = (await person.see("/dashboards/tasks"))["tasks"]
            waiting = [task["case"]["case_id"] for task in tasks if task["action"] == "decide"]
            assert (filed["request_id"] in waiting) == his, "his own is for others"
        assert await refused(operator, "/account-requests", form(GALIH)) == (
            409,
            "account_provisioning.open-request-exists",
        )
        said = {"reason": "sudah-ada", "words": "Sudah punya"}
        await colleague.do(f"{request}/reject", said)
        await operator.do(f"{request}/tell", {"how": "in-person"})


async def test_who_was_entered_at_the_counter_follows_his_request_with_number_and_code(product: Product) -> None:
    tini = {"name": "Tini Kartika", "nip": "199104172019032004", "unit": "Dinas Sosial", "contact": "0816"}
    async with product.people("operator", "operator-2", agency="purbalingga") as (operator, _):
        wanted, key = {"request_kind": "create", "applicant": tini}, {"Idempotency-Key": str(uuid4())}
        first, again = [
            (await operator.send("POST", "/account-requests", json=wanted, headers=key)).json() for _ in range(2)
        ]
        filed = first["result"]
        assert (again["result"], filed["missing"]) == (filed, ["letter"])
        place = "/public/purbalingga/track"
        shown = await operator.send("POST", place, json={"number": filed["number"], "code": filed["code"]})
        assert (shown.status_code, shown.json()["stage"], shown.json()["replies"]) == (
            200, "filed", ["supplement", "withdraw"],
        )  # fmt: skip
        wrong = await operator.send("POST", place, json={"number": filed["number"], "code": "0000-0000-0000"})
        assert wrong.status_code == 404
        forged = {**wanted, "code_mac": "ab" * 32}
        assert await refused(operator, "/account-requests", forged) == (422, "gateway.malformed")
    assert filed["code"] not in str(product.events("account_provisioning")), "it stands nowhere"


async def test_the_admin_of_a_unit_files_and_vouches_for_it_and_sees_no_other(product: Product) -> None:
    rina = {"name": "Rina Wulandari", "nip": "199006152015032007", "unit": "dinas kesehatan", "contact": "0817"}
    yoga = {"name": "Yoga Prasetya", "nip": "198811022012011008", "unit": "Dinas Sosial", "contact": "0818"}
    async with product.people("admin-dinkes", "operator", "operator-2", agency="purbalingga") as people:
        admin, operator, reviewer = people
        mine = (await admin.do("/account-requests", form(rina)))["result"]
        assert await refused(admin, "/account-requests", form(yoga)) == (403, "account_provisioning.not-your-unit")
        accepted = await operator.do("/account-requests", form(yoga))
        other, covers = accepted["result"], {"after": accepted["after"]}
        listed = await admin.see("/account-requests", **covers)
        assert {row["unit"].casefold() for row in listed["requests"]} == {"dinas kesehatan"}
        assert other["number"] not in str(listed)
        for below in ("", "/events", "/deadline"):
            answer = await admin.send("GET", f"/account-requests/{other['request_id']}{below}", params=covers)
            assert (answer.status_code, answer.json()["code"]) == (404, "gateway.not-found"), below
        assert (await admin.send("GET", f"/account-requests/{mine['request_id']}")).status_code == 200
        assert await refused(admin, f"/account-requests/{mine['request_id']}/approve") == (403, "gateway.forbidden")
        assert (await admin.send("GET", f"/account-requests/{mine['request_id']}/sheet")).status_code == 403
        for filed in (mine, other):
            await reviewer.do(f"/account-requests/{filed['request_id']}/approve")
            await told(operator, f"/account-requests/{filed['request_id']}")
        wrong = await refused(admin, f"/account-requests/{other['request_id']}/confirm")
        assert wrong == (403, "account_provisioning.not-your-unit")
        confirmed = await admin.do(f"/account-requests/{mine['request_id']}/confirm")
        seen = await admin.see(f"/account-requests/{mine['request_id']}", after=confirmed["after"])
        assert seen["confirmed"] == "unit-admin"
        directory = await admin.see("/accounts", after=confirmed["after"])
        assert {row["who"].casefold() for row in directory["accounts"]} == {"dinas kesehatan"}
        foreign = await operator.see("/accounts", after=confirmed["after"], text="yoga")
        account = foreign["accounts"][0]["account_id"]
        assert (await admin.send("GET", f"/accounts/{account}")).status_code == 404


async def test_nobody_says_for_himself_who_he_is(product: Product) -> None:
    async with product.people("operator", agency="purbalingga") as (operator,):
        forged = form(SITI, subject_id="00")
        assert await refused(operator, "/account-requests", forged) == (422, "gateway.malformed")
        wrong = form({**SITI, "nip": "123"})
        assert await refused(operator, "/account-requests", wrong) == (422, "account_provisioning.nip-implausible")


async def test_what_was_asked_for_can_be_read_by_who_may(product: Product) -> None:
    """Through the views and the owner's sheet, from the first moment; of his number and telephone nobody else hears."""
    bambang = {
        "name": "Bambang Setiawan, S.T.",
        "nip": "197803152005011003",
        "unit": "Dinas Sosial",
        "contact": "0815 77",
    }
    async with product.people("operator", "operator-2", "kadis", "admin", agency="purbalingga") as people:
        operator, colleague, kadis, admin = people
        accepted = await operator.do("/account-requests", form(bambang, wishes=["bambang.setiawan"]))
        request, covers = f"/account-requests/{accepted['result']['request_id']}", {"after": accepted["after"]}
        shown = await operator.see(request, **covers)
        assert (shown["row"]["stage"], shown["row"]["name"]) == ("complete", bambang["name"])
        assert shown["reviewers"] == ["staf-informatika-1", "staf-informatika-2"]
        sheet = await operator.see(f"{request}/sheet")
        assert (sheet["nip"], sheet["contact"]) == (bambang["nip"], bambang["contact"])
        assert sheet["proposals"][0] == {"address": "bambang.setiawan@purbalinggakab.go.id", "state": "free"}
        reckoned = (await kadis.see(f"{request}/deadline"))["deadline"]
        assert (reckoned["kind"], reckoned["due_at"]) == ("service_minutes", shown["row"]["due_at"])
        found = (await kadis.see("/account-requests", text="bambang setia"))["requests"]
        assert [row["number"] for row in found] == [accepted["result"]["number"]]
        seen = [await kadis.see(path) for path in (request, f"{request}/events", "/account-requests")]
        assert bambang["nip"] not in str(seen)
        assert "0815 77" not in str(seen)
        denied = [
            (kadis, f"{request}/sheet"),
            (admin, request),
            (admin, "/account-requests"),
            (admin, f"{request}/sheet"),
        ]
        for person, path in denied:
            assert (await person.send("GET", path)).status_code == 403
        tasks = (await colleague.see("/dashboards/tasks"))["tasks"]
        assert ("decide", accepted["result"]["request_id"]) in [(t["action"], t["case"]["case_id"]) for t in tasks]
        refused_words = {"reason": "sudah-ada", "words": "Sudah ada sejak 2020"}
        rejected = await colleague.do(f"{request}/reject", refused_words)
        told = await operator.see(f"{request}/events", after=rejected["after"])
        kinds = [entry["kind"].split(".")[1] for entry in told["entries"]]
        assert kinds == ["RequestFiled", "RequestCompleted", "RequestRejected"]
        written = (await operator.see(f"{request}/sheet"))["words"]
        assert written == {told["entries"][2]["event_id"]: "Sudah ada sejak 2020"}


DOMAIN = "purbalinggakab.go.id"
DEWI = {"name": "Dewi Wulandari", "nip": "199305162019032007", "unit": "Dinas Sosial", "contact": "0819"}
MARRIED = {**DEWI, "name": "Dewi Kusuma"}
NAMESAKE = {**MARRIED, "nip": "199401172020122009", "unit": "Dinas Kesehatan"}


async def test_after_a_change_of_name_the_same_mailbox_receives_under_both(product: Product) -> None:
    own, alias = f"dewi.wulandari@{DOMAIN}", f"dewi.kusuma@{DOMAIN}"
    async with product.people("operator", "operator-2", agency="purbalingga") as (operator, reviewer):

        async def done(body: dict[str, Any], **choice: str) -> dict[str, Any]:
            """What the reviewer is told, as soon as the directory has it and its applicant has heard."""
            filed = (await operator.do("/account-requests", body))["result"]
            approved = await reviewer.do(f"/account-requests/{filed['request_id']}/approve", choice)
            await told(operator, f"/account-requests/{filed['request_id']}")
            return {**filed, **approved["result"], "after": approved["after"]}

        assert (await done(form(DEWI)))["address"] == own
        change = {"request_kind": "change", "address": own}
        for wrong, code in (
            ("dewi@lain.go.id", (422, "account_provisioning.alias-pattern")),
            (f"sekda@{DOMAIN}", (409, "account_provisioning.address-reserved")),
            (own, (409, "account_provisioning.alias-own")),
        ):
            assert await refused(operator, "/account-requests", form(MARRIED, **change, alias=wrong)) == code
        close = {"request_kind": "close", "address": own, "alias": alias}
        assert await refused(operator, "/account-requests", form(MARRIED, **close)) == (
            422, "account_provisioning.alias-unasked",
        )  # fmt: skip
        accepted = await operator.do("/account-requests", form(MARRIED, **change, alias=alias))
        request = f"/account-requests/{accepted['result']['request_id']}"
        sheet = await reviewer.see(f"{request}/sheet")
        assert (sheet["alias"], sheet["proposals"][0]) == (alias, {"address": alias, "state": "free"})
        assert alias not in str(await reviewer.see(request, after=accepted["after"])), "the views hold no wish"
        assert await refused(reviewer, f"{request}/approve", {"wished": own}) == (422, "gateway.malformed")
        approved = await reviewer.do(f"{request}/approve")
        assert approved["result"] == {"address": own, "alias": alias}
        await told(operator, request)
        final = (await operator.do(f"{request}/receive"))["after"]
        [found] = (await operator.see("/accounts", text="dewi.kusuma", after=final))["accounts"]
        assert (found["address"], found["aliases"], found["title"]) == (own, [alias], "Dewi Kusuma")
        assert (await operator.see(request, after=final))["alias"] == alias
        other = await done(form(NAMESAKE))
        assert other["address"] == f"dewi.kusuma2@{DOMAIN}", "the additional address is somebody's too"
        taken = form(NAMESAKE, request_kind="change", address=other["address"], alias=alias)
        assert await refused(operator, "/account-requests", taken) == (409, "account_provisioning.address-taken")
        ended = await done(form(MARRIED, request_kind="change", address=alias, alias_ends=alias))
        [row] = (await operator.see("/accounts", text="dewi.wulandari", after=ended["after"]))["accounts"]
        assert row["aliases"] == []
        again = form(MARRIED, **change, alias=alias)
        assert await refused(operator, "/account-requests", again) == (409, "account_provisioning.address-taken")
