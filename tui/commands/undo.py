"""The command ``undo``: put back what a cleanup moved."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Optional

from tui.arguments import Refused
from tui.commands.carrying import code_of, run_to_end, telling, terms, unread
from tui.commands.choosing import named_paths
from tui.commands.common import Exit, output, screen
from tui.commands.foretelling import records_of, undo_foretold
from tui.commands.site import need_writable, opened_site, watch
from tui.commands.words import take_words
from tui.paths import showable
from tui.ports import Ports
from tui.windows_paths import showable_path

if TYPE_CHECKING:
    import argparse

    from tui.agent.records import Instance
    from tui.cleanup.records import Result
    from tui.disk.root import Root
    from tui.report.undo_report import Undone

_TOLD = 10  # paths of which nothing is held


def run(args: argparse.Namespace, ports: Ports) -> Exit:
    """Undo a cleanup, or say what that would do. Raises Refused, PipeClosed, and what the engine does."""
    from tui.cleanup.choose import BadChoice
    from tui.cleanup.state_dir import CleanupError
    from tui.cleanup.undo import undo
    from tui.report.undo_report import Undone

    ids = take_words(args)
    if not args.dry_run:
        need_writable(args)
    with ports.open_source(args.source) as root:
        instance = instance_of(args, ports, root)
        try:
            paths = _paths(args, ports, root, instance)
            with opened_site(args, ports, root) as site:
                if args.dry_run:
                    result = undo_foretold(site, root, ids[0] if ids else None, paths)
                    write(Undone("undo", root.label, result, dry_run=True), args, ports, root)
                    _missed(result, paths, ports, root)
                    return Exit.DONE
                own = records_of(site, ids[0] if ids else None)
                with guarded(args, ports, root, instance, own) as looking, terms(ports, looking) as on:
                    ended = run_to_end(undo(site, on, ids[0] if ids else None, paths), args, ports, on, site)
        except (BadChoice, CleanupError) as error:
            raise Refused(unread(error, args)) from None
    with telling(args, ended.last.id):
        write(Undone("undo", root.label, ended.last, ended.seconds), args, ports, root)
    return code_of(ended, _missed(ended.last, paths, ports, root))


def _missed(result: Result, paths: Optional[list[str]], ports: Ports, root: Root) -> bool:
    """Whether the cleanup holds nothing of some of these paths, which is said."""
    known = set()
    for one in result.results if paths is not None else ():
        path = one.path
        while path not in known and path:
            known.add(path)
            path = path.rpartition("/")[0]
    missed = [path for path in paths or () if path not in known]
    shown = showable_path if root.platform == "windows" else showable
    for path in missed[:_TOLD] if ports.stderr is not None else ():
        print(f"{shown(path)}: cleanup {result.id} holds nothing of it", file=ports.stderr, flush=True)
    if len(missed) > _TOLD and ports.stderr is not None:
        print(f"and nothing of {len(missed) - _TOLD:,} more", file=ports.stderr, flush=True)
    return bool(missed)


def write(undone: Undone, args: argparse.Namespace, ports: Ports, root: Root) -> None:
    """Print what was put back, in the format that was asked for."""
    from tui.report.undo_report import write_undone

    format_name = args.format or ("table" if ports.on_terminal(ports.stdout) else "json")
    with output(ports) as stream:
        write_undone(undone, root.platform == "windows", format_name, stream, screen(ports))


def instance_of(args: argparse.Namespace, ports: Ports, root: Root) -> Optional[Instance]:
    """The agent's records, by which a deployment in progress is seen; None where no agent is left."""
    from tui.agent.instance import read_instance
    from tui.agent.layout import NoAgent

    here = root.kind == "machine"
    try:
        return read_instance(root, args.agent_root, args.agent_config, ports.processes if here else None)
    except NoAgent:
        return None


@contextlib.contextmanager
def guarded(
    args: argparse.Namespace, ports: Ports, root: Root, instance: Optional[Instance], own: tuple[str, ...]
) -> Iterator[Any]:  # tui.cleanup.watch.DeploymentWatch, or None where there is no agent
    """Whoever tells of a deployment in progress; at the end what the operator went on in spite of is printed.

    ``own``: the agent's records that are changed here.
    """
    if instance is None:
        yield None
        return
    looking = watch(root, instance, ports, args.force, own)
    yield looking
    for one in looking.overridden:
        if ports.stderr is not None:
            print(instance.showable(f"gone on in spite of: {one.reason} ({one.typed})"), file=ports.stderr, flush=True)


def _paths(args: argparse.Namespace, ports: Ports, root: Root, instance: Optional[Instance]) -> Optional[list[str]]:
    if args.path is None and args.paths_from is None:
        return None
    paths = named_paths(args, ports, root, instance)
    if not paths:
        raise Refused(f"--paths-from {args.paths_from}: names no path, so nothing is put back")
    return paths
