"""What the app cleans up with: the command line's own ways to choose, plan, watch and open the journal."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING, Any, Callable, Optional

from tui import __version__
from tui.commands.choosing import Chosen, chosen
from tui.commands.planning import host_of, made
from tui.commands.site import opened_site, this_machine_itself, watch
from tui.paths import showable
from tui.ports import Ports

if TYPE_CHECKING:
    from tui.agent.records import Instance
    from tui.app.cleaning import Choice, CleanPorts
    from tui.cleanup.choose import Selection
    from tui.cleanup.records import Plan
    from tui.cleanup.state_dir import Site
    from tui.disk.root import Root
    from tui.forensics.examination import Examination

_NOT_HERE = "this is not this machine, so nothing is changed here; --writable allows it, for a volume that no other"
_NO_CHOICE: dict[str, Any] = {
    "exclude": (), "below": (), "group": None, "confidence": None, "widen": False, "unblock": None,
    "file_exists_behavior": None, "uninstall": None, "mark": (), "delete": False, "force": None, "quiet": True,
}  # fmt: skip


def clean_ports(args: argparse.Namespace, ports: Ports, root: Root) -> CleanPorts:
    """For SOURCE as the app was started on it: ``source``, ``writable``, ``state_dir`` and ``group_gone`` count."""
    from tui.app.cleaning import CleanPorts

    of = argparse.Namespace(**{**_NO_CHOICE, **vars(args)})

    def make(
        choice: Choice, examination: Examination, stop: Callable[[], bool]
    ) -> tuple[Plan, tuple[str, ...], Optional[str]]:
        asked = _asked(of, choice)
        with contextlib.ExitStack() as stack:
            found = _chosen(choice, asked, ports, root, examination, stack, stop)
            planned = made(found, asked, ports, root, examination, stop)
        return planned.plan, planned.notes, planned.useless

    def open_site() -> contextlib.AbstractContextManager[Site]:
        return opened_site(of, ports, root)

    def looking(instance: Instance, own: tuple[str, ...]) -> Any:
        return watch(root, instance, ports, None, own)

    def host(instance: Optional[Instance]) -> str:
        if instance is None:
            return showable(ports.cleaning.host())
        return instance.showable(host_of(root, instance, ports))

    why_not = "" if of.source is None or of.writable else f"{_NOT_HERE} machine uses now"
    why_not = this_machine_itself(of.source) or why_not
    return CleanPorts(
        root, make, open_site, looking, host, ports.cleaning.who, ports.cleaning.host, __version__, ports.now,
        ports.clock, why_not,
    )  # fmt: skip


def _asked(of: argparse.Namespace, choice: Choice) -> argparse.Namespace:
    """A choice as the command line's options say it."""
    from tui.app.cleaning import UNBLOCK, UNINSTALL

    return argparse.Namespace(
        **{
            **vars(of), "group": choice.group, "delete": choice.delete, "widen": choice.possible,
            "unblock": choice.revision if choice.kind == UNBLOCK else None,
            "file_exists_behavior": None if choice.behavior is None else choice.behavior.value,
            "uninstall": choice.group if choice.kind == UNINSTALL else None,
        }
    )  # fmt: skip


def _chosen(
    choice: Choice, asked: argparse.Namespace, ports: Ports, root: Root, examination: Examination,
    stack: contextlib.ExitStack, stop: Callable[[], bool],
) -> Chosen:  # fmt: skip
    from tui.app.cleaning import ROWS

    if choice.kind == ROWS:
        return Chosen(_ticked(choice, examination))
    return chosen(choice.kind.replace(" ", "_"), asked, ports, root, examination, stack, stop)


def _ticked(choice: Choice, examination: Examination) -> Selection:
    from tui.cleanup.choose import by_rows
    from tui.disk.inventory import ABSENT
    from tui.forensics.marks import Confidence

    types, sure = examination.inventory.type, examination.confidence
    worst = Confidence.POSSIBLE if choice.possible else Confidence.LIKELY
    rows = (row for row in choice.rows if types[row] != ABSENT and sure[row] <= worst)
    return by_rows(rows, "paths chosen among the files")
