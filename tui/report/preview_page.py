"""Lines of a preview's table: written one by one as they are made, since 100,000 of them would take rich minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Callable, TypeVar

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tui.report.sink import Sink
from tui.report.text import grouped

SHOWN = 20  # items of a section that are shown where not all are asked for
INDENT = "  "
_T = TypeVar("_T")


class Page:
    """Takes text that is safe to show. A path is never cut or folded; sentences are folded between words."""

    def __init__(self, sink: Sink, console: Console, color: bool, whole: bool) -> None:
        """``console`` knows the width; ``whole``: no section is cut."""
        self._sink = sink
        self._console = console
        self._width = console.width  # asking for it takes time
        self._color = color
        self._whole = whole
        self._styles: dict[str, Style] = {}

    def line(self, text: str = "", style: str = "", indent: str = "") -> None:
        """One line, however long."""
        if style and self._color and text:
            known = self._styles.get(style)
            if known is None:
                known = self._styles[style] = Style.parse(style)
            text = known.render(text)
        self._sink.write(f"{indent}{text}\n")

    def folded(self, text: str, style: str = "", indent: str = "") -> None:
        """A sentence, folded where it is too wide."""
        width = max(self._width - len(indent), 10)
        if self._fits(text, indent):
            self.line(text, style, indent)
            return
        for part in Text(text).wrap(self._console, width, overflow="fold"):
            self.line(part.plain.rstrip(), style, indent)

    def item(self, path: str, note: str) -> None:
        """A path and what is to be said of it: on one line where both fit."""
        if self._fits(f"{path}{INDENT}{note}", INDENT):
            self.line(f"{path}{INDENT}{note}", indent=INDENT)
            return
        self.line(path, indent=INDENT)
        self.folded(note, indent=INDENT * 3)

    def _fits(self, text: str, indent: str) -> bool:
        cells = len(text) if text.isascii() else cell_len(text)
        return len(indent) + cells <= self._width

    def section(self, title: str, items: Sequence[_T], show: Callable[[_T], None], style: str = "bold") -> None:
        """A heading with a count and its items, cut to the first where not all are asked for; nothing where empty."""
        if not items:
            return
        self.line()
        self.folded(f"{title} ({grouped(len(items))})", style)
        for item in items if self._whole else items[:SHOWN]:
            show(item)
        if not self._whole and len(items) > SHOWN:
            self.folded(f"and {grouped(len(items) - SHOWN)} more; --paths lists them all", "dim", INDENT)

    def paths(self, title: str, paths: Sequence[str], shown: Callable[[str], str]) -> None:
        """A section of paths with nothing to say of each."""
        self.section(title, paths, lambda path: self.line(shown(path), indent=INDENT))

    def sentences(self, title: str, texts: Iterable[str]) -> None:
        """A section of sentences, which are all shown."""
        told = list(texts)
        if told:
            self.line()
            self.folded(title, "bold")
        for text in told:
            self.folded(text, indent=INDENT)
