"""Codes of findings about deployment groups, and the space they take."""

from __future__ import annotations

from tui.forensics.findings.codes.kinds import INFO, WARNING, Kind
from tui.forensics.marks import Severity

GROUPS = {
    "claimed-twice": Kind(
        WARNING,
        "files that the cleanup files of two groups list",
        "The next deployment of either group removes them, and with them what the other one installed.",
        "Give each group a destination of its own. Where one of the groups is gone, deploy the other one again after "
        "its files have been removed.",
    ),
    "destinations-overlap": Kind(
        (Severity.WARNING, Severity.INFO),
        "two groups install into the same place",
        "With DISALLOW a deployment of either fails on a file that the other put there. With OVERWRITE it takes the "
        "file over, and then a cleanup of either removes it.",
        "Give each group a destination of its own.",
    ),
    "group-abandoned": Kind(
        (Severity.WARNING, Severity.INFO),
        "the group looks abandoned",
        "The agent removes a group's files and revisions only when the group is deployed again.",
        "If the group is gone, scan with --group-gone and its id to see what it holds.",
    ),
    "revisions-space": Kind(
        INFO,
        "{number} revisions take {size}",
        "Revisions and bundles stay until their own group's later deployments prune them.",
        "To keep fewer, set max_revisions in the agent's config and restart the agent. Do not empty root_dir by hand: "
        "the records of what is deployed are in it.",
    ),
}
