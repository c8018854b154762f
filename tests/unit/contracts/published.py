"""What the contracts promise, written down: ``contracts/schemas/<kind>.json`` and one stored example of every event.

``python -m tests.unit.contracts.published`` writes what is missing or has grown. A schema that is already there may
grow by optional fields only (``--breaking``: nothing of this kind was ever stored); an example that is already there is
never touched: it stands for what offices have stored.
"""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts import REGISTRY
from contracts.base import Command, Event, Message, Query, ServiceRequest
from tests.unit.contracts.specimens import specimen

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "contracts" / "schemas"
FIRST = UUID("6a0e3c56-40f5-5b1c-9d3e-5a3f2f6c1e02")
CORPUS = Path(__file__).parent / "corpus"


def schema(cls: type[Message]) -> dict[str, Any]:
    """JSON Schema 2020-12 of the wire form, without prose; the kind is its title."""
    made: dict[str, Any] = _without_prose(cls.model_json_schema(mode="validation", by_alias=True))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": cls.kind()}


def _without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if not (key == "description" and isinstance(value, str))}
        return {key: _without_prose(value) for key, value in kept.items()}
    return [_without_prose(value) for value in node] if isinstance(node, list) else node


def breaches(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Why the new schema of a kind is not the old one grown by optional fields."""
    found = []
    shapes = {"": (old, new)}
    for name, shape in old.get("$defs", {}).items():
        shapes[f"{name}."] = (shape, new.get("$defs", {}).get(name, {}))
    for prefix, (was, now) in shapes.items():
        before, after = was.get("properties", {}), now.get("properties", {})
        found += [f"{prefix}{name} is gone" for name in before.keys() - after.keys()]
        found += [f"{prefix}{name} has changed" for name in before.keys() & after.keys() if before[name] != after[name]]
        found += [
            f"{prefix}{name} is required now" for name in set(now.get("required", ())) - set(was.get("required", ()))
        ]
    return sorted(found)


def text(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def place(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.json"


def kinds() -> list[type[Message]]:
    return sorted(
        {*REGISTRY.of(Command), *REGISTRY.of(Event), *REGISTRY.of(Query), *REGISTRY.of(ServiceRequest)},
        key=lambda cls: cls.kind(),
    )


def write(*, breaking: bool) -> list[str]:
    """Brings both folders up to date; returns what was written, or why a kind was left as it was."""
    told = []
    for cls in kinds():
        path = place(SCHEMAS, cls.kind())
        old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else schema(cls)
        if broken := [] if breaking else breaches(old, schema(cls)):
            told.append(f"{cls.kind()} is left alone, it needs a new version and an upcast: {'; '.join(broken)}")
        elif not path.exists() or old != schema(cls):
            told.append(_put(path, schema(cls)))
    for cls in REGISTRY.of(Event):
        path = place(CORPUS, cls.kind())
        if not path.exists():
            told.append(_put(path, stored(specimen(cls))))
    return told


def stored(event: Event) -> dict[str, Any]:
    """The CloudEvent that a store keeps."""
    return {
        "specversion": "1.0",
        "id": str(FIRST),
        "source": f"/caraka/pekalongan/{event.service()}",
        "type": event.kind(),
        "subject": f"{event.service()}:{FIRST}",
        "time": "2026-03-12T07:00:00.000001Z",
        "datacontenttype": "application/json",
        "agency": "pekalongan",
        "streamversion": 1,
        "commandid": str(FIRST),
        "correlationid": str(FIRST),
        "causationid": str(FIRST),
        "fingerprint": "ab" * 16,
        "actor": "operator",
        "data": event.model_dump(mode="json"),
    }


def _put(path: Path, value: object) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(value), encoding="utf-8")
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in write(breaking="--breaking" in sys.argv))
