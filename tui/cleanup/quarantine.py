"""One cleanup's quarantine: ``<state>/quarantine/<id>``, and below it every path as it was, names as they were.

All directories in it are this program's and for its user alone (0700), so nothing in it can be opened, looked at or
run by anybody else, a set-uid file neither; the files keep owner, mode and all else. ``<state>/partial`` holds what is
not whole yet: copies that are being written, and directories that are being made anew.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Optional, Union

from tui.cleanup.calls import Handle
from tui.cleanup.identity import kind_of
from tui.cleanup.protected import QUARANTINE
from tui.cleanup.state_dir import PARTIAL, Site, below, open_place
from tui.cleanup.ways import Way, Ways
from tui.disk.inventory import DIR
from tui.disk.opened import Status
from tui.paths import child_path, split

COPY, NEW = "copy", "new"  # of a file from another file system; a directory: of either one at a time


class Quarantine:
    """The directories that hold what one cleanup moved. Methods raise OSError and StateError."""

    def __init__(self, site: Site, state: Handle, key: str, places: Mapping[int, Optional[str]], make: bool) -> None:
        """``state``: the journal's directory, which stays the caller's; ``make``: make what is not there."""
        self._site = site
        self._state = state
        self._key = key
        self._places = places
        self._make = make
        self._states: dict[int, Handle] = {}
        self._tops: dict[int, Handle] = {}
        self._ways: dict[int, Ways] = {}
        self._partial: dict[int, Handle] = {}
        self._drives = "" not in site.tops

    def at(self, place: int, directory: str) -> Way:
        """Where what was in a directory lies. FileNotFoundError where nothing of it does, and nothing is made."""
        ways = self._ways.get(place)
        if ways is None:
            ways = self._ways[place] = Ways(self._site.calls, {"": self._top(place)}, self._make, private=True)
        if self._drives:
            drive, _, rest = directory[1:].partition("/")
            directory = f"/{drive.rstrip(':')}" + (f"/{rest}" if rest else "")
        return ways.at(directory)

    def look(self, name: str, place: int, directory: str) -> Status:
        """What lies there under a name; FileNotFoundError where nothing does."""
        return self._site.calls.look(name, self.at(place, directory).handle)

    def partial(self, place: int) -> Handle:
        """The directory for what is not whole yet."""
        handle = self._partial.get(place)
        if handle is None:
            handle = self._partial[place] = self._below(PARTIAL, self.state(place), True)
        return handle

    def partial_name(self, number: int, what: str = "") -> str:
        """The name there for what a step makes."""
        return f"{self._key}-{number}{what}"

    def beside(self, what: Union[int, str]) -> str:
        """The name, beside its own, for what is not in its place yet: a step's new record, ``COPY`` or ``NEW``."""
        return f".codedeploy-forensics-{self._key}-{what}"

    def clear_partial(self) -> None:
        """Remove what was left unfinished: it never holds the only copy of anything."""
        calls = self._site.calls
        for place in self._places:
            try:
                handle = below(calls, PARTIAL, self.state(place), False)
            except FileNotFoundError:
                continue
            if handle is None:
                continue
            try:
                for name in calls.names(handle):
                    if name.startswith(f"{self._key}-"):
                        remove = calls.rmdir if kind_of(calls.look(name, handle)) == DIR else calls.unlink
                        remove(name, handle)
            finally:
                calls.close(handle)

    def sweep(self) -> None:
        """Remove what is empty, up to the first directory that is not. Raises OSError."""
        for place in self._places:
            try:
                every = self._below(QUARANTINE, self.state(place), False)
            except FileNotFoundError:
                continue
            try:
                self._sweep(every)
                self._site.calls.rmdir(self._key, every)
            finally:
                self._site.calls.close(every)

    def _sweep(self, every: Handle) -> None:
        calls = self._site.calls
        top = self._below(self._key, every, False)
        ways = Ways(calls, {"": top}, private=True)
        try:
            ahead = [("/", False)]
            while ahead:
                path, emptied = ahead.pop()
                above, name = split(path)
                if path != "/" and not emptied and self._removed(name, ways.at(above).handle):
                    continue
                if not emptied:
                    ahead.append((path, True))
                    here = ways.at(path).handle
                    below_it = [name for name in calls.names(here) if kind_of(calls.look(name, here)) == DIR]
                    ahead += [(child_path(path, name), False) for name in below_it]
                elif path != "/":
                    ways.forget(path)
                    calls.rmdir(name, ways.at(above).handle)
        finally:
            ways.close()
            calls.close(top)

    def _removed(self, name: str, here: Handle) -> bool:
        """Remove a directory if nothing is in it, as in most there is not: without opening it."""
        try:
            self._site.calls.rmdir(name, here)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            return False
        return True

    def tops(self) -> list[Handle]:
        """The quarantine's directories that were used so far."""
        return list(self._tops.values())

    def close(self) -> None:
        """Let go of all; may be called more than once."""
        close = self._site.calls.close
        for ways in self._ways.values():
            ways.close()
        for handles in (self._partial, self._tops, self._states):
            for handle in handles.values():
                close(handle)
            handles.clear()
        self._ways.clear()

    def state(self, place: int) -> Handle:
        """A state directory by its number."""
        path = self._places[place]
        if path is None:
            return self._state
        handle = self._states.get(place)
        if handle is None:
            handle = open_place(self._site, path, self._make)
            if handle is None:
                raise FileNotFoundError(errno.ENOENT, "the state directory is not there", path)
            self._states[place] = handle
        return handle

    def _top(self, place: int) -> Handle:
        handle = self._tops.get(place)
        if handle is None:
            every = self._below(QUARANTINE, self.state(place), self._make)
            try:
                handle = self._tops[place] = self._below(self._key, every, self._make)
            finally:
                self._site.calls.close(every)
        return handle

    def _below(self, name: str, here: Handle, make: bool) -> Handle:
        handle = below(self._site.calls, name, here, make)
        if handle is None:
            raise FileNotFoundError(errno.ENOENT, "it is not in quarantine", name)
        return handle
