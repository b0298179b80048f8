"""The plan of a cleanup: made for what is chosen, or read from a file and looked at anew."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable, Optional

from tui import __version__
from tui.arguments import Refused
from tui.commands.choosing import Chosen, chosen, read_named
from tui.commands.common import Unsafe
from tui.commands.site import apart_device, apart_inside, own_directories, state_dir
from tui.paths import showable
from tui.ports import Ports
from tui.windows_paths import showable_windows

if TYPE_CHECKING:
    import argparse

    from tui.agent.records import Instance
    from tui.cleanup.choose import Selection
    from tui.cleanup.guard import Guard
    from tui.cleanup.in_use import InUse
    from tui.cleanup.plan import Making
    from tui.cleanup.records import Plan, PlanStep
    from tui.disk.root import Root
    from tui.forensics.examination import Examination


@dataclass(frozen=True)
class Planned:
    """A plan and what is to be said of it."""

    plan: Plan
    notes: tuple[str, ...] = ()
    useless: Optional[str] = None  # why carrying it out does not help
    reviewed: str = ""  # the hash of the document that it was read from
    short: bool = False  # something that was asked for is not in it


@contextlib.contextmanager
def doing(args: argparse.Namespace, ports: Ports, what: str) -> Iterator[None]:
    """Say on a terminal what takes a while, as long as it does."""
    from tui.forensics.scan import Progress
    from tui.report.progress import ProgressLine

    line = ProgressLine(ports.stderr if not args.quiet and ports.on_terminal(ports.stderr) else None, ports.clock)
    line.show(Progress(what, 0))
    try:
        yield
    finally:
        line.clear()


def host_of(root: Root, instance: Instance, ports: Ports) -> str:
    """The instance's own host name; this machine's where it is that, or where it does not tell."""
    named = instance.hostname if root.kind != "machine" else None
    return named or ports.cleaning.host()


def planned(choice: str, args: argparse.Namespace, ports: Ports, root: Root, examination: Examination) -> Planned:
    """The plan for what the options choose. Raises Refused, Unsafe, and what the engine does."""
    with contextlib.ExitStack() as stack:
        if choice == "plan":
            return _reviewed(args, ports, root, examination, stack)
        with doing(args, ports, "choosing"):
            found = chosen(choice, args, ports, root, examination, stack)
        with doing(args, ports, "planning"):
            return made(found, args, ports, root, examination)


def made(
    found: Chosen, args: argparse.Namespace, ports: Ports, root: Root, examination: Examination,
    cancelled: Callable[[], bool] = lambda: False,
) -> Planned:  # fmt: skip
    """The plan for what was chosen. Raises ``tui.cleanup.plan.Stopped`` once ``cancelled()`` is true."""
    from tui.cleanup.plan import make_plan
    from tui.cleanup.records import Why

    selection = found.selection
    wanted = {path for _, path in examination.inventory.paths(selection.rows)}
    wanted.update(pick.path for pick in selection.picks)
    making = _making(args, ports, root, examination, wanted, cancelled)
    guard = _guard(args, ports, root, examination, selection.places)
    plan = make_plan(root, examination, selection, guard, making, cancelled)
    # Of a kind of paths a directory stays where something else is in it; of paths that were named it is a miss.
    short = any(one.code != "not-empty" or selection.why is Why.PATH for one in plan.refused)
    notes, useless = found.notes, found.useless
    if useless is None:
        useless = _in_spite(selection, plan, examination.instance)
        notes += () if useless is None else (useless,)
    return Planned(plan, notes, useless, short=short)


def _in_spite(selection: Selection, plan: Plan, instance: Instance) -> Optional[str]:
    """Why a deployment fails in spite of a plan that is to let it succeed: what stays in its way."""
    from tui.cleanup.records import Why

    if selection.why is not Why.UNBLOCK:
        return None
    wanted = {pick.path for pick in selection.picks}
    stays = [one for one in plan.refused if one.path in wanted]
    if not stays:
        return None
    more = f" (and {len(stays) - 1:,} more)" if len(stays) > 1 else ""
    return f"the deployment fails all the same: {instance.showable_path(stays[0].path)} stays, {stays[0].reason}{more}"


def _guard(
    args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, places: frozenset[str]
) -> Guard:
    from tui.cleanup.guard import Guard

    return Guard(root, examination, args.group_gone, places, own_directories(args, ports, root))


def _making(
    args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, wanted: Collection[str],
    cancelled: Callable[[], bool] = lambda: False,
) -> Making:  # fmt: skip
    """What a plan needs beside the instance; who uses the paths is asked where that is this machine."""
    from tui.cleanup.plan import Making

    in_use: Optional[InUse] = None
    if root.kind == "machine":
        in_use = ports.cleaning.in_use(wanted.__contains__, cancelled=cancelled, open_files=ports.open_files)
    return Making(
        ports.now(), __version__, host_of(root, examination.instance, ports), args.delete, in_use,
        apart_inside(args, root) or state_dir(ports, root, args.source is None), apart_device(args),
    )  # fmt: skip


def _reviewed(
    args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, stack: contextlib.ExitStack
) -> Planned:
    """A plan from a file, less what may not be carried out as things stand now."""
    from tui.cleanup.export_json import plan_hash
    from tui.cleanup.plan import check_plan, warnings_now
    from tui.cleanup.read_plan import BadPlan, read_plan

    shown = showable(args.plan) if root.platform != "windows" else showable_windows(args.plan)
    try:
        plan = read_plan(read_named("--plan", args.plan, ports))
    except BadPlan as error:
        raise Refused(f"--plan {shown}: {error}") from None
    _check_reviewed(plan, shown, args, host_of(root, examination.instance, ports), root)
    places: frozenset[str] = frozenset()
    if args.unblock is not None:
        places = chosen("unblock", args, ports, root, examination, stack).selection.places
    reviewed = plan_hash(plan)
    with doing(args, ports, "looking at what was planned"):
        refused = check_plan(plan, root, _guard(args, ports, root, examination, places))
    out = {one.path for one in refused}
    kept = [step for step in plan.steps if step.path not in out]
    steps = tuple(step._replace(number=number) for number, step in enumerate(kept, 1))
    with doing(args, ports, "looking who uses it"):
        making = _making(args, ports, root, examination, {step.path for step in steps})
        warnings = warnings_now(root, examination, steps, making, _others(steps, args, root, examination))
    plan = replace(plan, steps=steps, refused=(*plan.refused, *refused), warnings=warnings)
    return Planned(plan, reviewed=reviewed, short=bool(refused))


def _others(
    steps: Sequence[PlanStep], args: argparse.Namespace, root: Root, examination: Examination
) -> list[tuple[str, frozenset[str]]]:
    """The groups whose files a reviewed uninstall takes too, with those."""
    from tui.cleanup.presets import uninstall
    from tui.cleanup.records import Why

    taken = {step.group for step in steps if step.why is Why.UNINSTALL}
    groups = [group for group in examination.instance.groups if group.id in taken]
    return [other for group in groups for other in uninstall(root, examination, group, gone=args.group_gone).others]


def _check_reviewed(plan: Plan, shown: str, args: argparse.Namespace, host: str, root: Root) -> None:
    """Raise Refused or Unsafe where a reviewed plan is not for here, or not what the options say."""
    from tui.cleanup.records import Act

    if plan.source_kind != root.kind or plan.host not in (None, host):
        where = "a directory" if plan.source_kind == "directory" else "a machine itself"
        raise Unsafe(
            f"--plan {shown}: was made for {where} on {showable(plan.host or 'an unknown host')}, and this is {host}: "
            "plan anew; nothing was done"
        )
    deletes = any(step.act is Act.DELETE for step in plan.steps)
    if deletes and not args.delete:
        raise Refused(f"--plan {shown}: deletes for good; give --delete to say that this is meant")
    if args.delete and not deletes and plan.steps:
        raise Refused(f"--plan {shown}: moves to quarantine; plan anew with --delete to delete for good")
