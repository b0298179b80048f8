"""The terminal app: the same facts as the headless commands, on a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Callable, Optional

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tui.agent.records import Instance
    from tui.app.cleaning import CleanPorts
    from tui.app.scanning import ScanFunction
    from tui.disk.root import Root
    from tui.forensics.scan import ScanOptions
    from tui.preview.play import PlayEvent
    from tui.preview.records import Preview
    from tui.preview.revision import OpenCandidate

__all__ = ["run"]


def run(
    root: Root,
    options: ScanOptions,
    scan: ScanFunction,
    demo: Optional[Callable[[], AbstractContextManager[Root]]] = None,
    *,
    play: Optional[Callable[..., Iterator[PlayEvent]]] = None,
    open_candidate: Optional[OpenCandidate] = None,
    write_preview: Optional[Callable[[Preview, Instance, str, BinaryIO], None]] = None,
    cleans: Optional[Callable[[Root], CleanPorts]] = None,
) -> int:
    """Open the app on a Root and give the exit code: 0, 1 after a crash (one line on standard error), 130 interrupted.

    ``demo()`` gives the bundled example instance as a context manager; it is offered where no agent
    is found, and opened in the app's place when the operator asks for it. ``play`` and ``open_candidate``
    are ``tui.preview.play.play`` and ``tui.disk.candidate.open_candidate``: with both, deployments are foretold.
    ``write_preview`` writes a preview as ``json`` or ``table``: with it, one can be kept in a file. ``cleans`` gives
    what a Root is cleaned up with; without it nothing is.
    """
    from tui.app.app import WANTS_DEMO, ForensicsApp
    from tui.app.previewing import PreviewPorts
    from tui.app.scanning import ScanSource

    previews = None
    if play is not None and open_candidate is not None:
        previews = PreviewPorts(root, play, open_candidate, write_preview)
    app = ForensicsApp(
        ScanSource.of(root, options, scan), offers_demo=demo is not None, previews=previews,
        cleans=None if cleans is None else cleans(root),
    )  # fmt: skip
    wish = app.run()
    if wish != WANTS_DEMO or demo is None:
        return app.return_code or 0
    from tui.forensics.scan import ScanOptions

    with demo() as example:
        return run(
            example, ScanOptions(), scan, play=play, open_candidate=open_candidate, write_preview=write_preview,
            cleans=cleans,
        )  # fmt: skip
