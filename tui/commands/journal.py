"""The command ``journal``: list cleanups, show one, settle what was cut off, free quarantine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Optional

from tui.arguments import Refused
from tui.commands.carrying import code_of, recover_line, run_to_end, telling, terms, unread
from tui.commands.common import Exit, output, print_text, screen
from tui.commands.foretelling import records_of
from tui.commands.site import ask, need_answer, need_writable, opened_site
from tui.commands.undo import guarded, instance_of, write
from tui.commands.words import take_words
from tui.paths import showable
from tui.ports import Ports

if TYPE_CHECKING:
    import argparse

    from tui.cleanup.records import Entry
    from tui.cleanup.state_dir import Site
    from tui.disk.root import Root
    from tui.report.journal_report import Listed

_MOST = 10_000  # ids of one purge


def run(args: argparse.Namespace, ports: Ports) -> Exit:
    """Do what the journal's word says. Raises Refused, Unsafe, PipeClosed and what the engine does."""
    if args.action == "recover":
        return _recover(args, ports)
    if args.action == "purge":
        return _purge(args, ports)
    ids = take_words(args, 1 if args.action == "show" else 0)
    with _opened(args, ports) as (root, site):
        listed = _shown(site, ids[0] if ids else None) if args.action == "show" else _listed(site)
    _write(listed, args, ports, root)
    return Exit.DONE


@contextlib.contextmanager
def _opened(args: argparse.Namespace, ports: Ports) -> Iterator[tuple[Root, Site]]:
    """SOURCE and its journal's place; what goes wrong there is one line. Raises Refused."""
    from tui.cleanup.state_dir import CleanupError

    with ports.open_source(args.source) as root:
        try:
            with opened_site(args, ports, root) as site:
                yield root, site
        except CleanupError as error:
            raise Refused(unread(error, args)) from None


def _listed(site: Site) -> Listed:
    from tui.cleanup.history import entries, kept_ids
    from tui.report.journal_report import Listed

    found = entries(site)
    known = {entry.id for entry in found}
    return Listed(site.shown, found, None, [key for key in kept_ids(site) if key not in known])


def _shown(site: Site, key: Optional[str]) -> Listed:
    from tui.cleanup.history import entries, steps_of
    from tui.report.journal_report import Listed

    found = entries(site)
    if not found:
        raise Refused(f"{site.shown}: there is no journal: no cleanup was carried out here")
    entry = found[0] if key is None else next((one for one in found if one.id == key), None)
    if entry is None:
        raise Refused(f"{key}: there is no such cleanup in the journal; the last one is {found[0].id}")
    return Listed(site.shown, [entry], steps_of(site, entry.id))


def _write(listed: Listed, args: argparse.Namespace, ports: Ports, root: Root) -> None:
    from tui.report.journal_report import write_journal

    format_name = args.format or ("table" if ports.on_terminal(ports.stdout) else "json")
    with output(ports) as stream:
        write_journal(listed, root.platform == "windows", format_name, stream, screen(ports))


def _recover(args: argparse.Namespace, ports: Ports) -> Exit:
    from tui.cleanup.records import Result
    from tui.cleanup.recover import cut_off, recover
    from tui.cleanup.session import Terms
    from tui.report.undo_report import Undone

    ids = take_words(args)
    need_writable(args)  # also to look alone: a journal that was cut off in the middle is put right by SQLite
    with _opened(args, ports) as (root, site):
        found = cut_off(site, Terms(ports.now, ports.clock))
        if found is None:
            raise Refused(f"{site.shown}: nothing was cut off; there is nothing to recover")
        if ids and ids[0] != found.entry.id:
            raise Refused(f"{ids[0]}: was not cut off; {found.entry.id} was")
        if not (args.finish or args.roll_back):
            write(
                Undone("recover", root.label, Result(found.entry.id, found.entry.state, found.results)),
                args,
                ports,
                root,
            )
            if ports.stderr is not None:
                print(f"to settle it: {recover_line(args)}", file=ports.stderr, flush=True)
            return Exit.DONE
        instance = instance_of(args, ports, root)
        own = records_of(site, found.entry.id)
        with guarded(args, ports, root, instance, own) as looking, terms(ports, looking) as on:
            events = recover(site, on, finish=args.finish, key=found.entry.id)
            ended = run_to_end(events, args, ports, on, site)
    with telling(args, ended.last.id):
        write(Undone("recover", root.label, ended.last, ended.seconds), args, ports, root)
    return code_of(ended, rolled_back=args.roll_back)


def _purge(args: argparse.Namespace, ports: Ports) -> Exit:
    from tui.cleanup.purge import purge
    from tui.report.text import binary_size, counted

    ids = take_words(args, _MOST)
    if not ids and args.older_than is None:
        raise Refused("say what to free: an ID of the journal, or --older-than 30d")
    need_writable(args)
    need_answer(args, ports)
    with _opened(args, ports) as (root, site):
        entries = _to_free(site, ids, args.older_than, ports.now())
        if not entries:
            _say_purged([], [], 0, root, args, ports)
            return Exit.DONE
        if not args.yes:
            from tui.cleanup.phrase import phrase

            host = showable(ports.cleaning.host())
            what = ", ".join(entry.id for entry in entries[:5]) + (" ..." if len(entries) > 5 else "")
            count, size = counted(len(entries), "cleanup"), binary_size(sum(entry.bytes for entry in entries))
            question = f"\nDELETE FOR GOOD what {count} moved, up to {size}: {what}"
            ask(ports, question, phrase(len(entries), host))
        with terms(ports) as on:
            ended = run_to_end(purge(site, on, keys=[entry.id for entry in entries]), args, ports, on, site)
    purged = ended.last
    _say_purged(purged.ids, purged.left, purged.bytes, root, args, ports)
    if ended.interrupted and len(purged.ids) < len(entries):
        return Exit.INTERRUPTED
    return Exit.PARTLY if purged.left else Exit.DONE


def _to_free(site: Site, ids: list[str], older_than: Optional[float], now: float) -> list[Entry]:
    """The cleanups that are meant: those named, and those that ended so long ago and hold something yet."""
    from tui.cleanup.history import entries
    from tui.cleanup.records import State
    from tui.cleanup.session import UNFINISHED

    found = {entry.id: entry for entry in entries(site)}
    for key in ids:
        if key not in found:
            raise Refused(f"{key}: there is no such cleanup in the journal; nothing was freed")
    wanted = dict.fromkeys(ids)
    for entry in reversed(list(found.values())):
        settled = entry.state not in (*UNFINISHED, State.PURGED, State.UNDONE)
        if older_than is not None and settled and entry.ended is not None and now - entry.ended > older_than:
            wanted.setdefault(entry.id)
    return [found[key] for key in wanted]


def _say_purged(
    ids: list[str], left: list[tuple[str, str]], size: int, root: Root, args: argparse.Namespace, ports: Ports
) -> None:
    from tui.report.journal_report import write_purged
    from tui.report.text import binary_size, counted

    format_name = args.format or ("table" if ports.on_terminal(ports.stdout) else "json")
    if format_name != "table":
        with output(ports) as stream:
            write_purged(root.label, ids, left, size, stream)
        return
    lines = [f"{counted(len(ids), 'cleanup')} purged, {binary_size(size)} freed"]
    lines += [f"  {key}: something is left: {showable(reason)}" for key, reason in left]
    print_text(ports, "".join(f"{line}\n" for line in lines))
