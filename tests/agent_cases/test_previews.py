"""What a preview foretells for instances that a real agent made, against what the agent then really did there."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent_cases.scoring import examined
from tests.support import CASES, DirectoryRoot, case_names, truth_of, whole_case
from tui.disk.source import open_source
from tui.disk.tree import RootTree
from tui.forensics.examination import Examination
from tui.paths import to_bytes
from tui.preview.play import play
from tui.preview.records import Behavior, Preview, Revision, Step, Verdict

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the cases hold links and names that Windows has not")

LISTS = ("removed", "added", "changed", "attributes")
EXISTS = "already exists at this location: "
WITH_CANDIDATES = [name for name in case_names() if name.isdigit()]  # the random histories


class Case:
    """A case, scanned once for all candidates to be deployed to it."""

    def __init__(self, directory: Path) -> None:
        self.bundles = directory / "bundles"
        self.truth: dict[str, Any] = truth_of(directory)
        self.root = open_source(str(directory / "sysroot"))
        self.examination: Examination = examined(directory / "sysroot")
        self.candidates: list[dict[str, Any]] = self.truth.get("next", [])
        self._known: dict[int, Verdict] = {}

    def verdict(self, candidate: dict[str, Any]) -> Verdict:
        """What is foretold of one of the case's candidates."""
        number = self.candidates.index(candidate)
        if number not in self._known:
            self._known[number] = self._played(candidate)
        return self._known[number]

    def _played(self, candidate: dict[str, Any]) -> Verdict:
        with DirectoryRoot(str(self.bundles / candidate["revision"])) as bundle:
            revision = Revision(candidate["revision"], RootTree(bundle))
            step = Step(candidate["group"], revision, Behavior(candidate["behavior"]))
            *_, last = play(self.root, self.examination, [step])
        assert isinstance(last, Preview)
        return last.verdicts[0]


@pytest.fixture(scope="module", params=WITH_CANDIDATES)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    case = Case(whole_case(request.param))
    yield case
    case.root.close()


def shown(path: str) -> str:
    """Text as the truth writes it."""
    return to_bytes(path).decode("utf-8", "replace")


def listed(effects: Any, kind: str) -> set[str]:
    return {shown(path) for path in getattr(effects, kind)}


def test_the_outcome_is_what_really_happened(case: Case) -> None:
    for candidate in case.candidates:
        succeeded = candidate["result"]["status"] == "Succeeded"
        assert case.verdict(candidate).outcome == ("succeeds" if succeeded else "fails"), candidate


def test_the_message_is_the_agents_own(case: Case) -> None:
    for candidate in case.candidates:
        verdict, message = case.verdict(candidate), candidate["result"].get("message", "")
        if verdict.failure is not None:
            told = {shown(verdict.failure.message), *(shown(collision.message) for collision in verdict.collisions)}
            assert message in told, candidate


def test_every_effect_is_foretold_and_none_in_vain(case: Case) -> None:
    for candidate in case.candidates:
        verdict = case.verdict(candidate)
        midway = verdict.failure is not None and EXISTS not in candidate["result"]["message"]
        for kind in LISTS:
            certain, possible, real = (
                listed(verdict.effects, kind),
                listed(verdict.possibly, kind),
                set(candidate[kind]),
            )
            if midway:
                assert certain <= real <= certain | possible, (candidate["revision"], candidate["behavior"], kind)
            else:
                assert certain == real, (candidate["revision"], candidate["behavior"], kind)
                assert not possible


def test_the_path_in_the_way_is_among_the_collisions(case: Case) -> None:
    for candidate in case.candidates:
        message = candidate["result"].get("message", "")
        if EXISTS in message:
            paths = {shown(collision.path) for collision in case.verdict(candidate).collisions}
            assert message.rsplit(EXISTS, 1)[1] in paths, candidate


def test_the_cases_hold_every_kind_of_outcome() -> None:
    kinds = set()
    for name in case_names():
        with tarfile.open(CASES / f"{name}.tar.xz", "r:xz") as tar:
            truth = tar.extractfile("truth.json")
            assert truth is not None
            candidates = json.load(truth).get("next", ())
        assert bool(candidates) == (name in WITH_CANDIDATES)
        for candidate in candidates:
            message = candidate["result"].get("message", "")
            kinds.add((candidate["behavior"], "exists" if EXISTS in message else "midway" if message else ""))
    assert kinds >= {(behavior.value, "") for behavior in Behavior} | {("DISALLOW", "exists")}
    assert "midway" in {kind for _, kind in kinds}
