"""What may lie in the repository: no address of a package registry, no path of somebody's machine, no bulk."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

LARGEST = 1_000_000  # bytes
FOREIGN = {
    "an address of a package registry": re.compile(
        r"//[\w.-]*(?:pypi\.org|python" + r"hosted\.org|npm" + r"js\.org|npm" + r"js\.com|yarnpkg\.com|jsdelivr|unpkg)"
    ),
    "a path of somebody's machine": re.compile(r"(?<![\w.$}<-])/(?:work|root|Users|opt/wheels)/\w|/home/(?!dir)\w+/"),
    "a merge that nobody finished": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
    "a package fetched from an address": re.compile(r'"resolved"\s*:|--(?:extra-)?index-url|--find-links[ =]'),
}


def _committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git work tree: nothing is committed here")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FOREIGN)
def test_no_committed_file_holds(what: str) -> None:
    found = []
    for path in _committed():
        if path == Path(__file__):
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {match[0]!r}" for match in FOREIGN[what].finditer(text)]
    assert found == []


def test_nothing_large_is_committed() -> None:
    assert [path.name for path in _committed() if path.stat().st_size > LARGEST] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-node"])
def test_every_requirement_is_locked_with_its_hash(name: str) -> None:
    locked = (ROOT / f"{name}.lock").read_text().replace("\\\n", " ").splitlines()
    pins = {line.split("==")[0]: line for line in locked if "==" in line}
    assert all("--hash=sha256:" in line for line in pins.values())
    asked = (ROOT / f"{name}.in").read_text().splitlines()
    wanted = {re.split(r"[\s\[]", line)[0].lower() for line in asked if line and line[0] not in "#-"}
    assert wanted <= pins.keys(), "run `make lock`"


def test_what_the_tests_install_agrees_with_what_runs() -> None:
    runs, tests = (set((ROOT / name).read_text().split()) for name in ("requirements.lock", "requirements-dev.lock"))
    assert {word for word in runs if "==" in word} <= tests
