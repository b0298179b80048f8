"""The command ``scan``: marks, counts and findings, without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.commands.common import Exit, examined, output, screen
from tui.ports import Ports

if TYPE_CHECKING:
    import argparse


def run(args: argparse.Namespace, ports: Ports) -> Exit:
    """Scan SOURCE and print it. Raises Refused, PipeClosed, and what a scan does."""
    from tui.forensics.marks import Severity
    from tui.report.output import write_scan

    examination = examined(args, ports, ports.open_source(args.source))
    terminal = ports.on_terminal(ports.stdout)
    with output(ports) as stream:
        write_scan(examination, args.format or ("table" if terminal else "json"), stream, screen(ports), args.paths)
    to_do = any(finding.severity <= Severity.WARNING for finding in examination.findings)
    return Exit.FOUND if args.exit_code and to_do else Exit.DONE
