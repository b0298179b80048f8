"""Keeping a preview or a plan in a file: in a new one, and never on the instance that is being looked at."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, Callable

from tui.agent.records import Instance
from tui.app.previewing import PreviewPorts
from tui.disk.root import Root, RootError
from tui.preview.records import Preview

if TYPE_CHECKING:
    from tui.cleanup.records import Plan

FORMATS = {".json": "json", ".txt": "table"}
PLAN_FORMATS = (".json", ".sh", ".ps1")
_LONGEST = 60  # characters of a group's id in a name


class NotKept(Exception):
    """A file that is not written; ``str()`` is the line to show, not yet safe for a terminal."""


def default_name(group: str, now: float) -> str:
    """What a preview's file is called: the group and the time, in UTC."""
    plain = re.sub("[^A-Za-z0-9._-]+", "_", group)[:_LONGEST].strip(".") or "group"
    when = datetime(1970, 1, 1) + timedelta(seconds=int(now))
    return f"preview-{plain}-{when:%Y%m%dT%H%M%SZ}.json"


def here() -> str:
    """The current directory; ``.`` where it is gone."""
    try:
        return os.getcwd()
    except OSError:
        return "."


def plan_name(now: float) -> str:
    """What a cleanup plan's file is called: the time, in UTC."""
    return f"cleanup-plan-{datetime(1970, 1, 1) + timedelta(seconds=int(now)):%Y%m%dT%H%M%SZ}.json"


def keep(text: str, preview: Preview, instance: Instance, ports: PreviewPorts) -> str:
    """Write a preview to a new file, by the end of its name as JSON or as a table; gives its whole path.

    Raises NotKept: nothing was written then, and nothing is left.
    """
    write = ports.write
    if write is None:
        raise NotKept("nothing can be written from here")

    def written(ending: str, stream: BinaryIO) -> None:
        write(preview, instance, FORMATS[ending], stream)

    return _kept(text, tuple(FORMATS), ports.root, instance, written)


def keep_plan(text: str, plan: Plan, instance: Instance, root: Root) -> str:
    """Write a cleanup plan to a new file, by the end of its name as JSON or as a script; gives its whole path.

    Raises NotKept: nothing was written then, and nothing is left.
    """

    def written(ending: str, stream: BinaryIO) -> None:
        from tui.cleanup.export_json import to_json
        from tui.cleanup.export_ps1 import to_ps1
        from tui.cleanup.export_sh import to_sh

        if ending == ".json":
            data = to_json(plan)
        else:
            data = to_sh(plan, instance) if ending == ".sh" else to_ps1(plan, instance)
        stream.write(data)

    return _kept(text, PLAN_FORMATS, root, instance, written)


def _kept(
    text: str, endings: Sequence[str], root: Root, instance: Instance, write: Callable[[str, BinaryIO], None]
) -> str:
    path = os.path.join(here(), os.path.expanduser(text))  # not resolved: what it names decides
    ending = os.path.splitext(path)[1].lower()
    if ending not in endings:
        raise NotKept(f"end the name in {', '.join(endings[:-1])} or in {endings[-1]}")
    try:
        if _is_inside(os.path.dirname(path), root, instance):
            raise NotKept("that is on the instance that is being looked at: choose a place outside of it")
        stream = open(path, "xb")  # noqa: SIM115 - a file that could not be written whole is taken away again
    except FileExistsError:
        raise NotKept("there is a file of that name already: choose another name") from None
    except (OSError, ValueError) as error:
        raise NotKept(f"it cannot be made: {_reason(error)}") from None
    try:
        with stream:
            write(ending, stream)
    except Exception as error:  # whatever it is, the operator gets a line, and no part of a file
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise NotKept(f"it cannot be written: {_reason(error)}") from None
    return path


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return f"{type(error).__name__}: {error}"


def _is_inside(directory: str, root: Root, instance: Instance) -> bool:
    """Whether a directory is on the instance: in the source, or on this machine among the agent's own files."""
    tops = set(_tops(root, instance))
    place = os.path.realpath(directory)
    while True:
        found = os.stat(place)
        if (found.st_dev, found.st_ino) in tops:
            return True
        above = os.path.dirname(place)
        if above == place:
            return False
        place = above


def _tops(root: Root, instance: Instance) -> Iterator[tuple[int, int]]:
    """Device and inode of the directories below which nothing may be written."""
    if root.kind == "machine":
        places = [instance.config.root_dir, instance.config.log_dir]
    else:
        places = ["/"]
        with contextlib.suppress(OSError, ValueError):
            found = os.stat(root.label)  # as it was named; a Windows instance's drives can stand apart in it
            yield found.st_dev, found.st_ino
        with contextlib.suppress(RootError):
            places += [f"/{name}" for name, _ in root.list("/")]
    for place in places:
        with contextlib.suppress(RootError):
            stat = root.stat(place)
            if stat is not None and stat.inode:
                yield stat.device, stat.inode
