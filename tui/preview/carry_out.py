"""Carrying the instructions out, one by one, on the model (version 1: the ``Command`` classes of 1.8.1).

What fails is noted and left undone, and the rest is tried all the same: which of it the agent comes
to before it fails is for ``tui.preview.ordering`` to tell.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from typing import Callable, NamedTuple, Optional

from tui.agent import ruby
from tui.agent.records import CHMOD, CHOWN, COPY, MKDIR, SEMANAGE, SETFACL
from tui.disk.inventory import LINK, OTHER
from tui.paths import child_path
from tui.preview.disk import Dir, Disk, Found, Item, Named, NoWay
from tui.preview.instructions import Instructions
from tui.preview.messages import Messages
from tui.preview.permissions import mask_of, mode_of
from tui.preview.places import Places, base_name

UMASK = 0o022
_SETUID, _SETGID, _GROUP_RUNS = 0o4000, 0o2000, 0o010


class Failed(Exception):
    """An instruction that fails: ``str()`` is the agent's message, ``remedy`` what would change it."""

    def __init__(self, message: str, remedy: str, sure: bool = True) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.sure = sure


class Accounts(NamedTuple):
    """The instance's own user and group names, and whether there can be others (a directory service)."""

    users: Mapping[str, int]
    groups: Mapping[str, int]
    homes: Mapping[str, str]
    whole: bool = True


class Stumble(NamedTuple):
    """An instruction that failed."""

    instruction: int
    message: str
    remedy: str
    sure: bool


class Played:
    """What came of a run over instructions."""

    def __init__(self) -> None:
        self.stumbles: list[Stumble] = []
        self.overwritten: list[str] = []
        self.through: list[tuple[str, str]] = []  # (path, real path) of copies that went through a link
        self.twice: list[tuple[str, int, int]] = []  # (real path, instruction, instruction): both copy to it
        self.changed_through: dict[str, str] = {}  # real path -> path, of mode and owner changes
        self.doubts: dict[str, None] = {}


class Installer:
    """Carries out instructions of one version of the agent."""

    def __init__(self, disk: Disk, made: Instructions, places: Places, say: Messages, accounts: Accounts) -> None:
        self._disk = disk
        self._made = made
        self._places = places
        self._say = say
        self._accounts = accounts
        self._version = places.version
        self._refuse_links = False
        self._acts: dict[int, Callable[[int, str], None]] = {
            COPY: self._copy,
            MKDIR: self._mkdir,
            CHMOD: self._chmod,
            CHOWN: self._chown,
            SETFACL: self._setfacl,
            SEMANAGE: self._semanage,
        }
        self.played = Played()

    def refuse_links(self) -> None:
        """Let permissions fail on links (version 2's ``reject_symlink_permission_targets``)."""
        self._refuse_links = True

    def run(self, which: Iterable[int]) -> Played:
        """Carry out some instructions in ascending order."""
        self.played = Played()
        kinds, paths, acts = self._made.kinds, self._made.paths, self._acts
        for i in which:
            try:
                acts[kinds[i]](i, paths[i])
            except Failed as failed:
                self.played.stumbles.append(Stumble(i, str(failed), failed.remedy, failed.sure))
        return self.played

    # -- files --------------------------------------------------------------------------------

    def _found(self, path: str, call: str, follow: bool = False) -> Found:
        """Where a path leads. Raises Failed as the system call would fail."""
        try:
            return self._disk.find(self._places.looked_up(path), follow)
        except NoWay as way:
            raise Failed(self._say.system(way.number, call, path), "parent") from None

    def _source(self, i: int) -> tuple[Dir, str, Item]:
        """``(directory, name, file)`` that a copy is made of. Raises Failed."""
        single, name, number = self._made.single.get(i), self._made.names[i], errno.ENOENT
        directory = self._made.contexts[self._made.context[i]].source
        if single is not None:
            try:
                directory, name, entry = self._disk.find(single, follow=False)
            except NoWay as way:
                directory, entry, number = None, None, way.number
        else:
            entry = self._disk.get(directory, name) if directory is not None else None
        if self._made.source_too_long(i):
            number, entry = errno.ENAMETOOLONG, None
        if directory is not None and isinstance(entry, Item):
            return directory, name, entry
        raise Failed(self._say.system(number, "open", self._made.source(i)), "source")

    def _copy(self, i: int, path: str) -> None:
        directory, name, source = self._source(i)
        if source.kind == LINK:
            text = self._disk.text(directory, name, source)
            self._link(path, Item(LINK, 0o777, 0, 0, source.size, None, text))
            return
        if source.kind == OTHER:
            raise Failed(self._say.system(errno.ENXIO, "open", self._made.source(i)), "special", sure=False)
        self._file(i, path, source, child_path(directory.path, name))

    def _link(self, path: str, link: Item) -> None:
        text = link.target or ""
        try:
            found = self._disk.find(self._places.looked_up(path), follow=False)
            there = self._version == 1 and found.entry is not None
            if there and self._disk.is_directory(self._places.looked_up(path)):  # FileUtils makes the link in it
                path = f"{path}/{base_name(text)}"
                found = self._disk.find(self._places.looked_up(path), follow=False)
        except NoWay as way:
            raise Failed(self._say.link(way.number, text, path), "parent") from None
        if found.entry is not None:
            raise Failed(self._say.link(errno.EEXIST, text, path), "link")
        self._disk.put(found.dir, found.name, link)

    def _file(self, i: int, path: str, source: Item, place: str) -> None:
        """Copy a regular file, which stands at ``place``."""
        found = self._found(path, "open")
        if found.entry is not None and found.entry.kind == LINK and self._version == 2:
            self._disk.put(found.dir, found.name, self._disk.copied(source, place, found.name))
            self.played.overwritten.append(path)  # the link gives way to a file
            return
        if found.entry is not None and found.entry.kind == LINK:
            found = self._behind(path)
        if isinstance(found.entry, Dir) and self._version == 1:
            path = f"{path}/{path.rpartition('/')[2]}"  # FileUtils copies into a directory that is there
            found = self._behind(path)
        if isinstance(found.entry, Dir):
            raise Failed(self._say.system(errno.EISDIR, "open", path), "directory")
        if found.entry is not None and found.entry.kind == OTHER:
            raise Failed(self._say.system(errno.ENXIO, "open", path), "special", sure=False)
        if found.path == place:
            raise Failed(self._say.same_file(self._made.source(i), path), "source")
        copy = self._disk.copied(source, place, found.name)
        if found.entry is not None:
            self.played.overwritten.append(path)
            if found.entry.links > 1:
                copy = Named(copy, found.entry.inode, found.entry.links)
        if found.path != path.replace("//", "/"):
            self.played.through.append((path, found.path))
            other = self._made.copies.get(found.path)
            if other is not None:
                self.played.twice.append((found.path, i, other))
        name = self._made.names[i]  # the same text that the revision's directory holds, where it is the same
        self._disk.put(found.dir, name if name == found.name else found.name, copy)

    def _behind(self, path: str) -> Found:
        """What a copy writes to: where a link leads, though nothing may be there yet. Raises Failed."""
        return self._found(path, "open", follow=True)

    def _mkdir(self, i: int, path: str) -> None:
        found = self._found(path.rstrip("/") or path[:1], "mkdir")
        if found.entry is not None:
            raise Failed(self._say.system(errno.EEXIST, "mkdir", path), "mkdir")
        self._disk.make(found.dir, found.name, 0o777 & ~UMASK, 0, 0)

    # -- permissions --------------------------------------------------------------------------

    def _target(self, path: str, call: str) -> Found:
        if self._refuse_links:
            found = self._found(path, call)
            if found.entry is not None and found.entry.kind == LINK:
                raise Failed(
                    f"{self._say.path(path)} is a symbolic link, and reject_symlink_permission_targets is set", "mode"
                )
        found = self._found(path, call, follow=True)
        if found.entry is None:
            raise Failed(self._say.system(errno.ENOENT, call, path), "mode")
        if found.path != path:
            self.played.changed_through.setdefault(found.path, path)
        return found

    def _chmod(self, i: int, path: str) -> None:
        mode = mode_of(self._made.aces[i].entry.mode, self._version)
        found = self._target(path, "chmod")
        entry = found.entry
        assert entry is not None
        self._disk.set_attributes(found, mode, entry.uid, entry.gid)

    def _chown(self, i: int, path: str) -> None:
        ace = self._made.aces[i]
        uid = self._account(ace.entry.owner, self._accounts.users, "user")
        gid = self._account(ace.entry.group, self._accounts.groups, "group")
        found = self._target(path, "chown")
        entry = found.entry
        assert entry is not None
        mode = entry.mode
        if not isinstance(entry, Dir):  # the kernel's own rule, for root as well
            mode &= ~(_SETUID | (_SETGID if mode & _GROUP_RUNS else 0))
        self._disk.set_attributes(found, mode, entry.uid if uid is None else uid, entry.gid if gid is None else gid)

    def _account(self, name: object, known: Mapping[str, int], kind: str) -> Optional[int]:
        if name is None or name is False:
            return None
        if not isinstance(name, str):
            if self._version == 2:
                name = str(name)
            else:
                kind_of = "true" if name is True else ruby.class_name(name)
                raise Failed(f"no implicit conversion of {kind_of} into String", "appspec")
        number = known.get(name)
        if number is not None:
            return number
        sure = self._accounts.whole
        if not sure:
            self.played.doubts.setdefault(
                f"{kind} {name} is not in the instance's own files; a directory service may know it"
            )
        if self._version == 2:
            return None  # it goes on without
        raise Failed(f"can't find {kind} for {name}", "account", sure)

    def _setfacl(self, i: int, path: str) -> None:
        found = self._target(path, "stat")
        entry, mask = found.entry, mask_of(self._made.aces[i].entry.acls)
        assert entry is not None
        self.played.doubts.setdefault(
            "ACLs are set by the instance's setfacl, which is taken to be there and to succeed"
        )
        if mask is not None:
            self._disk.set_attributes(found, entry.mode & ~0o070 | mask << 3, entry.uid, entry.gid)

    def _semanage(self, i: int, path: str) -> None:
        self._target(path, "realpath")
        self.played.doubts.setdefault(
            "SELinux rules are set by the instance's semanage, which is taken to be there and to succeed"
        )


def cleanup_lines(made: Instructions, done: Iterable[int], failed: Optional[int], version: int) -> list[str]:
    """The lines that carrying out ``done`` and failing at ``failed`` writes to the new cleanup file.

    A copy's line is written before it is made, so that of one that fails is there, too. Version 1
    names an SELinux rule by the path without links; here it is the path.
    """
    lines = []
    for i in done:
        if made.kinds[i] in (COPY, MKDIR):
            lines.append(made.paths[i])
        elif made.kinds[i] == SEMANAGE:
            lines.append(f"semanage\0{made.paths[i]}")
    if failed is not None and made.kinds[failed] == COPY:
        lines.append(made.paths[failed])
    return lines
