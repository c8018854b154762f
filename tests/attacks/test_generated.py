"""Requests that a machine makes up from the published document, fitting and unfitting, by four roles of two agencies:
none of them is answered by a fault, and what is refused is refused by a problem that the document names.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

from gateway.edge.rights import RIGHTS
from services.cli.demo import FIELDS, message
from tests.attacks.attackers import WHOLE, say
from tests.parts.product import Product, start_product

pytestmark = [pytest.mark.real, pytest.mark.timeout(3_600 if WHOLE else 900)]
CASES = 10_000 if WHOLE else 1_000
ROLES = ("operator", "kadis", "admin", "inspektorat")
AGENCIES = ("pekalongan", "purbalingga")
CREDENTIALS = {"authorization", "cookie", "x-csrf-token"}
"""Made up ones would keep nearly everybody out."""
WAITING = {"letters.list", "letters.deadline"}
"""Where the position is asked for that an answer is to cover: all readings go through the same."""
ENDLESS = {"stream"}
OWN_WAY = {"sessions.close"}  # it ends the session that asks; asked at the end


@schemathesis.serializer("message/rfc822")
def mail(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode("utf-8", "replace")


@dataclass
class Visitor:
    """Somebody with his session, and a new one where it has ended."""

    product: Product
    login: str
    session: requests.Session = field(default_factory=requests.Session)
    csrf: str = ""
    roles: frozenset[str] = frozenset()

    def enter(self) -> None:
        body = {"login": self.login, "password": self.product.password}
        said = self.session.post(f"{self.product.base_url}/api/v1/sessions", json=body, timeout=60)
        assert said.status_code == 200, said.text
        self.csrf, self.roles = said.json()["csrf"], frozenset(said.json()["roles"])
        self.session.headers["Cookie"] = "; ".join(f"{one.name}={one.value}" for one in said.cookies)

    def ask(self, case: Any) -> requests.Response:
        sent = case.as_transport_kwargs(base_url=self.product.base_url)
        made_up = {name: value for name, value in sent["headers"].items() if name.lower() not in CREDENTIALS}
        sent["headers"] = {**made_up, "X-CSRF-Token": self.csrf, "Cookie": self.session.headers["Cookie"]}
        sent.pop("cookies", None)
        return requests.request(**sent, timeout=90, allow_redirects=False)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = start_product(tmp_path_factory.mktemp("generated"))
    yield running
    running.discard()


@pytest.fixture(scope="module")
def visitors(attacked: Product) -> list[Visitor]:
    found = [Visitor(attacked, f"{role}@{agency}") for agency in AGENCIES for role in ROLES]
    for visitor in found:
        visitor.enter()
    return found


@pytest.fixture(scope="module")
def letters(attacked: Product, visitors: list[Visitor]) -> list[str]:
    """Real ones of the first agency, of several stages, so that not all is unknown."""
    operator, made = visitors[0], []
    base = f"{attacked.base_url}/api/v1"
    own = {"X-CSRF-Token": operator.csrf, "Content-Type": "message/rfc822"}
    for number in range(4):
        raw = message() + f"\r\n{number}\r\n".encode()
        said = operator.session.post(f"{base}/letters/upload", data=raw, headers=own, timeout=60)
        made.append(said.json()["result"]["letter_id"])
    for letter in made[1:]:
        for step, body in (("examine", {"fields": FIELDS}), ("register", {}), ("print", {}), ("forward", {})):
            operator.session.post(f"{base}/letters/{letter}/{step}", json=body, headers={"X-CSRF-Token": operator.csrf})
            if letter == made[2] and step == "register":
                break
    return made


def test_no_request_that_can_be_made_up_is_answered_by_a_fault(
    attacked: Product, visitors: list[Visitor], letters: list[str]
) -> None:
    document = requests.get(f"{attacked.base_url}/api/openapi.json", timeout=60).json()
    operations = [
        result.ok()
        for result in schemathesis.openapi.from_dict(document).get_all_operations()
        if result.ok().definition.raw["operationId"] not in ENDLESS | OWN_WAY
    ]
    each = -(-CASES // len(operations))
    seen: Counter[int] = Counter()
    wrong: list[str] = []
    for operation in operations:
        attack(operation, each, visitors, letters, seen, wrong)
    say(f"{sum(seen.values())} cases of {len(operations)} operations: {dict(sorted(seen.items()))}")
    assert not wrong, "\n".join(wrong[:40])
    assert sum(seen.values()) >= CASES * 0.8
    assert {200, 403, 404, 422} <= set(seen), "it has been everywhere"


def attack(
    operation: Any, each: int, visitors: list[Visitor], letters: list[str], seen: Counter[int], wrong: list[str]
) -> None:
    name = operation.definition.raw["operationId"]
    known = {"path_parameters": {"letter_id": None}} if "{letter_id}" in operation.path else {}
    made_up = st.one_of(*(operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)))
    if known:
        of_ours = st.sampled_from(letters).flatmap(
            lambda letter: operation.as_strategy(GenerationMode.POSITIVE, path_parameters={"letter_id": letter})
        )
        made_up = st.one_of(made_up, of_ours)

    may = [visitor for visitor in visitors if RIGHTS[name].allows(visitor.roles)]
    anybody = st.sampled_from(visitors)

    @hypothesis.settings(
        max_examples=each,
        derandomize=not WHOLE,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=made_up, visitor=st.one_of(anybody, *[st.sampled_from(may)] * 3) if may else anybody)
    def tried(case: Any, visitor: Visitor) -> None:
        if name not in WAITING and case.query:
            case.query.pop("after", None)  # what will never be is waited for, for two seconds each time
        try:
            answer = visitor.ask(case)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return  # requests itself does not send it
        seen[answer.status_code] += 1
        if answer.status_code == 401 and name != "sessions.open":
            visitor.enter()
        if said := unfit(answer, operation.definition.raw):
            wrong.append(f"{visitor.login} {name}: {answer.status_code} {said}\n    {case.as_curl_command()[:1500]}")

    tried()


def unfit(answer: requests.Response, documented: dict[str, Any]) -> str:
    """What is wrong with an answer, or ""."""
    if answer.status_code >= 500:
        return f"a fault: {answer.text[:300]}"
    if answer.status_code in {400, 405, 408, 431}:  # told by the server or the router, before any operation
        return ""
    if str(answer.status_code) not in documented["responses"]:
        return f"not in the document: {answer.text[:300]}"
    kind = answer.headers.get("content-type", "")
    if answer.status_code >= 400 and kind != "application/problem+json":
        return f"no problem but {kind}"
    return "" if "cache-control" in answer.headers else "anybody may keep it"


def test_the_log_holds_no_fault_of_any_of_them(attacked: Product) -> None:
    bugs = [line[:2_000] for line in attacked.said().splitlines() if "bug" in line or "loop.failed" in line]
    assert bugs == []


async def test_the_store_holds_nothing_that_breaks_it(attacked: Product) -> None:
    """What they left behind: every invariant, every projection, every timer."""
    await attacked.until_quiet()
    assert await attacked.breaches() == []
