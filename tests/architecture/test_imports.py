"""Who may import whom. The layers stand in pyproject.toml ([tool.importlinter]); what it cannot say stands here."""

import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, modules, own, services, within

KIT = ROOT / "services/kit"
FRONT_DOOR = 2  # dots: services.kit.<door>
LINT = Path(sys.executable).with_name("lint-imports")

# library → where it may be imported: a package with all below it, or a beginning of a name (*)
HOMES = {
    "eventsourcing": ("services.kit.store*",),
    "faststream": ("services.kit.bus", "services.kit.jobs"),
    "nats": (
        *("services.kit.bus", "services.kit.outbox", "services.kit.subscriptions", "services.kit.operations"),
        "services.kit.jobs",
    ),
    "fastapi": ("gateway",),
    "starlette": ("gateway",),
    "sse_starlette": ("gateway",),
    "confusable_homoglyphs": ("services.kit.lookalikes",),
    "obstore": ("services.kit.blobs*", "services.kit.backup.buckets"),
    "pyrage": ("services.kit.backup.sealing",),
    **dict.fromkeys(("pikepdf", "lxml"), ("services.kit.uploads", "services.intake.adapters")),
    "PIL": ("services.kit.uploads", "services.kit.drawing", "services.intake.adapters"),
    "pypdfium2": ("services.kit.drawing", "services.intake.adapters.attachment_markings"),
    **dict.fromkeys(("webencodings", "icalendar", "tnefparse", "asn1crypto"), ("services.intake.adapters",)),
    "psycopg": ("services.kit",),
    "sqlite3": ("services.kit",),
    "cryptography": ("services.kit", "services.*.adapters"),
    "argon2": ("services.*.adapters",),
    "zxcvbn": ("services.kit.guessing",),
    "imapclient": ("services.*.adapters",),
    "imaplib": ("services.*.adapters",),
    "mailbox": ("services.*.adapters",),
    "email": ("services.*.adapters",),
    **dict.fromkeys(("httpcore", "standardwebhooks"), ("services.*.adapters",)),
    "altcha": ("gateway.edge",),
    "typst": (
        *("services.*.adapters", "services.kit.letters"),
        *("gateway.web.public.receipts", "gateway.web.complaints.printing"),
    ),
    "xlsxwriter": ("gateway.web.complaints.printing",),
    "segno": ("services.*.adapters", "gateway.web.public.receipts"),
}

# The rooms between the edges may not reach the outside world themselves: they ask a port.
INNER_ROOMS = ("domain", "policy", "handlers", "reactions", "views", "ports")
OUTSIDE = (
    *("socket", "ssl", "subprocess", "smtplib", "imaplib", "http", "urllib.request", "shutil", "tempfile", "os"),
    *("httpx", "httpcore", "nats", "faststream", "imapclient", "typst", "obstore", "psycopg", "sqlite3"),
    "cryptography",
)


def _allowed(name: str, homes: tuple[str, ...]) -> bool:
    expanded = [home.replace(".*.", f".{service}.") for home in homes for service in services()]
    return within(name, *expanded)


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_only_where_it_lives(library: str) -> None:
    strangers = [
        module.place
        for module in modules().values()
        if any(within(imported, library) for imported in module.imports) and not _allowed(module.name, HOMES[library])
    ]
    assert strangers == [], f"{library} may be imported only in {', '.join(HOMES[library])}"


def test_contracts_import_pydantic_and_the_standard_library_only() -> None:
    allowed = {"contracts", "pydantic", "pydantic_core", "typing_extensions"} | sys.stdlib_module_names
    strangers = [
        f"{module.place}: {imported}"
        for module in modules().values()
        if within(module.name, "contracts")
        for imported in sorted(module.imports)
        if imported.split(".")[0] not in allowed
    ]
    assert strangers == []


@pytest.mark.parametrize("service", services())
def test_the_outside_world_is_met_in_adapters_only(service: str) -> None:
    rooms = tuple(f"services.{service}.{room}" for room in INNER_ROOMS)
    reaching = [
        f"{module.place}: {imported}"
        for module in modules().values()
        if within(module.name, *rooms)
        for imported in sorted(module.imports)
        if within(imported, *OUTSIDE)
    ]
    assert reaching == []


def test_every_service_is_named_in_the_import_rules() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    independent = next(rule["modules"] for rule in rules if rule["type"] == "independence")
    layered = next(rule["containers"] for rule in rules if rule["type"] == "layers")
    existing = {f"services.{service}" for service in services()}
    assert existing <= set(independent), "a new service is missing in 'services never import each other'"
    assert existing <= set(layered), "a new service is missing in 'the rooms of a service'"


def test_the_layers_of_pyproject_hold(tmp_path: Path) -> None:
    """Lines that name a package which does not exist yet are left out; the test above sees that none is forgotten."""
    table = (ROOT / "pyproject.toml").read_text().partition("[tool.importlinter]")[2]
    named = re.compile(r'^\s*"((?:contracts|services|gateway)[\w.]*)",?\s*$')
    lines = [line for line in table.splitlines() if not (found := named.match(line)) or found[1] in modules()]
    configuration = tmp_path / "rules.toml"
    configuration.write_text("\n".join(["[tool.importlinter]", *lines]))
    done = subprocess.run(
        [str(LINT), "--config", str(configuration), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _behind_a_front_door(imported: str) -> bool:
    found = own(imported)
    return found is not None and within(found, "services.kit") and found.count(".") > FRONT_DOOR


def test_services_and_gateway_enter_the_kit_by_its_front_doors() -> None:
    """A module at the top of the kit, or what the `__init__` of a room hands out: what is behind may be rebuilt."""
    homes = (*(f"services.{service}" for service in services()), "gateway")
    strangers = [
        f"{module.place}: {imported}"
        for module in modules().values()
        if within(module.name, *homes)
        for imported in sorted(module.imports)
        if _behind_a_front_door(imported)
    ]
    assert strangers == []


def test_the_rooms_of_the_kit_stand_on_each_other_without_a_circle() -> None:
    """Room → rooms that it stands on; a module at the top of the kit is a room of its own."""
    stands: dict[str, set[str]] = {}
    for module in modules().values():
        if not within(module.name, "services.kit") or module.name == "services.kit":
            continue
        room = module.name.split(".")[2]
        targets = {found.split(".")[2] for each in module.imports if (found := own(each)) and found.count(".") > 1}
        stands.setdefault(room, set()).update(
            target for target in targets if (KIT / target).exists() or (KIT / f"{target}.py").exists()
        )
    order = TopologicalSorter({room: targets - {room} for room, targets in stands.items()})
    assert list(order.static_order())
