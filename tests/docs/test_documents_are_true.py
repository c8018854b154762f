"""What the documents name exists: links, files, settings, commands, promises."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from services.__main__ import app
from services.account_provisioning.settings import AccountSettings
from services.intake.settings import IntakeSettings
from services.kit.backup.settings import BackupSettings
from services.kit.settings import Settings
from services.notifications.settings import AskingSettings, BounceSettings, SmtpSettings, WebhookSettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
PLACE = re.compile(r"`((?:contracts|services|gateway|deploy|docs|tests|benchmarks)/[\w./*-]+)`")
MADE = re.compile(r"\bmake ([a-z][a-z-]+)")
CARAKA = re.compile(r"(?:^|`)caraka ((?:[a-z]+(?:-[a-z]+)* ?)+)", re.MULTILINE)
LATER = {"tests/faults/"}  # "where present"
MOVED = re.compile(r"^\| `([\w./-]+)` \| `([\w./-]+)` \|$", re.MULTILINE)
LISTED = 4
HOUSES = ("services", "services/kit", "services/kit/bus", "services/projections/views", "gateway", "gateway/web")
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_place_that_is_named_is_there(document: Path) -> None:
    """A star stands for many. A decision keeps the places of its day: decision 0040 says where they are now."""
    named = set(PLACE.findall(document.read_text(encoding="utf-8"))) - LATER
    if document.parent.name == "decisions":
        named = {_moved().get(place, place) for place in named}
    assert sorted(place for place in named if not any(ROOT.glob(place.rstrip("/")))) == []


def _moved() -> dict[str, str]:
    return dict(MOVED.findall((ROOT / "docs/decisions/0040-rooms.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_target_of_make_is_in_the_makefile(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = "\n".join(re.findall(r"`[^`]+`|^```.*?^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    assert set(MADE.findall(code)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_command_of_caraka_exists(document: Path) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]  # a typer with commands is a group
    unknown = []
    lines = document.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if "not exist yet" not in line)
    for words in CARAKA.findall(text):
        first, *rest = words.split()
        group = getattr(commands.get(first), "commands", None)
        if first not in commands or (group is not None and rest and rest[0] not in group):
            unknown.append(words)
    assert unknown == []


def test_the_readme_names_every_setting_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `CARAKA_(\w+)` \|", readme, re.MULTILINE))
    smtp = {f"SMTP_{name.upper()}" for name in SmtpSettings.model_fields}
    backup = {f"BACKUP_{name.upper()}" for name in BackupSettings.model_fields}
    asking = {f"ASKING_{name.upper()}" for name in AskingSettings.model_fields}
    bounces = {f"BOUNCES_{name.upper()}" for name in BounceSettings.model_fields}
    hooks = {f"WEBHOOK_{name.upper()}" for name in WebhookSettings.model_fields}
    assert (
        told
        == {
            name.upper()
            for name in (*Settings.model_fields, *IntakeSettings.model_fields, *AccountSettings.model_fields)
        }
        | smtp
        | asking
        | backup
        | hooks
        | bounces
    )


def test_the_readme_tells_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {words.split()[0] for words in re.findall(r"^\| `caraka ([a-z][a-zA-Z… -]*)` \|", readme, re.MULTILINE)}
    assert told == set(get_command(app).commands)  # type: ignore[attr-defined]  # same


def test_every_promise_stands_once_with_its_proof() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (P\d+) \| (.+?) \| (.+?) \|$", readme, re.MULTILINE)
    assert [name for name, _, _ in rows] == [f"P{n}" for n in range(1, 11)]
    assert all("tests/" in proof or "no notifications yet" in proof for _, _, proof in rows)


def test_every_decision_is_in_the_list_once() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    records = sorted(path.name for path in folder.glob("0*.md"))
    assert sorted(listed) == records
    assert len({name[:4] for name in records}) == len(records), "two records with one number"


def test_the_checklist_of_a_new_service_names_every_list() -> None:
    """Whoever adds a list of services to the import rules adds no place: they all stand in pyproject.toml."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    assert any("services.intake" in str(rule) for rule in rules)
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### A new service")[2].partition("### ")[0]
    holders = [
        path.relative_to(ROOT).as_posix()
        for folder in ("services/cli", "services/audit", "services/projections/views", "gateway", "deploy")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ""} and path.is_file() and _lists_services(path)
    ]
    assert [place for place in holders if place not in text] == []


def _lists_services(path: Path) -> bool:
    """Four services side by side, in whatever order: a fifth one would have to be added."""
    name = r"\W{1,6}(?:organisation|intake|approval|dispatch)\b"
    runs = re.finditer(f"(?:{name}){{4}}", path.read_text("utf-8"))
    return any(re.search(r"[\"(]", run[0]) and len(set(re.findall(r"\w+", run[0]))) == LISTED for run in runs)


def test_the_map_names_every_room_and_no_other() -> None:
    """A folder with modules, and in the kit also a module at the top, which is a room of its own."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## The rooms")[2]
    tree = text.partition("```")[2].partition("```")[0]
    rooms = {path.name for house in HOUSES for path in (ROOT / house).glob("[!_.]*") if any(path.glob("*.py"))}
    told = set(re.findall(r"\b(\w+)/(?=[ \n])", tree))
    assert sorted(told) == sorted(rooms | {"contracts", "gateway", "views"})
    doors = {path.name for path in (ROOT / "services/kit").glob("[!_]*.py")}
    assert sorted(doors - set(re.findall(r"\w+\.py", tree))) == []
