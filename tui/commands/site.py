"""SOURCE as a place to be changed: what allows it, where its directories are, and who asks whether to go on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Callable, Optional

import tui
from tui.arguments import PROGRAM, Refused
from tui.commands.common import Unsafe
from tui.paths import showable
from tui.ports import Ports
from tui.windows_paths import inside, showable_windows

if TYPE_CHECKING:
    import argparse

    from tui.agent.records import Instance
    from tui.cleanup.state_dir import Site
    from tui.disk.root import Root


def this_machine_itself(source: Optional[str]) -> Optional[str]:
    """Why SOURCE is to be left out: it is this machine, whose processes would not be asked then; None where it is not.

    A mounted drive of Windows is another's, save the one that the system is on.
    """
    top = os.environ.get("SYSTEMDRIVE", "C:") + "\\" if os.name == "nt" else "/"
    try:
        if source is None or not os.path.samefile(source, top):
            return None
    except (OSError, ValueError):
        return None
    return f"{source}: is this machine itself; leave SOURCE out, so that its processes are asked"


def need_writable(args: argparse.Namespace) -> None:
    """Raise Unsafe where SOURCE is not this machine and nobody said that it may be changed, or is this machine."""
    itself = this_machine_itself(args.source)
    if itself is not None:
        raise Unsafe(itself)
    if args.source is not None and not args.writable:
        shown = (showable_windows if os.name == "nt" else showable)(args.source)
        raise Unsafe(
            f"{shown}: is not this machine, so nothing is changed there; --writable allows it, for a volume that no "
            "other machine uses now"
        )


def need_answer(args: argparse.Namespace, ports: Ports, *taken: Optional[str]) -> None:
    """Raise Refused where a question could not be answered. ``taken``: files, of which ``-`` is standard input."""
    if args.yes:
        return
    if not (ports.on_terminal(ports.stdin) and ports.on_terminal(ports.stderr)):
        raise Refused("it has to be confirmed, which needs a terminal; without one give --yes")
    if "-" in taken:
        raise Refused("standard input is read for a file, so it cannot be confirmed there; give --yes")


def ask(ports: Ports, question: str, wanted: str) -> None:
    """Have the operator type ``wanted``, which is safe to show. Raises Unsafe where anything else comes."""
    from tui.cleanup.phrase import is_phrase

    assert ports.stdin is not None and ports.stderr is not None
    ports.stderr.write(f"{question}\nType  {wanted}  to go on, anything else to leave: ")
    ports.stderr.flush()
    if not is_phrase(ports.stdin.readline(), wanted):
        raise Unsafe("not confirmed; nothing was done")


def tops(source: Optional[str], root: Root) -> Mapping[str, str]:
    """The machine's own directories that SOURCE's paths begin at, as ``open_site`` takes them."""
    if root.platform != "windows":
        return {"": "/" if source is None else source}
    if source is None:
        return {name: f"{name}\\" for name, _ in root.list("/")}
    from tui.disk.source import windows_drives

    with _plain(source) as plain:
        drives = windows_drives(plain) or {}
    return {name: os.path.join(source, *directory.split("/")) for name, directory in drives.items()}


def _plain(source: str) -> Any:
    """A directory's Root as this system has it, whatever instance it holds."""
    if os.name == "nt":
        from tui.disk.portable import PortableRoot

        return PortableRoot(source, source)
    from tui.disk.posix import PosixRoot

    return PosixRoot(source, source)


@contextlib.contextmanager
def opened_site(args: argparse.Namespace, ports: Ports, root: Root) -> Iterator[Site]:
    """SOURCE, to be changed or for its journal. Raises CleanupError."""
    from tui.cleanup.state_dir import open_site

    places = tops(args.source, root)
    state = state_dir(ports, root, args.source is None)
    with open_site(ports.cleaning.calls(), places, state, args.state_dir) as site:
        yield site


def state_dir(ports: Ports, root: Root, here: bool) -> Optional[str]:
    """The state directory inside SOURCE where it is not the usual one: %PROGRAMDATA% of this machine."""
    data = ports.environ.get("PROGRAMDATA") if here and root.platform == "windows" else None
    within = inside(data) if data else None
    return None if within is None else f"{within}/{PROGRAM}"


def apart_inside(args: argparse.Namespace, root: Root) -> Optional[str]:
    """The instance's path of ``--state-dir``; None where none is named, or one outside of SOURCE."""
    return None if args.state_dir is None else _within(os.path.realpath(args.state_dir), tops(args.source, root))


def apart_device(args: argparse.Namespace) -> Optional[int]:
    """The file system that ``--state-dir`` is on, or would be; None where none is named, or that cannot be told."""
    place = None if args.state_dir is None else os.path.realpath(args.state_dir)
    while place is not None:
        try:
            return os.stat(place).st_dev
        except FileNotFoundError:
            above = os.path.dirname(place)
            place = above if above != place else None
        except OSError:
            return None
    return None


def own_directories(args: argparse.Namespace, ports: Ports, root: Root) -> tuple[str, ...]:
    """What of SOURCE is this program's own, beside the usual state directory: never to be cleaned."""
    package = os.path.dirname(os.path.abspath(tui.__file__))  # noqa: PTH100 - links stay
    places = tops(args.source, root)
    found = [_within(place, places) for place in (package, os.path.realpath(package))]
    found += [apart_inside(args, root), state_dir(ports, root, args.source is None)]
    return tuple(dict.fromkeys(path for path in found if path is not None))


def _within(place: str, places: Mapping[str, str]) -> Optional[str]:
    """The instance's path of a place of this machine; None where it is not in SOURCE, or all of it."""
    for name, top in places.items():
        for base in (os.path.realpath(top), os.path.abspath(top)):  # noqa: PTH100
            head = base.rstrip(os.sep) + os.sep
            if os.path.normcase(place).startswith(os.path.normcase(head)):
                rest = place[len(head) :].replace(os.sep, "/")
                return f"/{name}/{rest}" if name else f"/{rest}"
    return None


def watch(
    root: Root, instance: Instance, ports: Ports, force: Optional[str], own: tuple[str, ...] = ()
) -> Any:  # tui.cleanup.watch.DeploymentWatch
    """Whoever tells of a deployment in progress. ``own``: agent's records that are changed by the cleanup itself."""
    from tui.cleanup.watch import DeploymentWatch

    scripts: Optional[Callable[[], Any]] = None
    if root.kind == "machine":
        scripts = lambda: ports.cleaning.running_scripts(instance.layout)  # noqa: E731
    made = DeploymentWatch(root, instance, scripts, ports.now, own, ports.clock)
    if force is not None:
        made.force(force)
    return made
