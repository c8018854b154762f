"""What the documents show as an example works: every block marked ``run`` is run against the running product."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.product import ROOT, Product

MARKED = re.compile(r"^```(?P<language>\w+) run$\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
SECONDS = 120


def blocks(document: Path) -> dict[str, str]:
    """The marked code of a document, a script per language, in the order in which a reader meets it."""
    found: dict[str, str] = {}
    for block in MARKED.finditer(document.read_text(encoding="utf-8")):
        found[block["language"]] = found.get(block["language"], "") + block["code"] + "\n"
    return found


RUNNABLE = [(document, language, code) for document in DOCUMENTS for language, code in blocks(document).items()]


def caraka_in(folder: Path) -> Path:
    """A folder for PATH that holds the command of this tree, installed or not."""
    folder.mkdir()
    command = folder / "caraka"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services "$@"\n')
    command.chmod(0o755)
    return folder


@pytest.mark.real
@pytest.mark.parametrize(
    ("document", "language", "code"), RUNNABLE, ids=[f"{path.stem}-{language}" for path, language, _ in RUNNABLE]
)
def test_an_example_does_what_it_shows(
    product: Product, tmp_path: Path, document: Path, language: str, code: str
) -> None:
    started_by = {"sh": ["bash", "-euo", "pipefail", "-c", code], "python": [sys.executable, "-c", code]}
    environment = product.environment() | {
        "CARAKA": product.base_url,
        "DEMO_PASSWORD": product.password,
        "PATH": os.pathsep.join([str(caraka_in(tmp_path / "bin")), os.environ["PATH"]]),
    }
    done = subprocess.run(
        started_by[language],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{document.name}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def test_the_documents_have_examples_that_run() -> None:
    assert {"README-sh", "api-sh", "api-python", "subscribing-sh", "subscribing-python"} <= {
        f"{path.stem}-{language}" for path, language, _ in RUNNABLE
    }
