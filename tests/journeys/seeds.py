"""The facts of the agencies' published standards, by component, as the published texts have them.

They are kept in `facts/<agency>.json`. Where the published texts themselves lie beside the project
(``../shared/seeds``, optional test material) the kept facts are read from them again and must be the same. Private
names and numbers are in neither. ``.venv/bin/python -m tests.journeys.seeds`` writes the files anew.
"""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

from services.organisation.policy import COMPONENTS, INTERNAL_COMPONENTS, PUBLISHED_COMPONENTS

KEPT = Path(__file__).with_name("facts")
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
FORMER, IN_FORCE, EMAIL = "000_*.txt", "002_*.txt", "004_*.txt"
Facts = dict[str, list[str]]

PRIVATE = re.compile(r"(?m)(Pejabat Pengaduan) :.*|^\s*No HP.*")
NUMBER = re.compile(r"^(?:\d+[.)]|[a-d]\.|-)\s+")
PORTAL = "Website LAPOR!"  # from here on the text of the national catalogue's own page


def present() -> bool:
    return SEEDS.is_dir()


def kept(agency: str) -> dict[str, Facts]:
    """``in_force`` and ``former``: component key → facts, each a run of words."""
    found: dict[str, Facts] = json.loads((KEPT / f"{agency}.json").read_text(encoding="utf-8"))
    return found


def read(agency: str) -> dict[str, Facts]:
    """The same from the published texts."""
    if agency == "purbalingga":
        return {"in_force": _email(_text(EMAIL)), "former": {}}
    former = _numbered(_text(FORMER), COMPONENTS)
    inner = {key: former.pop(key) for key in INTERNAL_COMPONENTS}
    return {"in_force": {**_portal(_text(IN_FORCE)), **inner}, "former": former}


def private() -> list[str]:
    """Words of the published texts that nobody may find: the officer's name and his own number."""
    whole = "".join(path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt"))
    names = re.findall(r"Pejabat Pengaduan : (\w+)", whole)
    numbers = re.findall(r"No HP : \( ?([\d-]+) ?\)", whole)
    return [*names, *numbers, *(number.replace("-", "") for number in numbers)]


def words(text: str) -> str:
    """As a run of words: without marks that tables and lists set in their own way."""
    return " ".join(re.sub(r"[:()\u200b]", " ", html.unescape(text)).split())


def _text(pattern: str) -> str:
    (path,) = SEEDS.glob(pattern)
    return PRIVATE.sub(r"\1", re.sub(r"Pejabat Pengaduan : [^<\n]*", "Pejabat Pengaduan", path.read_text("utf-8")))


def _portal(text: str) -> Facts:
    """Paragraphs, in the order of the catalogue."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text.partition(PORTAL)[0]) if part.strip()]
    title, decree, *parts = paragraphs
    keys = [*PUBLISHED_COMPONENTS[:5]]
    found = {key: list(_fragments(part)) for key, part in zip(keys, parts, strict=False)}
    found["complaints"] = list(_fragments("\n\n".join(parts[5:])))
    number = decree.partition(":")[2]
    return {"standard": [words(title), words(number)], **found}


def _numbered(text: str, keys: tuple[str, ...]) -> Facts:
    """Rows of a table: number, component, description."""
    rows = re.split(r"(?m)^\s*(\d+)\t", text)[1:]
    numbered = {int(number): row for number, row in zip(rows[::2], rows[1::2], strict=True)}
    return {key: list(_fragments(numbered[at].replace("\t", "\n"))) for at, key in enumerate(keys, 1)}


def _email(text: str) -> Facts:
    outer, inner = text.split("## Manufacturing")
    name = words(re.findall(r"## 21\. (.*)", outer)[0])
    facts = {**_numbered(outer, PUBLISHED_COMPONENTS), **_numbered(inner, INTERNAL_COMPONENTS)}
    return {"standard": [name], **facts}


def _fragments(text: str) -> Iterator[str]:
    """What stands between two tags, lines or arrows, without its number."""
    for graph in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL):
        steps = " ".join(f"<li>{step}</li>" for step in re.findall(r"[A-D]\[(.+?)\](?=\s)", graph))
        text = text.replace(graph, steps)
    for part in re.split(r"<[^>]*>|\n\s*\n|(?<=[.,;a-z\d])\n(?=\s*(?:\d+\.|[ab]\.))|\t", text):
        bare = words(NUMBER.sub("", re.sub(r"^[\s|-]+\|[\s|-]*$", "", part.strip(), flags=re.MULTILINE).strip()))
        if bare and not re.fullmatch(r"[| -]{2,}", bare):
            yield bare


if __name__ == "__main__":
    for name in ("pekalongan", "purbalingga"):
        (KEPT / f"{name}.json").write_text(
            json.dumps(read(name), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
