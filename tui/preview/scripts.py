"""Which lifecycle scripts a deployment runs, from which revision, and whether they are there.

``HookExecutor`` of 1.8.1: the events before the new revision is there run from the last completed
Install's, and look for ``appspec.yml`` there and nowhere else; the others run from the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

from tui.agent.records import AppSpec, HookScript
from tui.preview.disk import Disk, Item, NoWay
from tui.preview.groups import Installed
from tui.preview.records import ScriptToRun
from tui.windows_paths import native

FROM_LAST = ("BeforeBlockTraffic", "AfterBlockTraffic", "ApplicationStop")
FROM_NEW = (
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
MOST = 1000
_FAILS = "it is not there: the event fails, and the deployment with it"
_STOPS = _FAILS + " (it can be told to go on when ApplicationStop fails)"


class Scripts(NamedTuple):
    """The scripts in the order of events, and what is to be said of them."""

    runs: tuple[ScriptToRun, ...]
    notes: tuple[str, ...]


def scripts_to_run(
    disk: Disk, last: Optional[Installed], label: str, archive: str, appspec: AppSpec, appspec_name: str, version: int
) -> Scripts:
    """``label`` names the new revision, which stands at ``archive`` of the model."""
    notes = tuple(_notes(disk, last, appspec_name, version))
    runs: list[ScriptToRun] = []
    if last is not None and last.appspec is not None and last.appspec.error is None:
        old = f"{last.directory}/deployment-archive"
        for event in FROM_LAST:
            note = _STOPS if event == "ApplicationStop" else _FAILS
            runs += (_run(disk, hook, last.deployment, old, note) for hook in last.appspec.hooks.get(event, ()))
    for event in FROM_NEW:
        runs += (_run(disk, hook, label, archive, _FAILS) for hook in appspec.hooks.get(event, ()))
    return Scripts(tuple(runs[:MOST]), notes)


def _run(disk: Disk, hook: HookScript, revision: str, archive: str, missing: str) -> ScriptToRun:
    location = hook.location.replace("\\", "/") if disk.windows else hook.location
    path = f"{archive}/{location.lstrip('/')}"
    try:
        entry = disk.find(path).entry
    except NoWay:
        entry = None
    executable: Optional[bool] = None
    if isinstance(entry, Item) and not disk.windows:
        executable = bool(entry.mode & 0o111)
    note = missing if entry is None else ""
    if executable is False:
        note = "not executable: the agent makes it so"
    return ScriptToRun(hook.event, hook.location, revision, path, entry is not None, executable, hook.runas, note)


def _notes(disk: Disk, last: Optional[Installed], appspec_name: str, version: int) -> Iterator[str]:
    if appspec_name != "appspec.yml":
        yield (
            f"The revision's appspec is {appspec_name}. Install takes it; where the deployment does not name it, "
            "events that run scripts look for appspec.yml alone and fail."
        )
    if last is None:
        return
    gone, shown = not disk.is_directory(last.directory), last.directory
    if disk.windows:
        shown = native(shown)
    if gone and version == 2:
        yield f"{shown}, the last completed Install, is gone: its ApplicationStop is passed over."
    elif gone or not disk.exists(f"{last.directory}/deployment-archive/appspec.yml"):
        what = "is gone" if gone else "has no appspec.yml"
        yield (
            f"{shown}, the last completed Install, {what}: ApplicationStop fails, and the deployment does "
            "not come to its Install event unless it is told to go on when ApplicationStop fails."
        )
    elif last.appspec is not None and last.appspec.error is not None and not last.appspec.unreadable:
        yield f"The appspec of the last completed Install is refused: ApplicationStop fails. {last.appspec.error}"
