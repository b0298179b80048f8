"""Making the instructions: what an appspec's ``files`` and ``permissions`` come to on the disk as it stands.

After the agent's ``Installer#generate_instructions`` (version 1.8.1). What fails is noted, and the making
goes on without it, so that all that is in the way is found and not only the first of it.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from typing import Callable, NamedTuple, Optional

from tui.agent.records import CHMOD, CHOWN, COPY, MKDIR, SEMANAGE, SETFACL, AppSpec, FileMapping, Permission
from tui.disk.inventory import LINK
from tui.paths import to_bytes
from tui.preview.counting import Counter
from tui.preview.disk import LONGEST_PATH, Dir, Disk, NoWay
from tui.preview.messages import Messages
from tui.preview.permissions import Matcher
from tui.preview.places import Places
from tui.preview.records import Behavior

MOST = 1_000_000  # instructions; beyond that a revision walks in circles
AT_ONCE = 1 << 16  # instructions that are made before it is counted how many follow
_ENDLESS = f"the revision comes to more than {MOST:,} instructions: it holds links that lead in circles"
ENTRY, HEADER, ANCESTOR = range(3)
NO_CONTEXT = -1


# context, source, links on the way to it, destination, what stands there, links on the way to that
_Todo = tuple[int, Dir, int, str, Optional[Dir], int]


class Endless(Exception):
    """A revision that comes to more instructions than can be looked at."""


class Cancelled(Exception):
    """Nobody waits for the preview any more."""


class Context(NamedTuple):
    """One directory of the revision that is copied, or one file that a mapping names.

    The order of entries within a context is the file system's; contexts come one after the other.
    """

    mapping: int  # index into the appspec's files
    above: int  # the context that this one is an entry of; NO_CONTEXT for a mapping's own
    source: Optional[Dir]  # None: there is no such directory
    path: str  # the directory, as the agent spells it


class Trouble(NamedTuple):
    """Something that fails: where it stands in the agent's order, what the agent says, and of which path."""

    context: int
    role: int
    permission: int  # index into the appspec's permissions; -1: while files are looked at
    message: str
    path: str
    remedy: str  # what would change it: see tui.preview.remedies


class Ace(NamedTuple):
    """One permission instruction's values."""

    permission: int
    entry: Permission
    target: int  # the instruction that copies or makes what it applies to


class Instructions:
    """Instructions in columns: ``kinds[i]`` on ``paths[i]``, made for ``contexts[context[i]]``."""

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.paths: list[str] = []
        self.names: list[str] = []  # of copies that a directory of the revision is read for: the names there
        self.context: array[int] = array("i")
        self.role = bytearray()
        self.contexts: list[Context] = []
        self.aces: dict[int, Ace] = {}
        self.single: dict[int, str] = {}  # copies of a source that a mapping names: how it is spelled
        self.copies: dict[str, int] = {}  # destination -> instruction
        self.makes: dict[str, int] = {}
        self.retained: list[str] = []
        self.troubles: list[Trouble] = []

    def __len__(self) -> int:
        return len(self.kinds)

    def add(self, kind: int, path: str, context: int, role: int = ENTRY, name: str = "") -> int:
        """One more; its number."""
        number = len(self.kinds)
        if number >= MOST:
            raise Endless(_ENDLESS)
        self.kinds.append(kind)
        self.paths.append(path)
        self.names.append(name)
        self.context.append(context)
        self.role.append(role)
        return number

    def source(self, i: int) -> str:
        """The file that a copy is made of, as the agent spells it."""
        return self.single.get(i) or f"{self.contexts[self.context[i]].path}/{self.names[i]}"

    def source_too_long(self, i: int) -> bool:
        """Whether a copy's source is longer than the system takes."""
        context = self.contexts[self.context[i]]
        return len(context.path) > LONGEST_PATH // 8 and len(to_bytes(self.source(i))) > LONGEST_PATH


def make_instructions(
    disk: Disk,
    archive: str,
    appspec: AppSpec,
    behavior: Behavior,
    places: Places,
    say: Messages,
    cancelled: Callable[[], bool] = lambda: False,
) -> Instructions:
    """The instructions for a revision that stands at ``archive`` of the model. Raises Endless and Cancelled."""
    return _Maker(disk, archive, behavior, places, say, cancelled).make(appspec)


class _Maker:
    def __init__(
        self,
        disk: Disk,
        archive: str,
        behavior: Behavior,
        places: Places,
        say: Messages,
        cancelled: Callable[[], bool],
    ) -> None:
        self._cancelled = cancelled
        self._disk = disk
        self._archive = archive
        self._behavior = behavior
        self._places = places
        self._say = say
        self._made = Instructions()
        self._permitted: set[str] = set()
        self._making: set[str] = set()
        self._counter = Counter(disk)
        self._look_ahead = AT_ONCE

    def make(self, appspec: AppSpec) -> Instructions:
        try:
            for number, mapping in enumerate(appspec.files):
                self._map(number, mapping)
        except Endless:
            if not self._made.troubles:
                raise
            return self._made  # the agent fails at one of these, if it comes to it
        for number, permission in enumerate(appspec.permissions):
            self._permit(number, permission)
        return self._made

    def _context(self, mapping: int, above: int, source: Optional[Dir], path: str) -> int:
        self._made.contexts.append(Context(mapping, above, source, path))
        return len(self._made.contexts) - 1

    def _trouble(self, context: int, message: str, path: str, remedy: str, role: int = ENTRY) -> None:
        self._made.troubles.append(Trouble(context, role, -1, message, path, remedy))

    # -- files --------------------------------------------------------------------------------

    def _map(self, number: int, mapping: FileMapping) -> None:
        if mapping.not_text is not None:
            context = self._context(number, NO_CONTEXT, None, self._archive)
            self._trouble(context, f"no implicit conversion of {mapping.not_text} into String", "", "appspec", ANCESTOR)
            return
        for written, what in ((mapping.source, "string"), (mapping.destination, "path name")):
            if "\0" in written:
                context = self._context(number, NO_CONTEXT, None, self._archive)
                self._trouble(context, self._say.nul(what), written, "appspec", ANCESTOR)
                return
        user = self._places.unknown_user(mapping.destination)
        if user is not None:
            context = self._context(number, NO_CONTEXT, None, self._archive)
            self._trouble(context, f"user {user} doesn't exist", mapping.destination, "appspec", ANCESTOR)
            return
        source = self._places.source(self._archive, mapping.source)
        destination = self._places.destination(mapping.destination)
        directory = self._directory_at(source)
        if directory is not None:
            context = self._context(number, NO_CONTEXT, directory, source.removesuffix("/"))
            self._ancestors(context, destination)
            self._directories(context, directory, self._disk.links(source), destination)
        else:
            path = self._places.file_in(destination, source)
            context = self._context(number, NO_CONTEXT, None, source.rstrip("/").rpartition("/")[0])
            self._ancestors(context, path)
            self._copy(context, path, self._disk.exists(self._places.looked_up(path)), "", source)

    def _directory_at(self, path: str) -> Optional[Dir]:
        try:
            entry = self._disk.find(path).entry
        except NoWay:
            return None
        return entry if isinstance(entry, Dir) else None

    def _ancestors(self, context: int, destination: str) -> None:
        start = self._places.start(destination)
        if start is not None and not self._disk.exists(self._places.looked_up(start)):
            self._mkdir(context, "", ANCESTOR)  # version 2 goes up to the empty path, where mkdir fails
        missing = []
        for above in self._places.parents(destination):
            if self._disk.exists(self._places.looked_up(above)):
                break
            missing.append(above)
        for above in reversed(missing):
            self._mkdir(context, above, ANCESTOR)

    def _directories(self, top: int, directory: Dir, links: int, destination: str) -> None:
        """A directory of the revision and all below it, by a stack: a revision can be nested very deep."""
        looked_up = self._places.looked_up(destination)
        there, there_links = self._there(looked_up)
        todo: list[_Todo] = [(top, directory, links, destination, there, there_links)]
        while todo:
            if self._cancelled():
                raise Cancelled
            if len(self._made) >= self._look_ahead:
                self._stop_early(todo)
            context, directory, links, destination, there, there_links = todo.pop()
            if there is None:
                self._mkdir(context, destination, HEADER)
            prefix = destination if destination.endswith("/") else destination + "/"
            below = self._entries(context, directory, links, prefix, there, there_links)
            todo += reversed(below)

    def _stop_early(self, todo: Sequence[_Todo]) -> None:
        """Raise Endless where what comes next surely is too much: directories that are copied to where nothing is."""
        made, ahead = self._made, len(self._made)
        self._look_ahead = ahead + AT_ONCE
        for context, directory, links, destination, there, _ in reversed(todo):
            if there is not None or made.troubles or made.contexts[context].mapping > 0:
                return  # something may be in the way: what is retained, or fails, is no instruction
            below = self._counter.below(directory, links, MOST)
            longest = max(len(to_bytes(made.contexts[context].path)), len(to_bytes(destination))) + below.longest
            if longest > LONGEST_PATH:
                return  # where a path gets too long nothing is gone into
            ahead += below.instructions
            if ahead > MOST:
                raise Endless(_ENDLESS)

    def _there(self, path: str) -> tuple[Optional[Dir], int]:
        """The directory that stands at a destination, and the links on the way."""
        entry = self._directory_at(path)
        return entry, self._disk.links(path) if entry is not None else 0

    def _entries(
        self, context: int, directory: Dir, links: int, prefix: str, there: Optional[Dir], there_links: int
    ) -> list[_Todo]:
        """Copy a directory's files; gives the directories in it."""
        disk, below = self._disk, []
        mapping, _, _, path = self._made.contexts[context]
        far = len(path) > LONGEST_PATH // 8 or len(prefix) > LONGEST_PATH // 8  # a path may be too long: look closely
        for name, entry in list(disk.named(directory)):
            inner, inner_links = (entry, links) if isinstance(entry, Dir) else (None, links)
            if entry.kind == LINK:
                try:
                    inner, inner_links = disk.step(directory, name, links)
                except NoWay:
                    inner = None
            if far and inner is not None and len(to_bytes(f"{path}/{name}")) > LONGEST_PATH:
                inner = None
            target, target_links = self._at(there, name, there_links)
            if far and target is not None and len(to_bytes(prefix + name)) > LONGEST_PATH:
                target = None
            if inner is None:
                self._copy(context, prefix + name, target is not None, name)
                continue
            new = self._context(mapping, context, inner, f"{path}/{name}")
            place = target if isinstance(target, Dir) else None
            below.append((new, inner, inner_links, prefix + name, place, target_links))
        return below

    def _at(self, there: Optional[Dir], name: str, links: int) -> tuple[object, int]:
        """What stands at a destination, links followed, and the links on the way to it; None where nothing does."""
        if there is None:
            return None, links
        entry = self._disk.get(there, name)
        if entry is None or entry.kind != LINK:
            return entry, links
        try:
            return self._disk.step(there, name, links)
        except NoWay:
            return self._disk.follow(there, name, links), links

    def _copy(self, context: int, destination: str, exists: bool, name: str, single: Optional[str] = None) -> None:
        if exists:
            if self._behavior is Behavior.DISALLOW:
                self._trouble(context, self._say.exists(destination), destination, "exists")
                return
            if self._behavior is Behavior.RETAIN:
                self._made.retained.append(self._places.settled(destination))
                return
        made, path = self._made, sys.intern(self._places.settled(destination))
        if path in made.copies or path in made.makes:
            source = single or f"{made.contexts[context].path}/{name}"
            if path in made.copies:
                message = self._say.two_sources(source, made.source(made.copies[path]), path)
            else:
                message = self._say.file_over_directory(source, path)
            self._trouble(context, message, path, "appspec")
            return
        number = made.copies[path] = made.add(COPY, path, context, ENTRY, name)
        if single is not None:
            made.single[number] = single

    def _mkdir(self, context: int, destination: str, role: int) -> None:
        made, path = self._made, sys.intern(self._places.settled(destination))
        if path in made.copies:
            message = self._say.directory_over_file(path, made.source(made.copies[path]))
            self._trouble(context, message, path, "appspec", role)
        elif (path.rstrip("/") or path) not in self._making:  # version 2 keeps a slash at the end
            self._making.add(path.rstrip("/") or path)
            made.makes[path] = made.add(MKDIR, path, context, role)

    # -- permissions --------------------------------------------------------------------------

    def _permit(self, number: int, permission: Permission) -> None:
        made, version = self._made, self._places.version
        written = permission.object
        user = self._places.unknown_user(written) if version == 1 else None
        if user is not None:
            message = f"user {user} doesn't exist"
            made.troubles.append(Trouble(NO_CONTEXT, ENTRY, number, message, written, "appspec"))
            return
        settled = self._places.settled(written) if version == 1 else written
        matcher = Matcher(permission, settled, version)
        if settled in made.copies:
            if "file" not in permission.types:
                return
            trouble = matcher.unfit_for_file()
            if trouble is not None:
                made.troubles.append(Trouble(NO_CONTEXT, ENTRY, number, trouble, settled, "appspec"))
                return
            self._set(number, permission, settled, made.copies[settled])
        elif settled in made.makes or self._disk.is_directory(self._places.looked_up(written)):
            if matcher.broken is not None and any(map(matcher.below, (*made.copies, *made.makes))):
                made.troubles.append(Trouble(NO_CONTEXT, ENTRY, number, matcher.broken, settled, "appspec"))
                return
            files = [path for path in made.copies if matcher.matches(path)] if "file" in permission.types else []
            default = matcher.default_acl()
            for path in files:
                if default is not None:
                    made.troubles.append(Trouble(NO_CONTEXT, ENTRY, number, default, path, "appspec"))
                    break
                self._set(number, permission, path, made.copies[path])
            directories = (
                [path for path in made.makes if matcher.matches(path)] if "directory" in permission.types else []
            )
            for path in directories:
                self._set(number, permission, path, made.makes[path])
            if any(map(matcher.deep, (*files, *directories))):
                self._places.doubts.setdefault(
                    f"{written}: version 2's pattern {permission.pattern} is taken to reach below directories, too"
                )

    def _set(self, number: int, permission: Permission, path: str, target: int) -> None:
        made = self._made
        if path in self._permitted:
            message = self._say.permissions_twice(path)
            made.troubles.append(Trouble(NO_CONTEXT, ENTRY, number, message, path, "appspec"))
            return
        self._permitted.add(path)
        wanted = (
            (CHMOD, permission.mode is not None),
            (SETFACL, permission.acls is not None),
            (SEMANAGE, permission.context is not None),
            (CHOWN, permission.owner is not None or permission.group is not None),
        )
        for kind, asked in wanted:
            if asked:
                made.aces[made.add(kind, path, NO_CONTEXT)] = Ace(number, permission, target)
