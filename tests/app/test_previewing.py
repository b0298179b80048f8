"""GIVEN deployments WHEN they are played on a thread THEN news come put together, and failures as one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

import pytest

from tui.app.lookup import Lookup
from tui.app.previewing import OPENING, Doing, Previewer, PreviewPorts, StepChoice, Told
from tui.disk.root import Denied
from tui.preview.instructions import Endless
from tui.preview.play import Playing
from tui.preview.records import Preview
from tui.preview.revision import NoRevision

from .build import shop, windows_shop
from .test_preview_rows import FULL

PREVIEW = Preview([FULL], FULL.effects)


@dataclass
class Candidate:
    """A revision that says when it is closed, in place of its tree."""

    label: str
    closed: list[str] = field(default_factory=list)
    problem: Optional[str] = None
    notes: tuple[str, ...] = ()

    @property
    def tree(self) -> Candidate:
        return self

    def close(self) -> None:
        self.closed.append(self.label)


def told(
    events: Callable[[Callable[[], bool]], Iterator[Any]],
    revisions: tuple[str, ...] = ("/one",),
    opens: Callable[[str], Any] = lambda text: Candidate(text),
    lookup: Optional[Lookup] = None,
    step: float = 0.2,
    stop: Optional[Callable[[Previewer, Told], None]] = None,
) -> list[Told]:
    """The news of a preview; time goes on by ``step`` with each look at the clock."""
    ticks, news = [0.0], []  # type: list[float], list[Told]

    def clock() -> float:
        ticks[0] += step
        return ticks[0]

    def post(update: Told) -> None:
        news.append(update)
        previewer.taken()
        if stop is not None:
            stop(previewer, update)

    ports = PreviewPorts(None, lambda *args: events(args[-1]), lambda text, *_: opens(text))  # type: ignore[arg-type]
    choices = [StepChoice("shop-prod", revision) for revision in revisions]
    previewer = Previewer(ports, lookup or Lookup(shop()), choices, 7, post, clock)
    previewer.run()
    return news


def failing(error: Exception) -> Callable[[object], Iterator[Any]]:
    def events(_: object) -> Iterator[Any]:
        yield Playing(0, 1, "cleanup")
        raise error

    return events


def test_what_is_done_comes_then_the_lists() -> None:
    found = told(lambda _: iter([Playing(0, 1, "cleanup"), Playing(0, 1, "RETAIN"), PREVIEW, PREVIEW]))
    assert all(update.generation == 7 for update in found)
    assert [update.doing for update in found] == [
        Doing(0, 1, OPENING), None, Doing(0, 1, "cleanup"), Doing(0, 1, "RETAIN"), None,
    ]  # fmt: skip
    assert [update.opened for update in found] == [False, True, False, False, False]
    assert found[-1].lists is not None and found[-1].lists.preview is PREVIEW


def test_progress_is_put_together() -> None:
    events = [*(Playing(0, 1, str(n)) for n in range(1000)), PREVIEW]
    found = told(lambda _: iter(events), step=0.001)
    assert 8 < len(found) < 15  # ten a second of the clock's time, the first and the last
    assert found[-1].lists is not None


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (NoRevision("no such bundle"), "no such bundle"),
        (Endless("more than 2"), "more than 2"),
        (Denied("/srv/x\x1b", "permission denied"), "/srv/x\\e: permission denied"),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_failures_are_a_line(error: Exception, wanted: str) -> None:
    found = told(failing(error))
    assert found[-1].failure == wanted and found[-1].lists is None and any(u.opened for u in found)


def test_a_path_in_a_failure_is_native() -> None:
    found = told(failing(Denied("/C:/temp", "permission denied")), lookup=Lookup(windows_shop()))
    assert found[-1].failure == "C:\\temp: permission denied"


def test_an_engine_that_ends_early_is_a_failure() -> None:
    assert told(lambda _: iter([]))[-1].failure == "the preview ended before it was complete"


def test_which_step_has_no_revision_is_told_and_all_are_closed() -> None:
    closed: list[str] = []

    def opens(text: str) -> Candidate:
        if text == "/three":
            raise NoRevision("gone")
        return Candidate(text, closed)

    found = told(lambda _: iter([PREVIEW]), ("/one", "/two", "/three"), opens)
    assert found[-1].failure == "step 3: gone" and not any(update.opened for update in found)
    assert closed == ["/one", "/two"]


def test_revisions_are_closed_however_it_ends() -> None:
    for events in (lambda _: iter([PREVIEW]), failing(ValueError("x"))):
        closed: list[str] = []
        told(events, opens=lambda text, closed=closed: Candidate(text, closed))
        assert closed == ["/one"]


def test_nothing_is_told_any_more_once_it_is_cancelled() -> None:
    seen: list[bool] = []

    def events(cancelled: Callable[[], bool]) -> Iterator[Any]:
        yield Playing(0, 1, "cleanup")
        seen.append(cancelled())
        yield PREVIEW

    def stop(previewer: Previewer, update: Told) -> None:
        if update.doing is not None and update.doing.what == "cleanup":
            previewer.cancel()

    found = told(events, stop=stop)
    assert found[-1].doing == Doing(0, 1, "cleanup") and seen == [True]
    assert not any(update.lists for update in told(events, stop=lambda previewer, _: previewer.cancel()))


def test_a_revision_is_not_opened_after_it_is_cancelled() -> None:
    opened: list[str] = []

    def opens(text: str) -> Candidate:
        opened.append(text)
        return Candidate(text)

    told(lambda _: iter([PREVIEW]), ("/one", "/two"), opens, stop=lambda previewer, _: previewer.cancel())
    assert opened == ["/one"]
