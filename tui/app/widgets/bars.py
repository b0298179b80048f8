"""The lines at the edges of every screen: whose instance, how the scan goes, which keys work."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.app import RenderResult
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from tui.app.keys import distinct
from tui.app.palette import spread, text_of
from tui.app.words import Line

_ALWAYS = ("app.help", "app.quit")


class Bar(Static):
    """One line, cut to the width there is."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.left: Line = []
        self.right: Line = []

    def show(self, left: Line, right: Line | None = None) -> None:
        """Show a line, and something at its right end."""
        self.left, self.right = left, right or []
        self.refresh()

    def render(self) -> RenderResult:
        """The line."""
        return text_of([spread(self.left, self.right, self.size.width)])


class KeyBar(Widget):
    """The keys that work here and now, as many as fit; help and quit always."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> RenderResult:
        """Key and word, key and word."""
        shown = [(self.app.get_key_display(binding), binding) for binding in usable(self) if binding.show]
        always = [item for item in shown if item[1].id in _ALWAYS]
        room = self.size.width - sum(_width(*item) for item in always)
        line: Line = []
        for key, binding in [item for item in shown if item not in always]:
            room -= _width(key, binding)
            if room < 0:
                break
            line += _words(key, binding)
        for key, binding in always:
            line += _words(key, binding)
        return text_of([line]) if line else Text()


def usable(widget: Widget) -> list[Binding]:
    """The bindings that work where the focus is, each once."""
    focused = widget.screen.focused
    found = []
    for key, active in widget.screen.active_bindings.items():
        typed = key if len(key) == 1 else {"question_mark": "?", "slash": "/", "minus": "-", "asterisk": "*"}.get(key)
        swallowed = focused is not None and typed is not None and focused.check_consume_key(key, typed)
        if active.enabled and active.binding.id and not swallowed:
            found.append(active.binding)
    return distinct(found)


def _width(key: str, binding: Binding) -> int:
    return cell_len(key) + 1 + cell_len(binding.description) + 2


def _words(key: str, binding: Binding) -> Line:
    return [(key, "key"), (f" {binding.description}  ", "")]
