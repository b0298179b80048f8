"""What a scan says of instances that a real agent made, against what is known to have happened there."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.agent_cases import scoring
from tests.support import CASES, case_names, truth_of, whole_case
from tui import fixtures

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the cases hold links and names that Windows has not")

HERE = Path(__file__).resolve().parent
TABLE_ROW = re.compile(r"\| `((?:/|[A-Z]:\\)[^`]*)` \| ([a-z-]+) \| ([a-z]*) \| .+ \|")
TOPS = ("srv", "var/lib", "var/www", "C/temp", "D")  # where the examples' deployments and scripts put files


class Case:
    """A case, scanned once for all of its tests."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.sysroot = directory / "sysroot"
        self.truth: dict[str, Any] = truth_of(directory)
        self.given = scoring.given_marks(scoring.examined(self.sysroot))


@pytest.fixture(scope="module", params=case_names())
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param, whole_case(request.param))


def not_told(name: str) -> dict[str, tuple[str, str]]:
    """The paths of a case whose true mark nothing on disk tells: path -> true and given mark."""
    with (HERE / "not-told.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {fixtures.decoded(row["path"]): (row["true"], row["given"]) for row in rows if row["case"] == name}


def test_every_path_has_its_true_mark(case: Case) -> None:
    wrong = {
        path: (true, case.given.get(path, ("not listed", None))[0])
        for path, true in scoring.true_marks(case.truth).items()
        if case.given.get(path, ("not listed", None))[0] != true
    }
    assert wrong == not_told(case.name)


def test_deployed_is_what_the_cleanup_files_list(case: Case) -> None:
    deployed = {path for path, (mark, _) in case.given.items() if mark == "deployed"}
    elsewhere = scoring.through_links(case.sysroot, case.truth)
    assert deployed - elsewhere == scoring.truly_deployed(case.sysroot, case.truth)


def test_missing_is_what_is_listed_and_not_there(case: Case) -> None:
    missing = {path for path, given in case.given.items() if given == ("deployed", "missing")}
    elsewhere = scoring.through_links(case.sysroot, case.truth)
    assert missing - elsewhere == scoring.truly_missing(case.sysroot, case.truth)
    assert {path for path in elsewhere if path in case.given} <= missing


def test_states_tell_how_files_compare_with_their_revision(case: Case) -> None:
    true = scoring.true_states(case.sysroot, case.truth)
    assert {path: case.given[path][1] for path in true} == true


def in_the_program(path: str) -> str:
    """A path as an example's README writes it, in the program's form."""
    return fixtures.decoded(path) if path.startswith("/") else f"/{path}".replace("\\", "/")


def on_disk(root: Path) -> set[str]:
    """What is there in an example's places, in the program's form."""
    found = set()
    for top in TOPS:
        for directory, below, files in os.walk(root / top):
            path = "/" + os.path.relpath(directory, root)
            path = f"/{path[1]}:{path[2:]}" if top[0].isupper() else path
            found.update(f"{path}/{name}" for name in below + files)
    return found


@pytest.mark.parametrize("name", [name for name, _ in fixtures.names()])
def test_every_file_of_an_example_has_the_mark_that_its_readme_tells(name: str) -> None:
    readme = (CASES.parent / name / "README.md").read_text(encoding="utf-8")
    told = {in_the_program(path): (mark, state) for path, mark, state in TABLE_ROW.findall(readme)}
    untold = not_told(name)
    assert {path: told[path][0] for path in untold} == {path: true for path, (true, _) in untold.items()}
    expected = {path: untold[path][1] if path in untold else mark for path, (mark, _) in told.items()}
    with fixtures.unpacked(name) as root:
        given = scoring.given_marks(scoring.examined(root))
        there = on_disk(root)
    assert len(told) >= (4 if name == "links-and-odd-names" else 7)
    assert {path: given.get(path, ("not listed", None))[0] for path in told} == expected
    states = {path: state for path, (_, state) in told.items() if state}
    assert {path: given[path][1] for path in states} == states
    assert there - set(told) <= {"/var/lib/shop"}, "a path that the README does not tell of"
    assert set(given) <= set(told) | {"/var/lib/shop"}, "a path listed that is nobody's"


def test_the_cases_cover_what_goes_wrong() -> None:
    assert len(case_names()) >= 10
    readme = (CASES.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"^\| (\S+) \| ", readme, re.M) if name in case_names()] == list(case_names())
