"""The ``scan`` document as JSON: ASCII alone, a member a line, a path a line."""

from __future__ import annotations

import json

from tui.forensics.examination import Examination
from tui.report.document import document, path_objects
from tui.report.sink import Sink


def write(examination: Examination, sink: Sink, paths: bool = False) -> None:
    """Write the document; with ``paths`` the object of every path too, one by one as they are made."""
    text = json.dumps(document(examination), indent=2, allow_nan=False)
    if not paths:
        sink.write(text + "\n")
        return
    sink.write(text[: -len("\n}")] + ',\n  "paths": [')
    separator = "\n    "
    for line in path_objects(examination):
        sink.write(separator + line)
        separator = ",\n    "
    sink.write("]\n}\n" if separator == "\n    " else "\n  ]\n}\n")
