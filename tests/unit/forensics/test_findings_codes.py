"""The table of codes holds what the program can give, and the page lists the table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import tui
from tests.unit.forensics.findings_page import PAGE, page
from tui.forensics.findings.codes import CODES, SECTIONS
from tui.forensics.findings.codes.records import RECORDS

TUI = Path(tui.__file__).parent
FINDINGS = TUI / "forensics" / "findings"


def calls(directory: Path, name: str) -> Iterator[ast.Call]:
    for path in directory.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            func = node.func
            called = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
            if called == name:
                yield node


def texts(directory: Path, besides: str) -> set[str]:
    """All texts in the code of a directory, one of its subdirectories left out."""
    return {
        node.value
        for path in directory.rglob("*.py")
        if besides not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def first_texts(directory: Path, name: str) -> set[str]:
    found = {call.args[0].value for call in calls(directory, name) if isinstance(call.args[0], ast.Constant)}
    return {text for text in found if isinstance(text, str)}


def through(name: str) -> set[str]:
    """Codes given to a method of that name, which makes the Problem."""
    return {
        call.args[0].value
        for directory in ("system", "forensics")
        for call in calls(TUI / directory, name)
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def test_every_problem_of_a_record_is_in_the_table() -> None:
    directly = first_texts(TUI / "agent", "Problem") | first_texts(TUI / "forensics", "Problem")
    assert directly | through("problem") | through("_problem") == set(RECORDS)


def test_every_note_of_a_walk_is_in_the_table() -> None:
    given = {f"walk-{code}" for code in first_texts(TUI / "disk", "Note")}
    assert given and given <= set(SECTIONS["What was not looked at"])


def test_every_other_code_is_given_somewhere() -> None:
    others = {
        code for name, kinds in SECTIONS.items() for code in kinds if name not in ("Records", "What was not looked at")
    }
    assert others <= texts(FINDINGS, besides="codes")
    assert first_texts(FINDINGS, "make") <= set(CODES)


def test_no_code_stands_in_two_sections() -> None:
    assert sum(map(len, SECTIONS.values())) == len(CODES)


def test_the_page_lists_the_table() -> None:
    assert PAGE.read_bytes().replace(b"\r\n", b"\n").decode() == page()
