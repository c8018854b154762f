"""The source tree as the rules see it: modules, their imports, their syntax. Nothing is imported or run."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "services", "gateway")


@dataclass(frozen=True)
class Module:
    """`imports`: full dotted names, relative ones resolved; those for the type checker alone are left out."""

    name: str
    path: Path
    syntax: ast.Module
    imports: frozenset[str]

    @property
    def place(self) -> str:
        """For messages: the path from the root of the tree."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        return len(self.path.read_text(encoding="utf-8").splitlines())


@functools.cache
def modules() -> dict[str, Module]:
    """Every module of the product by its dotted name; a package goes by its own name."""
    return {module.name: module for package in PACKAGES for module in read(package)}


def services() -> list[str]:
    """The services that exist: packages below services/ other than the kit and the command line."""
    homes = (ROOT / "services").glob("*/")
    return sorted(
        home.name for home in homes if home.name not in {"kit", "cli", "__pycache__"} and any(home.rglob("*.py"))
    )


def within(name: str, *prefixes: str) -> bool:
    """`services.kit.store_sql` is within `services.kit.store*` and `services.kit`, not within `services.kit.store`."""
    return any(
        name.startswith(prefix[:-1]) if prefix.endswith("*") else name == prefix or name.startswith(prefix + ".")
        for prefix in prefixes
    )


def own(imported: str) -> str | None:
    """The module of ours that an imported name lies in (`contracts.base.Event` → `contracts.base`), else None."""
    while imported:
        if imported in modules():
            return imported
        imported = imported.rpartition(".")[0]
    return None


def reached(start: str) -> dict[str, str]:
    """Every module of ours that `start` imports, directly or not → the module that imports it first."""
    via: dict[str, str] = {}
    waiting = [start]
    while waiting:
        module = waiting.pop()
        for imported in modules()[module].imports:
            found = own(imported)
            if found and found != start and found not in via:
                via[found] = module
                waiting.append(found)
    return via


def read(package: str) -> Iterator[Module]:
    """The modules below a folder of the tree."""
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        syntax = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        home = name if is_package else name.rpartition(".")[0]
        yield Module(name, path, syntax, frozenset(_imports(syntax, home)))


def _imports(node: ast.AST, home: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = child.module or ""
            if child.level:
                above = home.split(".")[: len(home.split(".")) - child.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield from (f"{base}.{alias.name}" for alias in child.names)
        else:
            yield from _imports(child, home)
