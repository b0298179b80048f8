"""The command ``preview``: what the next deployment, or several in a row, would do."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from tui.arguments import Refused
from tui.commands.common import Exit, examined, output, screen
from tui.ports import Ports
from tui.uncollected import uncollected

if TYPE_CHECKING:
    import argparse

    from tui.disk.root import Root
    from tui.forensics.examination import Examination
    from tui.preview.records import Preview, Step


def run(args: argparse.Namespace, ports: Ports) -> Exit:
    """Foretell deployments on SOURCE and print the verdict. Raises Refused, PipeClosed, and what the engine does."""
    from tui.commands.chain import chain_of
    from tui.report.preview_output import write_preview

    with contextlib.ExitStack() as stack:
        stack.enter_context(uncollected())
        chain = chain_of(args, ports, stack)
        root = ports.open_source(chain.source)
        root.label = chain.label or root.label
        examination = examined(args, ports, root, verify=False)
        steps = chain.steps(root, examination.instance, ports, stack)
        foretold = _played(args, ports, root, examination, steps)
        format_name = args.format or ("table" if ports.on_terminal(ports.stdout) else "json")
        with output(ports) as stream:
            write_preview(foretold, examination.instance, format_name, stream, screen(ports), args.paths)
    bad = any(verdict.failure is not None or verdict.lost for verdict in foretold.verdicts)
    return Exit.FOUND if args.exit_code and bad else Exit.DONE


def _played(
    args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, steps: Sequence[Step]
) -> Preview:
    """The preview, with progress on a terminal on the way."""
    from tui.forensics.scan import Progress
    from tui.preview.play import Playing
    from tui.report.progress import ProgressLine

    shown = ports.stderr if not args.quiet and ports.on_terminal(ports.stderr) else None
    line = ProgressLine(shown, ports.clock)
    foretold: Optional[Preview] = None
    try:
        for event in ports.play(root, examination, steps, args.all_behaviors):
            if isinstance(event, Playing):
                line.show(Progress("playing the Install event", event.step + 1, event.steps))
            else:
                foretold = event
    finally:
        line.clear()
    if foretold is None:
        raise Refused("the preview ended before it was complete; nothing is printed")
    return foretold
