"""The agencies' published standards, word for word: through the API, on the public pages, in the pledge.

Every fact of the published texts is found again, in its component; private names and numbers are found nowhere.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.organisation.policy import COMPONENTS, PUBLISHED_COMPONENTS
from tests.journeys import seeds
from tests.parts.product import Product

STANDARDS = {"pekalongan": "berita-biasa-sanapati", "purbalingga": "email-kedinasan"}
HIDDEN = {"WA"}  # a channel that was published without an address is kept, and not shown
MORE_THAN = 90
PROMISED = ("completion-time", "fee", "product", "service-guarantee")


def said(part: Mapping[str, Any]) -> Iterator[str]:
    """What a component says, in the order in which one reads it."""
    text, sections = part.get("text", ""), part.get("sections", ())
    yield from (part.get("title", ""), "" if sections else text, *part.get("items", ()), *part.get("flow", ()))
    for channel in part.get("channels", ()):
        yield f"{channel['label']} {channel.get('address', '')}"
    for section in sections:
        yield from said(section)
    yield text if sections else ""


def read(part: Mapping[str, Any]) -> str:
    return seeds.words(" ".join(said(part)))


def both(part: Mapping[str, Any]) -> tuple[str, str]:
    """A component as it holds, and as its superseded source said it; where that says nothing else, it said the same."""
    return read(part), read({"title": part["title"], **part.get("superseded", {})})


def visible(page: str) -> str:
    body = page.partition("<main")[2].partition("</main>")[0]
    return seeds.words(re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script).*?</\1>", " ", body, flags=re.DOTALL)))


def in_order(facts: list[str], shown: str) -> bool:
    """Whether they stand there one after the other."""
    return re.search(".*".join(re.escape(each) for each in facts if each not in HIDDEN), shown) is not None


@pytest.fixture(params=sorted(STANDARDS))
def agency(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_kept_facts_are_those_of_the_published_texts(agency: str) -> None:
    """Where the texts lie beside the project they are read again; the kept facts are whole in any case."""
    facts = seeds.kept(agency)
    assert set(facts["in_force"]) == {"standard", *COMPONENTS}
    assert all(facts["in_force"].values()), "no component without a fact"
    assert sum(map(len, [*facts["in_force"].values(), *facts["former"].values()])) > MORE_THAN // 2
    if seeds.present():
        assert seeds.read(agency) == facts


async def test_the_api_says_all_14_components_as_published(product: Product, agency: str) -> None:
    facts = seeds.kept(agency)
    async with product.person("operator", agency) as person:
        (row,) = (await person.see("/standards"))["standards"]
        versions = (await person.see(f"/standards/{STANDARDS[agency]}/versions"))["versions"]
    assert [version["components"] for version in versions] == [row["components"]]
    assert set(row["components"]) == set(COMPONENTS)
    assert row["standard"]["standard"] == STANDARDS[agency]
    assert facts["in_force"]["standard"] == [part for part in (row["name"], row["standard"]["decree"]) if part]
    missing = [
        (key, fact) for key in COMPONENTS for fact in facts["in_force"][key] if fact not in read(row["components"][key])
    ]
    assert missing == []
    missing = [
        (key, fact)
        for key, former in facts["former"].items()
        for fact in former
        if not any(fact.rstrip(".") in told for told in both(row["components"][key]))
    ]
    assert missing == [], "what the older text says otherwise is kept as superseded"


async def test_the_public_page_says_the_six_published_components(product: Product, agency: str) -> None:
    facts = seeds.kept(agency)["in_force"]
    async with product.client() as anybody:
        page = await anybody.get(f"/standar/{agency}/{STANDARDS[agency]}")
    assert page.status_code == 200
    shown = visible(page.text)
    wanted = ["standard", *PUBLISHED_COMPONENTS]
    missing = [(key, fact) for key in wanted for fact in facts[key] if fact not in shown and fact not in HIDDEN]
    assert missing == []
    internal = [fact for key in COMPONENTS if key not in wanted for fact in facts[key] if fact in shown]
    assert internal == [], "the internal components are not published"
    assert in_order(facts["complaints"], shown), "the invitation to LAPOR! stands below the lists, as published"


async def test_the_pledge_promises_what_the_standard_says(product: Product, agency: str) -> None:
    facts = seeds.kept(agency)["in_force"]
    async with product.client() as anybody:
        page = await anybody.get(f"/maklumat/{agency}")
    shown = visible(page.text)
    async with product.person("operator", agency) as person:
        (row,) = (await person.see("/standards"))["standards"]
    for key in PROMISED:
        title = seeds.words(row["components"][key]["title"])
        for fact in facts[key]:
            promised = fact.removeprefix(title).strip()
            assert promised in shown, (key, fact)
    assert facts["standard"][0] in shown


async def test_private_names_and_numbers_are_nowhere(product: Product, agency: str) -> None:
    found = seeds.private() if seeds.present() else []
    async with product.person("operator", agency) as person, product.client() as anybody:
        said_to_staff = (await person.send("GET", "/standards")).text
        public = [f"/standar/{agency}/{STANDARDS[agency]}", f"/maklumat/{agency}"]
        whole = "\n".join([said_to_staff, *[(await anybody.get(address)).text for address in public]])
    assert [word for word in found if word in whole] == []
    assert not re.search(r"\b08\d{2}[- ]?\d{3,4}[- ]?\d{3,4}\b", whole), "no number of somebody's own telephone"
    assert "No HP" not in whole
