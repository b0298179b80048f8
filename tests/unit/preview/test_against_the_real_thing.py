"""The model beside a plain reference that does the same for real on a temporary directory."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import examples, posix_only
from tui.preview.records import Behavior, Revision, Verdict

from .building import ARCHIVE, GROUP, ROOT_DIR, Site, appspec, told
from .reference import MOST, Failed, Install, Install2, Spec, TooMany, difference, states
from .trees import DIRECTORY, Node, grow, trees, with_second_names

pytestmark = posix_only

AGENT = "/opt"  # holds all of the agent's own
PLACES = ("/data/app", "/data/app/a", "/data/b", "/data/new/x")
FILES = st.lists(
    st.tuples(st.sampled_from(["app", "app/a", "app/b", "two"]), st.sampled_from(PLACES)), min_size=1, max_size=2
)
PERMISSIONS = st.lists(
    st.tuples(
        st.sampled_from(["/data", "/data/app", "/data/app/a", "/data/app/b"]),
        st.sampled_from(["**", "*", "a"]),
        st.sampled_from([0o600, 0o640, 0o700, 0o755]),
        st.sampled_from([("file",), ("directory",), ("file", "directory")]),
    ),
    max_size=2,
)
SPECS = st.builds(Spec, FILES, st.one_of(st.just(()), PERMISSIONS))
ENDS = st.sampled_from(["", "", "", "/", "/.", "/..", "/../b"])
LISTED = st.lists(st.sampled_from(["a", "b", "c", "z"]), max_size=3).map(lambda names: "/".join(["/data/app", *names]))
LINES = st.lists(st.tuples(LISTED, ENDS).map("".join), max_size=6)
BEHAVIORS = st.sampled_from(list(Behavior))


class Case:
    """An instance, a revision, and what is asked for."""

    def __init__(
        self, top: Path, instance: dict[str, Node], revision: dict[str, Node], spec: Spec, version: int = 1
    ) -> None:
        self.site = Site(top, version)
        grow(self.site.place("/data/app"), instance)
        self.site.deployed({"appspec.yml": appspec(("x", "/data"))})  # so that the scan looks at all of it
        self.spec = spec
        written: list[dict[str, Any]] = [
            {"object": place, "pattern": pattern, "mode": f"{mode:o}", "type": list(types)}
            for place, pattern, mode, types in spec.permissions
        ]
        self.revision: Revision = self.site.revision({}, appspec(*spec.files, permissions=written))
        self.unpacked = str(top / "revisions" / self.revision.label)
        grow(Path(self.unpacked, "app"), revision)
        grow(Path(self.unpacked, "two"), {"a": DIRECTORY, "d": DIRECTORY})

    def unpack(self) -> None:
        """What DownloadBundle does, for real."""
        shutil.copytree(self.unpacked, self.site.place(ARCHIVE), symlinks=True)


@contextmanager
def case(*given: Any) -> Iterator[Case]:
    with tempfile.TemporaryDirectory() as directory:
        made = Case(Path(os.path.realpath(directory)), *given)
        try:
            assume(not endless(made.unpacked, [MOST]))
            yield made
        finally:
            made.site.close()


def endless(directory: str, left: list[int]) -> bool:
    """Whether a revision's links lead in circles for more files than are worth their time."""
    for name in os.listdir(directory):
        left[0] -= 1
        place = f"{directory}/{name}"
        if left[0] < 0 or (os.path.isdir(place) and endless(place, left)):
            return True
    return False


def really(case: Case, install: Install, behavior: Behavior) -> tuple[Optional[Failed], dict[str, set[str]]]:
    """Do it for real; gives the failure and the difference."""
    before = states(str(case.site.top), AGENT)
    case.unpack()
    failure = None
    try:
        install.run(ARCHIVE, case.spec, behavior.value)
    except Failed as failed:
        failure = failed
    except TooMany:
        assume(False)
    return failure, difference(before, states(str(case.site.top), AGENT))


def foretold(verdict: Verdict) -> dict[str, set[str]]:
    return {kind: set(paths) for kind, paths in told(verdict.effects).items()}


@settings(max_examples=examples(100))
@given(
    trees(),
    st.one_of(st.none(), st.integers(0, 9)),
    trees(),
    SPECS,
    LINES,
    BEHAVIORS,
    st.integers(0, 99),
    st.sampled_from([1, 1, 2]),
)
def test_what_is_foretold_is_what_happens(
    instance: dict[str, Node],
    second: Optional[int],
    revision: dict[str, Node],
    spec: Spec,
    lines: list[str],
    behavior: Behavior,
    seed: int,
    version: int,
) -> None:
    if version == 2:  # whether its * goes on below the next / is not known
        spec = spec._replace(permissions=[item for item in spec.permissions if item[1] != "*"])
    with case(with_second_names(instance, second), revision, spec, version) as made:
        made.site.cleanup(*lines)
        verdict = made.site.deploy(made.revision, behavior)
        install = (Install if version == 1 else Install2)(str(made.site.top), lines, seed)
        failure, real = really(made, install, behavior)
        assert (failure is None) == (verdict.failure is None), (failure, verdict.failure)
        if failure is None:
            assert foretold(verdict) == real
            return
        assert verdict.failure is not None
        assert verdict.failure.phase.value == failure.phase
        messages = {verdict.failure.message, *(item.message for item in verdict.collisions)}
        if not failure.message.startswith("…"):
            assert failure.message in messages
        elif "exists" in failure.message:
            assert any(message.endswith(failure.message[1:]) for message in messages)
        for kind in ("removed", "added", "changed", "attributes"):
            certain, possible = set(getattr(verdict.effects, kind)), set(getattr(verdict.possibly, kind))
            assert certain <= real.get(kind, set()) <= certain | possible, kind
        if failure.phase != "install":
            assert foretold(verdict) == real


@settings(max_examples=examples(50))
@given(trees(), trees(), trees(), SPECS, SPECS, LINES, BEHAVIORS, BEHAVIORS)
def test_two_deployments_in_a_row_are_carried_forward_by_what_the_first_leaves(
    instance: dict[str, Node],
    first: dict[str, Node],
    second: dict[str, Node],
    spec: Spec,
    spec_2: Spec,
    lines: list[str],
    behavior: Behavior,
    behavior_2: Behavior,
) -> None:
    """In the order that the model takes where it has the choice: files before directories, else the bytes'."""
    with case(instance, first, spec) as made:
        made.site.cleanup(*lines)
        other = made.site.revision({}, appspec(*spec_2.files))
        tops = made.site.top.parent / "revisions"
        grow(tops / other.label / "app", second)
        assume(not endless(str(tops / other.label), [MOST]))
        verdicts = made.site.chain((made.revision, behavior), (other, behavior_2))
        install = Install(str(made.site.top), lines)
        failure, _ = really(made, install, behavior)
        assert (failure is None) == (verdicts[0].failure is None)
        middle = states(str(made.site.top), AGENT)
        archive = f"{ROOT_DIR}/{GROUP}/d-NEXT00002/deployment-archive"
        shutil.copytree(tops / other.label, made.site.place(archive), symlinks=True)
        try:
            install.run(archive, Spec(spec_2.files), behavior_2.value)
        except Failed as failed:
            assert verdicts[1].failure is not None
            assert verdicts[1].failure.phase.value == failed.phase
            return
        except TooMany:
            assume(False)
        assert verdicts[1].failure is None
        assert foretold(verdicts[1]) == difference(middle, states(str(made.site.top), AGENT))


def _stats(places: list[str]) -> dict[str, tuple[int, ...]]:
    """All that the system tells of some paths."""
    found = {}
    for place in places:
        status = os.lstat(place)
        found[place] = (
            status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
            status.st_atime_ns, status.st_nlink, status.st_ino,
        )  # fmt: skip
    return found


def test_playing_changes_nothing_on_disk_access_times_included(site: Site) -> None:
    site.put({"/data/app/a": "1", "/data/app/d/b": "2", "/data/app/same": "same"})
    site.deployed({"appspec.yml": appspec(("app", "/data/app")), "app/a": "1"})
    site.cleanup("/data/app/a", "/data/app/d/b")
    revision = site.revision({"app/a": "3", "app/d/b": "2", "app/same": "same"}, appspec(("app", "/data/app")))
    places = [os.path.join(*parts) for parts in _all(site.top.parent)]
    for place in places:
        os.utime(place, ns=(1, 10**18))  # a time of access that any reading would renew
    before = _stats(places)
    verdicts = site.chain((revision, Behavior.OVERWRITE), (revision, Behavior.RETAIN))
    assert [told(verdict.effects) for verdict in verdicts] == [{"changed": ["/data/app/a"]}, {}]
    assert _stats(places) == before
    assert sorted(places) == sorted(os.path.join(*parts) for parts in _all(site.top.parent))


def _all(top: Path) -> Iterator[tuple[str, str]]:
    for directory, below, files in os.walk(top):
        yield from ((directory, name) for name in [*below, *files])


def test_the_appspecs_here_are_what_the_reference_is_given() -> None:
    assert json.loads(appspec(("app", "/data")))["files"] == [{"source": "app", "destination": "/data"}]
