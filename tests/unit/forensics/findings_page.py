"""The page that lists all codes, made from the table of codes.

``python -m tests.unit.forensics.findings_page`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import tui.forensics.findings
from tui.forensics.findings.codes import SECTIONS

PAGE = Path(tui.forensics.findings.__file__).parent / "README.md"


def page() -> str:
    """The page's text."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Findings"
    yield ""
    yield "What a scan can find, by code. A finding carries the paths it is about (the first 200, and the count of"
    yield "all), where it is written down, and often more than stands here. `scan --exit-code` ends with 1 where a"
    yield "warning or a critical one was found."
    for title, kinds in SECTIONS.items():
        yield ""
        yield f"## {title}"
        for code, kind in kinds.items():
            severities = ", ".join(severity.label for severity in kind.severities)
            name = kind.title.replace("{", "*").replace("}", "*")
            yield ""
            yield f"### `{code}`"
            yield ""
            yield f"**{name}** ({severities})"
            yield ""
            yield kind.meaning
            yield f"*What to do:* {kind.advice}"


if __name__ == "__main__":
    PAGE.write_bytes(page().encode())
