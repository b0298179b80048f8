"""A preview's table on terminals of many widths; names, however odd, and Windows paths in every format."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import example as always
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.report.examples import SHOP
from tests.unit.report.preview_examples import behaviors, chain, failing, rendered, single, succeeding
from tests.unit.report.test_hostile import NASTY, RAW, names, unescaped
from tests.unit.report.test_windows import windows
from tui.forensics.marks import Confidence, Mark
from tui.paths import from_bytes, to_bytes
from tui.preview.records import (
    Action,
    AttributeChange,
    Behavior,
    CleanupLine,
    Collision,
    Effects,
    Ending,
    Failure,
    Lost,
    MadeBy,
    Phase,
    Preview,
    Remaining,
    ScriptToRun,
    Stays,
    Verdict,
)

SGR = re.compile(r"\x1b\[[0-9;]*m")


def text_of(preview: Preview, width: int = 100, color: bool = False, paths: bool = False) -> str:
    return rendered(preview, "table", paths, width, color).decode("utf-8")


@pytest.mark.parametrize("width", [40, 50, 64, 79, 80, 99, 100, 120, 250])
@pytest.mark.parametrize("preview", [single(), behaviors(), chain()], ids=["single", "behaviors", "chain"])
def test_a_table_fits_the_terminal(preview: Preview, width: int) -> None:
    assert max(map(len, text_of(preview, width).splitlines())) <= width


def test_colours_are_only_what_a_terminal_adds() -> None:
    plain, colored = text_of(chain()), text_of(chain(), color=True)
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    assert [line.rstrip() for line in SGR.sub("", colored).splitlines()] == plain.splitlines()


def test_long_sections_are_cut_unless_all_paths_are_asked_for() -> None:
    text = text_of(single())
    assert "and 13 more; --paths lists them all" in text
    assert "/srv/shop/many/16" in text and "/srv/shop/many/17" not in text
    whole = text_of(single(), paths=True)
    assert "--paths" not in whole and all(f"/srv/shop/many/{number:02}" in whole for number in range(30))


def test_what_is_wrong_comes_first() -> None:
    text = text_of(single())
    places = [text.index(f"\n{title}") for title in ("FAILS", "In the way", "Lost", "Will be removed", "Will remain")]
    assert places == sorted(places)


def test_a_long_path_is_never_cut() -> None:
    long = "/srv/" + "x" * 3000
    verdict = replace(succeeding(), effects=Effects((long,)), remains=(Remaining(long, Stays.RETAINED),))
    assert text_of(Preview((verdict,), verdict.effects), 80).count(f"  {long}\n") == 2


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (succeeding(), "SUCCEEDS: its cleanup removes 1 path, and its Install event carries out 1 instruction"),
        (replace(succeeding(), ending=Ending.IN_SCRIPT), "FAILS in a script, as told: its cleanup removes 1 path"),
        (replace(succeeding(), ending=Ending.IN_INSTALL), "FAILS in its Install event, as told, with all files in"),
        (failing(), "FAILS in its Install event, before anything is copied; its cleanup has then removed 2 paths"),
        (replace(failing(), failure=Failure(Phase.DOWNLOAD, "no")), "FAILS at DownloadBundle, so that it never comes"),
        (
            replace(failing(), failure=Failure(Phase.APPSPEC, "no")),
            "FAILS in its Install event, at the appspec, before",
        ),
        (replace(failing(), failure=Failure(Phase.CLEANUP, "no")), "FAILS in its Install event, in the cleanup; its"),
        (replace(failing(), failure=Failure(Phase.INSTALL, "no", None, False)), "(not for certain: see the notes)"),
    ],
)
def test_the_outcome_is_a_sentence(verdict: Verdict, line: str) -> None:
    assert line in text_of(Preview((verdict,), verdict.effects), 250)


def test_an_encoding_that_has_not_all_characters_is_escaped() -> None:
    verdict = replace(succeeding(), effects=Effects(("/srv/e\U0001f600",)))
    assert b"/srv/e\\U0001f600\n" in rendered(Preview((verdict,), verdict.effects), "table", encoding="ascii")


def of_name(name: str) -> Preview:
    """A preview in which every text of the instance is that name."""
    path, made_by = f"/{name}", MadeBy(Mark.DEPLOYED, Confidence.LIKELY, name, name, name, name)
    effects = Effects((path,), (path,), (path,), (path,))
    verdict = Verdict(
        name, name, Behavior.DISALLOW, "option", 1, Failure(Phase.INSTALL, name, path),
        collisions=(Collision(path, Phase.INSTALL, name, made_by, "move it", path),),
        cleanup=(CleanupLine(path, Action.UNKNOWN, 1, path, name),), effects=effects, possibly=effects,
        overwritten=(path,), retained=(path,), written_through=((path, path),), lost=(Lost(path, name, 1, made_by),),
        remains=(Remaining(path, Stays.OTHER_GROUP, name),),
        attributes=(AttributeChange(path, (0, 1), (0, 1), (0, 1), path),),
        scripts=(ScriptToRun(name, name, name, path, True, True, name, name),), pruned=(name,), notes=(name,),
        guide=(name,),
    )  # fmt: skip
    return Preview((verdict, verdict), effects, effects, verdict.lost)


all_nasty = of_name(from_bytes(b"".join(NASTY).replace(b"/", b"_")))


@given(names.map(of_name), st.integers(20, 140))
@always(all_nasty, 80)
def test_no_raw_control_character_reaches_a_terminal(preview: Preview, width: int) -> None:
    assert RAW.search(text_of(preview, width, paths=True)) is None


@given(names)
def test_csv_and_json_hold_every_name_exactly(name: str) -> None:
    preview = of_name(name)
    text = rendered(preview, "csv").decode("utf-8")
    assert RAW.search(text.replace("\r\n", "\n")) is None
    for row in csv.DictReader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
        assert (unescaped(row["path"]), unescaped(row["group"])) == (f"/{name}", name)
    whole = json.loads(rendered(preview, "json"))
    for item in (*map(json.loads, rendered(preview, "jsonl").splitlines()), *whole["lost"], *whole["in_the_way"]):
        raw = base64.b64decode(item["path_b64"]) if "path_b64" in item else item["path"].encode()
        assert raw == to_bytes(f"/{name}")


def test_a_windows_instance_has_native_paths_in_every_format() -> None:
    path, native = "/C:/temp/a\u202e.txt", "C:\\temp\\a\u202e.txt"
    made_by = MadeBy(Mark.ORPHANED, Confidence.CERTAIN, SHOP, None, r"C:\temp lists it", "C:/x/y:3")
    verdict = replace(
        failing(), effects=Effects((path,), (), (path,), (path,)), failure=Failure(Phase.CLEANUP, "C:/temp", path),
        collisions=(Collision(path, Phase.CLEANUP, "C:/temp", made_by, "mend it", path),), possibly=Effects((path,)),
        cleanup=(CleanupLine(path, Action.REMOVED, 1, path),), lost=(Lost(path, "why", 1),),
        written_through=((path, path),),
        remains=(Remaining(path, Stays.NOT_LISTED),), overwritten=(path,), retained=(path,),
        attributes=(AttributeChange(path, None, None, None, path),),
        scripts=(ScriptToRun("AfterInstall", r"s\a.bat", "app.zip", path, True, None, None),),
    )  # fmt: skip
    preview, of = Preview((verdict,), verdict.effects), windows()
    json_text = rendered(preview, "json", of=of).decode()
    whole = json.loads(json_text)
    assert not re.search(r'"/[A-Z]:', json_text)
    assert whole["removed"] == whole["collisions"] == whole["possibly"]["removed"] == [native]
    assert whole["cleanup"][0]["real"] == whole["failure"]["path"] == whole["scripts"][0]["path"] == native
    assert {item["path"] for item in map(json.loads, rendered(preview, "jsonl", of=of).splitlines())} == {native}
    cells = list(csv.DictReader(io.StringIO(rendered(preview, "csv", of=of).decode(), newline="")))
    assert {row["path"] for row in cells} == {"C:\\temp\\a<U+202E>.txt"}
    text = rendered(preview, "table", width=160, of=of).decode()
    assert "  C:\\temp\\a<U+202E>.txt" in text and "C:\\temp lists it (C:\\x\\y:3)" in text
    assert not re.search(r"/[A-Z]:", text)
