"""An instance with one deployment group, on real files, and revisions to deploy to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

import pytest

from tests.support import DirectoryRoot, can_be_named, can_link
from tui.agent.records import AgentProcess
from tui.disk.source import open_source
from tui.disk.tree import RootTree
from tui.forensics.examination import Examination
from tui.forensics.scan import ScanOptions, Snapshot, scan
from tui.paths import to_bytes
from tui.preview.play import play
from tui.preview.records import Behavior, Effects, Ending, Preview, Revision, Step, Verdict

GROUP = "7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90"
ROOT_DIR = "/opt/codedeploy-agent/deployment-root"
INSTRUCTIONS = ROOT_DIR + "/deployment-instructions"
CLEANUP = f"{INSTRUCTIONS}/{GROUP}-cleanup"
ARCHIVE = f"{ROOT_DIR}/{GROUP}/d-NEXT00001/deployment-archive"  # of the first deployment that is played
VERSIONS = {1: "agent_version: OFFICIAL_1.8.1-9_rpm\n", 2: "agent_version: 2.1.0"}
DISALLOW, OVERWRITE, RETAIN = Behavior.DISALLOW, Behavior.OVERWRITE, Behavior.RETAIN


class Link(NamedTuple):
    """A symbolic link."""

    target: str


class File(NamedTuple):
    """A file with a mode."""

    data: str
    mode: int


Content = Union[str, bytes, Link, File, None]  # None: a directory


def plant(top: Path, files: Mapping[str, Content]) -> None:
    """Make files, directories and links below a directory, parents with them."""
    for path, content in files.items():
        name = path.rstrip("/").rpartition("/")[2]
        if not can_be_named(name):
            pytest.skip(f"this system has no names like {name!r}")
        place = Path(str(top), *(part for part in path.split("/") if part))
        (place if content is None else place.parent).mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            if not can_link():
                pytest.skip("this system has no symbolic links")
            place.symlink_to(content.target)
        elif isinstance(content, File):
            place.write_bytes(to_bytes(content.data))
            place.chmod(content.mode)
        elif content is not None:
            place.write_bytes(to_bytes(content) if isinstance(content, str) else content)


def appspec(
    *files: tuple[Any, Any],
    permissions: Sequence[Mapping[str, Any]] = (),
    behavior: Optional[str] = None,
    hooks: Optional[Mapping[str, Sequence[Mapping[str, Any]]]] = None,
    system: str = "linux",
) -> str:
    """An appspec that maps sources to destinations. It is YAML by being JSON."""
    spec: dict[str, Any] = {
        "version": 0.0,
        "os": system,
        "files": [{"source": source, "destination": destination} for source, destination in files],
    }
    if permissions:
        spec["permissions"] = list(permissions)
    if behavior is not None:
        spec["file_exists_behavior"] = behavior
    if hooks is not None:
        spec["hooks"] = {event: list(scripts) for event, scripts in hooks.items()}
    return json.dumps(spec, ensure_ascii=False)


APP = appspec(("app", "/srv/app"))  # what most revisions here do: all below app goes to /srv/app


class Site:
    """An instance below ``top``. Its revisions lie beside it."""

    def __init__(self, top: Path, version: int = 1, windows: bool = False) -> None:
        self.top = top / "instance"
        self.version = version
        self.cwd: Optional[str] = None  # the agent's working directory, where it is to be known
        self._revisions = top / "revisions"
        self._roots: list[Any] = []
        self._agent = "/C/ProgramData/Amazon/CodeDeploy" if windows else ROOT_DIR
        self.instructions = self._agent + "/deployment-instructions"
        (self.top / self.instructions.lstrip("/")).mkdir(parents=True)
        marker = self._agent + "/.version" if windows else "/opt/codedeploy-agent/.version"
        self.put({marker: VERSIONS[version]})

    def put(self, files: Mapping[str, Content]) -> None:
        """Put files onto the instance, by absolute path."""
        plant(self.top, files)

    def place(self, path: str) -> Path:
        """Where a path of the instance is on this machine."""
        return self.top / path.lstrip("/")

    def cleanup(self, *paths: str, raw: Optional[bytes] = None, group: str = GROUP) -> None:
        """Write a group's cleanup file."""
        data = b"".join(to_bytes(path) + b"\n" for path in paths) if raw is None else raw
        place = self.place(f"{self.instructions}/{group}-cleanup")
        place.write_bytes(data)
        place.chmod(0o644)

    def deployed(self, files: Mapping[str, Content], deployment: str = "d-LASTLAST1", group: str = GROUP) -> str:
        """Leave a deployment's revision on the instance; gives the deployment's directory."""
        directory = f"{self._agent}/{group}/{deployment}"
        plant(self.place(directory + "/deployment-archive"), files)
        return directory

    def completed(self, directory: str, group: str = GROUP) -> None:
        """Let a deployment's directory be that of the last completed Install."""
        self.put({f"{self.instructions}/{group}_last_successful_install": directory})

    def revision(self, files: Mapping[str, Content], spec: Content = APP) -> Revision:
        """A revision with these files and an appspec (empty text: without one)."""
        top = self._revisions / str(len(self._roots))
        top.mkdir(parents=True)
        plant(top, files)
        if spec != "":
            plant(top, {"appspec.yml": spec})
        root = DirectoryRoot(str(top))
        self._roots.append(root)
        return Revision(top.name, RootTree(root, "/", True))

    def examined(self, root: Any, verify: bool = False) -> Examination:
        """What a scan makes of the instance; its contents compared when asked for, as the command has it."""
        process = AgentProcess(1, "codedeploy-agent", self.cwd, None)
        processes = (lambda layout: (process,)) if self.cwd else None
        options = ScanOptions(snapshots=False, processes=processes, verify=verify)
        *_, last = scan(root, options)
        assert isinstance(last, Snapshot)
        return last.examination

    def preview(self, *steps: Step, all_behaviors: bool = False) -> Preview:
        """Play deployments one after the other."""
        with open_source(str(self.top)) as root:
            *_, last = play(root, self.examined(root), steps, all_behaviors)
        assert isinstance(last, Preview)
        return last

    def chain(self, *deployments: Union[Revision, tuple[Revision, Behavior], Step]) -> Sequence[Verdict]:
        """The verdicts of deployments one after the other."""
        return self.preview(*(step(deployment) for deployment in deployments)).verdicts

    def deploy(self, revision: Revision, behavior: Optional[Behavior] = None) -> Verdict:
        """The verdict of one deployment."""
        return self.chain(Step(GROUP, revision, behavior))[0]

    def close(self) -> None:
        """Give back what is open."""
        for root in self._roots:
            root.close()


def step(deployment: Union[Revision, tuple[Revision, Behavior], Step], ending: Ending = Ending.FORETOLD) -> Step:
    """One deployment of a chain."""
    if isinstance(deployment, Step):
        return deployment
    if isinstance(deployment, Revision):
        return Step(GROUP, deployment, None, ending)
    return Step(GROUP, *deployment, ending)


def told(effects: Effects) -> dict[str, list[str]]:
    """Effects without the lists that are empty."""
    lists = vars(effects)
    return {kind: list(paths) for kind, paths in lists.items() if paths}


def actions(verdict: Verdict) -> dict[str, str]:
    """What the cleanup does with each path."""
    return {line.path: line.action.value for line in verdict.cleanup}


def listed(verdict: Verdict) -> list[str]:
    """The paths of a cleanup file in its own order, from the cleanup that runs it."""
    return [line.path for line in reversed(verdict.cleanup)]


def failure(verdict: Verdict) -> tuple[str, str]:
    """In which phase a deployment fails, and with which message."""
    assert verdict.failure is not None, verdict.effects
    return verdict.failure.phase.value, verdict.failure.message


def stays(verdict: Verdict) -> dict[str, str]:
    """What remains, and why."""
    return {item.path: item.why.value for item in verdict.remains}
