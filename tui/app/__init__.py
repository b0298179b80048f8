"""The terminal app: the same facts as the headless commands, on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tui.app.scanning import ScanFunction
    from tui.disk.root import Root
    from tui.forensics.scan import ScanOptions

__all__ = ["run"]


def run(
    root: Root,
    options: ScanOptions,
    scan: ScanFunction,
    demo: Optional[Callable[[], AbstractContextManager[Root]]] = None,
) -> int:
    """Open the app on a Root and give the exit code: 0, 1 after a crash (one line on standard error), 130 interrupted.

    ``demo()`` gives the bundled example instance as a context manager; it is offered where no agent
    is found, and opened in the app's place when the operator asks for it.
    """
    from tui.app.app import WANTS_DEMO, ForensicsApp
    from tui.app.scanning import ScanSource

    app = ForensicsApp(ScanSource.of(root, options, scan), offers_demo=demo is not None)
    wish = app.run()
    if wish != WANTS_DEMO or demo is None:
        return app.return_code or 0
    from tui.forensics.scan import ScanOptions

    with demo() as example:
        return run(example, ScanOptions(), scan)
