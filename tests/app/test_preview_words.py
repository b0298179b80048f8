"""What stands above a preview's list, and its lines, in every width."""

from __future__ import annotations

from dataclasses import replace
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.app.lookup import Lookup
from tui.app.preview_detail import row_detail, row_line
from tui.app.preview_rows import PreviewRows
from tui.app.preview_sections import ADDED, SECTIONS, Row, lists_of, parts_of
from tui.app.preview_words import behaviors, count_lines, heading, playing_words, step_line, strip_line, verdict_lines
from tui.app.previewing import OPENING, Doing, StepChoice
from tui.app.shown import Shown
from tui.app.words import Line, cells
from tui.preview.records import Behavior, Ending, Failure, Phase, Preview, Verdict

from .build import shop, windows_shop
from .test_preview_rows import FULL

INSTANCE = shop().instance
FINE = replace(FULL, collisions=[], lost=[], scripts=[])


def plain(*lines: Line) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def shown(*verdicts: Verdict, **by_behavior: Verdict) -> Shown:
    named = {Behavior(name): verdict for name, verdict in by_behavior.items()}
    preview = Preview(list(verdicts), verdicts[0].effects, verdicts[0].possibly, verdicts[0].lost, named)
    return Shown(lists_of(preview, Lookup(shop())), [StepChoice("shop-prod")] * len(verdicts))


@pytest.mark.parametrize(
    ("phase", "count", "wanted"),
    [
        (Phase.DOWNLOAD, 0, "\u2717 FAILS in DownloadBundle: it does not come to its Install event"),
        (Phase.APPSPEC, 0, "\u2717 FAILS in the Install event, before anything is removed"),
        (Phase.CLEANUP, 0, "\u2717 FAILS in the Install event, in its cleanup"),
        (Phase.CLEANUP, 3, "\u2717 FAILS in the Install event, in its cleanup, when the cleanup has removed 3 paths"),
        (Phase.INSTRUCTIONS, 0, "\u2717 FAILS in the Install event; its cleanup removes nothing"),
        (Phase.INSTRUCTIONS, 3, "\u2717 FAILS in the Install event, after the cleanup has removed 3 paths"),
        (Phase.INSTALL, 3, "\u2717 FAILS in the Install event, while it copies, after the cleanup has removed 3 paths"),
    ],
)
def test_how_it_fails(phase: Phase, count: int, wanted: str) -> None:
    failure = Failure(phase, "in the way at /srv/x", "/srv/x")
    verdict = replace(FINE, failure=failure, cleanup=FULL.cleanup if count else [])
    found = verdict_lines(shown(verdict), INSTANCE)
    assert plain(*found) == f"{wanted}\n  \u201cin the way at /srv/x\u201d"
    unsure = replace(verdict, failure=replace(failure, sure=False, path="/other"))
    found = verdict_lines(shown(unsure), INSTANCE)
    assert plain(found[0]) == wanted.replace("FAILS", "may FAIL") and plain(found[1]).endswith("\u201d  /other")


@pytest.mark.parametrize(
    ("verdict", "wanted"),
    [
        (FINE, "\u2713 succeeds"),
        (replace(FULL, scripts=[]), "\u2713 succeeds, and 1 file would be lost for good"),
        (
            replace(FULL, lost=[], scripts=[*FULL.scripts, FULL.scripts[0]._replace(exists=True)]),
            "\u2713 succeeds\n! AfterInstall fails: its script s.sh is not there",
        ),
        (
            replace(FULL, lost=[], scripts=[*FULL.scripts] * 3),
            "\u2713 succeeds\n! AfterInstall fails: its script s.sh is not there (and 2 other scripts neither)",
        ),
        (replace(FINE, ending=Ending.IN_INSTALL), "\u2717 fails in the Install event, as it is told to"),
        (
            replace(FINE, ending=Ending.IN_SCRIPT),
            "\u2717 fails in a script, as it is told to, after its Install event has succeeded",
        ),
    ],
)
def test_how_it_ends(verdict: Verdict, wanted: str) -> None:
    assert plain(*verdict_lines(shown(verdict), INSTANCE)) == wanted


def test_what_several_come_to() -> None:
    both = shown(FINE, FINE)
    both.position = 2
    assert plain(*verdict_lines(both, INSTANCE)) == "\u2713 all succeed"
    one = shown(replace(FULL, ending=Ending.IN_SCRIPT), FINE)
    one.position = 2
    assert plain(*verdict_lines(one, INSTANCE)) == "1 of 2 deployments fail, and 1 file would be lost for good"


def test_the_behaviors_side_by_side() -> None:
    failing = replace(FINE, failure=Failure(Phase.INSTRUCTIONS, "x"))
    found = shown(failing, DISALLOW=failing, OVERWRITE=replace(FULL, behavior=Behavior.OVERWRITE), RETAIN=FINE)
    assert plain(behaviors(found)) == "\u2717 [DISALLOW]  \u2713! OVERWRITE  \u2713 RETAIN"
    found.turn(-1)
    assert plain(behaviors(found)) == "\u2717 DISALLOW  \u2713! OVERWRITE  \u2713 [RETAIN]"
    decided = replace(FINE, behavior=Behavior.RETAIN, behavior_from="appspec")
    found = shown(decided, DISALLOW=decided, OVERWRITE=decided, RETAIN=decided)
    assert plain(behaviors(found)) == "\u2713 [RETAIN]: the appspec says RETAIN"


@pytest.mark.parametrize(
    ("width", "wanted"),
    [
        (80, "shop-prod \u00b7 d-ABC12DEF3 (last completed Install)"),
        (40, "shop-prod \u00b7 d-ABC12DEF3 (last Install)"),
        (30, "shop-prod \u00b7 d-ABC12DEF3"),
        (20, "shop-prod \u00b7 \u2026C12DEF3"),
    ],
)
def test_the_heading_gives_way(width: int, wanted: str) -> None:
    assert plain(heading(shown(FINE), INSTANCE, width)) == wanted


@given(st.integers(12, 200), st.sets(st.sampled_from(SECTIONS)))
def test_counts_fit(width: int, only: set[object]) -> None:
    counts = PreviewRows(parts_of(FULL, Lookup(shop()))).counts()
    found = count_lines({s: n * 123_456 for s, n in counts.items()}, only, width)  # type: ignore[arg-type]
    longest = max(cell_len(f"[{s.letter} {s.label} {n * 123_456:,}]") for s, n in counts.items())
    assert all(cells(line) - 2 <= max(width, longest) for line in found)
    assert "C Changed 493,824" in plain(*found)


def test_sections_that_say_nothing_where_they_are_empty() -> None:
    counts = dict.fromkeys(SECTIONS, 0)
    assert "S Scripts" not in plain(*count_lines(counts, (), 200))
    assert "I In the way 0" in plain(*count_lines(counts, (), 200))
    assert "[A Added 0]" in plain(*count_lines(counts, (ADDED,), 200))


@given(st.integers(40, 200), st.integers(1, 40), st.data())
def test_the_strip_shows_where_it_is(width: int, steps: int, data: st.DataObject) -> None:
    found = shown(*[FINE] * (steps + 1))
    found.position = data.draw(st.integers(0, steps + 1))
    line = plain(strip_line(found, INSTANCE, width))
    assert cell_len(line) <= width
    assert ("[all together]" if found.position == steps + 1 else f"[{found.position + 1} \u2713") in line


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@given(st.integers(30, 200), TEXTS, TEXTS, TEXTS, st.booleans())
def test_a_line_fits_and_holds_no_control_character(width: int, name: str, said: str, advice: str, led: bool) -> None:
    path = f"/srv/{name}"
    row = Row(ADDED, "will be added", path, "/else/where" if led else path, said, advice, "2.1K")
    for instance in (INSTANCE, windows_shop().instance):
        line = row_line(row, instance, width)
        assert cells(line) == width and plain(line).endswith(" 2.1K")
        assert not any(category(character) in ("Cc", "Cs", "Zl", "Zp") for character in plain(line))


def test_a_line_says_it_shorter_where_it_is_narrow() -> None:
    row = Row(ADDED, "will be added", "/srv/x", "/srv/x")
    assert plain(row_line(row, INSTANCE, 79)).split() == ["will", "be", "added", "/srv/x"]
    assert plain(row_line(row, INSTANCE, 60)).split() == ["added", "/srv/x"]


def test_all_about_a_line() -> None:
    lookup = Lookup(shop())
    rows = PreviewRows(parts_of(FULL, lookup))
    told = [plain(*row_detail(rows.row(at), lookup)) for at in range(len(rows))]
    assert "/srv/shop/static/old.js\nin the way. What to do: move it away\nLeads to /real/old.js" in told[0]
    assert "O orphaned, likely: left by d-OLD00QRS4\nDeployment d-OLD00QRS4\n\u201cexists\u201d" in told[0]
    assert "is lost: modified\nSize 2,150 bytes" in told[1]
    assert "S script-created, certain" in told[7] and told[2] == "/p/r\nmay be removed"
    assert all(line.isprintable() for text in told for line in text.split("\n"))


def test_steps_and_progress() -> None:
    line = step_line(StepChoice("shop-prod", "/tmp/app.zip", Behavior.RETAIN, Ending.IN_SCRIPT), 2, INSTANCE, True, 79)
    assert plain(line).split() == ["3", "shop-prod", "/tmp/app.zip", "RETAIN", "fails", "in", "a", "script"]
    assert cells(line) == 79
    assert playing_words(None) == "Playing\u2026"
    assert playing_words(Doing(0, 1, OPENING)) == "Playing: opening the revision"
    assert playing_words(Doing(1, 3, "RETAIN")) == "Playing: deployment 2 of 3, RETAIN"
