"""What is refused, and why: the last word on every path before and while a cleanup is carried out.

Codes: ``protected``, ``outside``, ``odd-path``, ``in-use`` (a revision that the agent needs) and ``content`` (a
record would be made to say something else) have no override; neither have ``through-link``, ``changed``, ``absent``,
``not-empty``, ``unreadable`` and ``other-type``, which a look at the disk gives. A deployment that is in progress is
``tui.cleanup.watch``'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Optional

from tui.agent.deployments import CLEANUP, PLAN
from tui.agent.pointers import LAST_SUCCESSFUL, MOST_RECENT
from tui.cleanup.agent_records import kept_deployments, usable_lines
from tui.cleanup.protected import IDS, JOURNAL, QUARANTINE, STATE_NAME, protected
from tui.cleanup.records import Act, Refused, Why
from tui.disk.inventory import DIR, NO_ROW, Inventory
from tui.disk.root import Root
from tui.forensics.examination import Examination
from tui.paths import child_path, from_bytes, normal_path, split, to_bytes
from tui.windows_paths import inside

_LEFT = re.compile(r"\..+\.tmp\.[0-9]+\Z", re.DOTALL)
_ODD_ON_WINDOWS = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]\Z')
LONGEST = 32_767  # characters of a path


class Guard:
    """Judges paths of one instance. Looks at nothing once it is made; ``tui.cleanup.seen`` does the looking."""

    def __init__(
        self,
        root: Root,
        examination: Examination,
        gone: Collection[str] = (),
        places: Iterable[str] = (),
        keep: Iterable[str] = (),
    ) -> None:
        """``gone``: groups that the operator declares gone; ``places``: paths that a revision to be deployed names.

        ``keep``: directories of this tool's own, beside the usual one for its state.
        """
        self._instance = instance = examination.instance
        self._windows = instance.windows
        self.protected = protected(root, instance, (*keep, *_state_directories(examination.inventory)))
        key = self.protected.key
        trees, singles = _locations(examination)
        places = [path for path in places if not self._odd(path) and not self.protected.of(path)]
        self._singles = {key(path) for path in (*singles, *places)}
        self._trees = tuple(sorted({key(path.rstrip("/")) + "/" for path in (*trees, *places)}))
        self._root_dir = key(instance.layout.root_dir.rstrip("/") or "/")
        self._state = "/" + key(STATE_NAME)
        self._instructions = key(instance.layout.instructions_dir)
        self._ongoing = key(instance.layout.ongoing_dir)
        self._gone = frozenset(gone)
        self._groups = {key(group.id): group for group in instance.groups}
        self._needed = {
            key(deployment.path)
            for group in instance.groups
            if group.id not in self._gone
            for deployment in group.deployments
            if deployment.id in kept_deployments(group)
        }
        self._directories: dict[str, Optional[tuple[str, str]]] = {}

    def refuses(self, path: str, why: Why = Why.PATH, act: Act = Act.QUARANTINE) -> Optional[Refused]:
        """Why a path may not be acted on; None where nothing speaks against it."""
        odd = self._odd(path)
        if odd:
            return Refused(path, "odd-path", odd)
        what = self.protected.of(path)
        if what:
            return Refused(path, "protected", f"it is {what}")
        if self.protected.key(path).endswith(self._state):
            return Refused(path, "protected", "it is this tool's own")
        found = self._by_directory(path, why is Why.RECORDS, act)
        return None if found is None else Refused(path, *found)

    def refuses_content(self, path: str, content: bytes, now: bytes) -> Optional[Refused]:
        """Why an agent's record may not be made to hold ``content`` in place of ``now``.

        A pointer may only come to name a deployment that is left of its own group, a cleanup file only lose the lines
        that the agent stumbles over.
        """
        directory, name = split(path)
        if self.protected.key(directory) != self._instructions:
            return Refused(path, "content", "only the agent's pointers and cleanup files are put right")
        if name.endswith(LAST_SUCCESSFUL):
            group = self._groups.get(self.protected.key(name[: -len(LAST_SUCCESSFUL)]))
            named = from_bytes(content).rstrip("\r\n")
            target = inside(named) if self._windows else normal_path(named)
            known = {self.protected.key(d.path) for d in group.deployments} if group is not None else set()
            if target is not None and self.protected.key(target) in known:
                return None
            return Refused(path, "content", "it would name something else than a deployment that is left of its group")
        if name.endswith(CLEANUP):
            group = self._groups.get(self.protected.key(name[: -len(CLEANUP)]))
            if group is not None and group.cleanup is not None and content == usable_lines(now, group.cleanup):
                return None
            return Refused(
                path, "content", "it would not list just what it does now, less what the agent stumbles over"
            )
        return Refused(path, "content", "only the agent's pointers and cleanup files are put right")

    # -- by text ------------------------------------------------------------------------------

    def _odd(self, path: str) -> str:
        if "\0" in path or len(path) > LONGEST:
            return "no file can be named so"
        if self._windows:
            if inside(path[1:]) != path:
                return "it is not a whole path of a drive"
            return "Windows has no such name" if any(map(_ODD_ON_WINDOWS.search, path.split("/")[2:])) else ""
        if normal_path(path) != path or path.startswith("//"):
            return "it is not a whole path: it is relative, or has . or .. or a slash too many in it"
        if not path.isascii():
            try:
                to_bytes(path)
            except UnicodeEncodeError:
                return "no file can be named so"
        return ""

    def _by_directory(self, path: str, record: bool, act: Act) -> Optional[tuple[str, str]]:
        directory = path.rpartition("/")[0] or "/"
        if directory not in self._directories:
            self._directories[directory] = self._judged(directory)
        code = self._directories[directory]
        if code is not None and code[0] == "root_dir":
            return self._in_root_dir(path, record, act)
        if code is not None and code[0] == "outside":
            return None if self.protected.key(path) in self._singles else code
        return code

    def _judged(self, directory: str) -> Optional[tuple[str, str]]:
        """What is to be said of all paths in a directory: ``(code, reason)``; None where they may be taken."""
        key = self.protected.key(directory).rstrip("/") + "/"
        if self._state + "/" in key:
            return "protected", "it is in this tool's own directory"
        if key.startswith(self._root_dir + "/"):
            return "root_dir", ""
        what = self.protected.below(key + "x")
        if what:
            return "protected", f"it is in {what}"
        if key.startswith(self._trees):
            return None
        return "outside", "it is neither in a target location nor one of the agent's records that can be set aside"

    # -- the agent's records ------------------------------------------------------------------

    def _in_root_dir(self, path: str, record: bool, act: Act) -> Optional[tuple[str, str]]:
        if not record:
            return "protected", "it is the agent's own: choose agent records"
        key = self.protected.key(path)
        above = key
        while len(above) > len(self._root_dir):
            if above in self._needed:
                return "in-use", "the group's next deployment needs this revision"
            above = split(above)[0]
        if self._is_record(path, act):
            return None
        return "protected", "it is none of the agent's records that can be set aside"

    def _is_record(self, path: str, act: Act) -> bool:
        """Whether a path is one of the agent's records that can be set aside one by one."""
        key = self.protected.key(path)
        directory = split(key)[0]
        if directory == self._ongoing:
            return act is not Act.RESTORE
        if directory == self._instructions:
            return self._is_instruction(split(path)[1], act)
        if not key.startswith(self._root_dir + "/"):
            return False
        parts = key[len(self._root_dir) + 1 :].split("/")
        group = self._groups.get(parts[0])
        if group is None or group.path is None:
            return False
        if len(parts) == 1:
            return group.id in self._gone
        return group.id in self._gone or any(self.protected.key(d.id) == parts[1] for d in group.deployments)

    def _is_instruction(self, name: str, act: Act) -> bool:
        """Whether an instruction file can be set aside, or put right: what a group in use needs stays."""
        if _LEFT.match(name):
            return act is not Act.RESTORE
        ending = next((end for end in (LAST_SUCCESSFUL, MOST_RECENT, CLEANUP, PLAN) if name.endswith(end)), None)
        group = self._groups.get(self.protected.key(name[: -len(ending)])) if ending is not None else None
        if group is None:
            return False
        if group.id in self._gone:
            return act is not Act.RESTORE
        if ending == CLEANUP:
            return act is Act.RESTORE
        pointer = {LAST_SUCCESSFUL: group.last_successful, MOST_RECENT: group.most_recent}.get(ending or "")
        return pointer is not None and not pointer.exists


def _locations(examination: Examination) -> tuple[set[str], set[str]]:
    """``(directories that were looked through, single paths)`` of the target locations."""
    inventory = examination.inventory
    trees, singles = set(), set()
    for top in inventory.children(NO_ROW):
        singles.add(inventory.name(top))
        if inventory.type[top] == DIR and inventory.end[top] > top + 1:
            trees.add(inventory.name(top))
    return trees, singles


def _state_directories(inventory: Inventory) -> Iterator[str]:
    """What was a state directory of this tool's, named by an operator: it may hold the only copy of what was moved."""
    for row, kind in enumerate(inventory.type):
        if kind == DIR and split(inventory.name(row))[1] == QUARANTINE:
            place = split(inventory.path(row))[0]
            journal = inventory.find(child_path(place, JOURNAL))
            if journal is not None and any(IDS.match(inventory.name(below)) for below in inventory.children(row)):
                yield place
