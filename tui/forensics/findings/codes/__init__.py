"""Every code that a finding can have, in one table: code -> severities, title, meaning, what to do."""

from __future__ import annotations

from collections.abc import Mapping

from tui.forensics.findings.codes.agent import AGENT
from tui.forensics.findings.codes.files import FILES
from tui.forensics.findings.codes.groups import GROUPS
from tui.forensics.findings.codes.installs import INSTALLS
from tui.forensics.findings.codes.kinds import Kind
from tui.forensics.findings.codes.records import RECORDS
from tui.forensics.findings.codes.walks import WALKS

# The sections of the page that lists them.
SECTIONS: Mapping[str, Mapping[str, Kind]] = {
    "Deployments and what comes next": INSTALLS,
    "Files": FILES,
    "Groups and space": GROUPS,
    "The agent": AGENT,
    "Records": RECORDS,
    "What was not looked at": WALKS,
}
CODES: Mapping[str, Kind] = {code: kind for section in SECTIONS.values() for code, kind in section.items()}

__all__ = ["CODES", "SECTIONS", "Kind"]
