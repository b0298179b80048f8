"""The command ``clean``: a plan of what to move out of the way, and carrying it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from tui import __version__
from tui.arguments import Refused
from tui.commands.carrying import FORCE, Ended, again, code_of, recover_line, run_to_end, telling, terms
from tui.commands.choosing import check_choice
from tui.commands.common import Exit, Unsafe, examined, output, screen
from tui.commands.planning import Planned, host_of, planned
from tui.commands.site import ask, need_answer, need_writable, opened_site, this_machine_itself, watch
from tui.ports import Ports

if TYPE_CHECKING:
    import argparse

    from tui.agent.records import Instance
    from tui.cleanup.records import Plan
    from tui.disk.root import Root
    from tui.forensics.examination import Examination
    from tui.report.clean_rows import Cleaned


def run(args: argparse.Namespace, ports: Ports) -> Exit:
    """Plan a cleanup of SOURCE, and carry it out where told. Raises Refused, PipeClosed, and what the engine does."""
    choice = check_choice(args)
    _check(args, ports)
    with ports.open_source(args.source) as root:
        if args.execute:
            _need_settled(args, ports, root)
        examination = examined(args, ports, root)
        looking = watch(root, examination.instance, ports, args.force)
        found = planned(choice, args, ports, root, examination)
        if args.export is not None:
            return _export(found.plan, args, ports, examination.instance)
        if args.execute:
            return _execute(found, args, ports, root, examination, looking)
        _write(_cleaned(found, root, looking), args, ports, examination.instance)
    return Exit.FOUND if args.exit_code and found.plan.steps else Exit.DONE


def _check(args: argparse.Namespace, ports: Ports) -> None:
    """Raise Refused or Unsafe for what can be told before anything is looked at."""
    itself = this_machine_itself(args.source)
    if itself is not None:
        raise Unsafe(itself)
    if args.export is not None:
        for option, given in (("--execute", args.execute), ("--format", args.format), ("--plan", args.plan)):
            if given:
                raise Refused(f"--export and {option}: leave one of the two out")
    if args.execute:
        need_writable(args)
        need_answer(args, ports, args.plan, args.paths_from)
    elif args.yes or args.reason or args.force:
        option = "--yes" if args.yes else "--reason" if args.reason else "--force"
        raise Refused(f"{option} goes with --execute: without it nothing is changed")


def _need_settled(args: argparse.Namespace, ports: Ports, root: Root) -> None:
    """Raise Unsafe where the journal has a cleanup or undo that was cut off."""
    from tui.cleanup.history import entries
    from tui.cleanup.session import UNFINISHED
    from tui.cleanup.state_dir import CleanupError

    try:
        with opened_site(args, ports, root) as site:
            found = [entry.id for entry in entries(site) if entry.state in UNFINISHED]
    except CleanupError:
        return  # one that was cut off while it was written can be read by nobody but who goes on with it
    if found:
        raise Unsafe(f"cleanup {found[0]} was cut off or still runs; settle it first: {recover_line(args)}")


def _export(plan: Plan, args: argparse.Namespace, ports: Ports, instance: Instance) -> Exit:
    if args.export == "json":
        from tui.cleanup.export_json import to_json

        data = to_json(plan)
    elif args.export == "sh":
        from tui.cleanup.export_sh import to_sh

        data = to_sh(plan, instance)
    else:
        from tui.cleanup.export_ps1 import to_ps1

        data = to_ps1(plan, instance)
    with output(ports) as stream:
        stream.write(data)
        stream.flush()
    return Exit.FOUND if args.exit_code and plan.steps else Exit.DONE


def _cleaned(
    found: Planned, root: Root, looking: Any, ended: Optional[Ended] = None, undo: str = "", going_on: bool = False
) -> Cleaned:
    from tui.report.clean_rows import Cleaned

    forced = tuple(f"{one.reason} (gone on: {one.typed})" for one in looking.overridden)
    result = None if ended is None else ended.last
    seconds = 0.0 if ended is None else ended.seconds
    stopping = looking.reason() if ended is None else None
    return Cleaned(found.plan, root.label, found.notes, stopping, result, seconds, forced, undo, going_on)


def _write(
    cleaned: Cleaned, args: argparse.Namespace, ports: Ports, instance: Instance, only_result: bool = False
) -> None:
    from tui.report.clean_output import write_clean

    format_name = args.format or ("table" if ports.on_terminal(ports.stdout) else "json")
    with output(ports) as stream:
        write_clean(cleaned, instance, format_name, stream, screen(ports), only_result)


def _execute(
    found: Planned, args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, looking: Any
) -> Exit:
    instance, plan = examination.instance, found.plan
    if found.useless is not None:
        raise Unsafe(f"{found.useless}; nothing was done")
    if not plan.steps:
        _write(_cleaned(found, root, looking), args, ports, instance)
        return Exit.REFUSED if found.short else Exit.DONE
    table = (args.format or ("table" if ports.on_terminal(ports.stdout) else "json")) == "table"
    if table:
        _write(_cleaned(found, root, looking, going_on=True), args, ports, instance)
    _go_on(looking)
    if not args.yes:
        _confirm(found, args, ports, root, examination, looking, table)
        _go_on(looking)
    ended = _carry_out(found, args, ports, root, examination, looking)
    undo = "" if args.delete else again(args, "undo", ended.last.id)
    with telling(args, ended.last.id):
        _write(_cleaned(found, root, looking, ended, undo), args, ports, instance, only_result=table)
    return code_of(ended, found.short)


def _go_on(looking: Any) -> None:
    reason = looking.ask()
    if reason is not None:
        raise Unsafe(f"{reason}; nothing was done ({FORCE})")


def _confirm(
    found: Planned, args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, looking: Any,
    shown: bool,
) -> None:  # fmt: skip
    """Show the plan where it was not, and have the count and the host typed."""
    from tui.cleanup.phrase import phrase
    from tui.report.clean_output import write_clean
    from tui.report.text import binary_size, counted

    instance, plan = examination.instance, found.plan
    if not shown:
        assert ports.stderr is not None
        write_clean(
            _cleaned(found, root, looking, going_on=True), instance, "table", ports.stderr.buffer, screen(ports)
        )
    host = instance.showable(host_of(root, instance, ports))
    what = f"{counted(len(plan.steps), 'path')}, {binary_size(plan.bytes)}"
    question = f"Move {what}, to quarantine on {host}"
    if args.delete:
        question = f"DELETE {what}, FOR GOOD on {host}: there is no undo"
    ask(ports, f"\n{question}", phrase(len(plan.steps), host))


def _carry_out(
    found: Planned, args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, looking: Any
) -> Ended:
    from tui.cleanup.execute import carry_out
    from tui.cleanup.records import Why
    from tui.cleanup.state_dir import CleanupError

    own = tuple(step.path for step in found.plan.steps if step.why is Why.RECORDS)
    going = watch(root, examination.instance, ports, args.force, own)
    going.follow(looking)
    unneeded = f"forced, {args.force}" if args.force is not None and not looking.overridden else None
    reason = "; ".join(filter(None, (args.reason, unneeded)))
    try:
        with opened_site(args, ports, root) as site, terms(ports, going) as on:
            events = carry_out(
                site, found.plan, on, who=ports.cleaning.who(), host=ports.cleaning.host(),
                tool=__version__, reason=reason, reviewed=found.reviewed,
            )  # fmt: skip
            return run_to_end(events, args, ports, on, site)
    except CleanupError as error:
        raise Refused(str(error)) from None
